// Passkeys: a form with data-do="get" or "create" is filled with what a passkey
// answers, and sent as any form is. Where there are none it stays hidden.

const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const forms = document.querySelectorAll("form[data-do]");
const can = window.PublicKeyCredential && navigator.credentials;
let waiting;
let chosen; // the button was pressed: there is one request at a time, and this is it

// Browsers before 2025 read and write no JSON of this sort.
function read(o, create) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) {
    return create ? PublicKeyCredential.parseCreationOptionsFromJSON(o) : PublicKeyCredential.parseRequestOptionsFromJSON(o);
  }
  o.challenge = bytes(o.challenge);
  if (o.user) o.user.id = bytes(o.user.id);
  for (const c of [...(o.allowCredentials ?? []), ...(o.excludeCredentials ?? [])]) c.id = bytes(c.id);
  return o;
}

function write(c) {
  try {
    return JSON.stringify(c.toJSON());
  } catch {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (c.response[name]) response[name] = text(c.response[name]);
    }
    return JSON.stringify({ id: c.id, rawId: text(c.rawId), type: c.type, response, clientExtensionResults: {} });
  }
}

async function ask(form, more) {
  const create = form.dataset.do === "create";
  const answer = await fetch(form.dataset.options, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
  if (answer.redirected) return location.reload(); // we have to show first who we are
  if (!answer.ok) throw new Error(answer.status);
  const publicKey = read(await answer.json(), create);
  form.elements.answer.value = write(await navigator.credentials[form.dataset.do]({ publicKey, ...more }));
  form.submit();
}

// offer has the browser name passkeys where an address is typed. A challenge
// grows old: while the page is open there are new ones.
async function offer(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  for (let again = !chosen, n = 0; again && n < 15; n++) {
    again = false;
    waiting = new AbortController();
    const old = setTimeout(() => { again = true; waiting.abort(); }, 240e3);
    try {
      await ask(form, { mediation: "conditional", signal: waiting.signal });
    } catch {
      // Nobody chose one.
    }
    clearTimeout(old);
  }
}

for (const form of can ? forms : []) {
  form.hidden = false;
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    chosen = true;
    waiting?.abort();
    const state = form.querySelector(".state");
    state.textContent = "";
    try {
      await ask(form);
    } catch {
      state.textContent = form.dataset.failed;
    }
  });
}
if (!can) document.querySelectorAll(".without").forEach((p) => p.classList.add("told"));
else if (document.querySelector("[autocomplete~=webauthn]") && forms[0]) offer(forms[0]);
