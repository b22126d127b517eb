// Lets this browser show notices. Nobody is asked for permission before a click.
const box = document.querySelector("[data-push]");
const button = box?.querySelector(".act button");
const state = box?.querySelector("[role=status]");

const say = (what) => { state.textContent = box.dataset[what]; };

let policy; // a second one of the same name would be refused

async function begin() {
  button.disabled = true;
  try {
    if ((await Notification.requestPermission()) !== "granted") return say("denied");
    policy ??= window.trustedTypes?.createPolicy("push", { createScriptURL: () => "/sw.js" });
    await navigator.serviceWorker.register(policy ? policy.createScriptURL("") : "/sw.js");
    const worker = await navigator.serviceWorker.ready;
    const { endpoint, keys } = (await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: box.dataset.push })).toJSON();
    const answer = await fetch(box.dataset.action, { method: "POST", body: new URLSearchParams({ endpoint, p256dh: keys.p256dh, auth: keys.auth }) });
    if (answer.ok) location.assign("/account/following?done=device");
    else say("failed");
  } catch {
    say("failed");
  } finally {
    button.disabled = false;
  }
}

if (box && !("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) say("cannot");
else if (box && Notification.permission === "denied") say("denied");
else if (box) {
  button.hidden = false;
  button.addEventListener("click", begin);
}
