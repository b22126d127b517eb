// Recovery codes can be copied and printed with a button. Without this script
// the browser's own ways do.

const codes = document.querySelector(".codes");
const status = document.querySelector(".tools [role=status]");

const acts = {
  async copy(button) {
    await navigator.clipboard.writeText([...codes.children].map((c) => c.textContent).join("\n"));
    status.textContent = button.dataset.done;
  },
  print: () => print(),
};

for (const button of document.querySelectorAll(".tools button")) {
  button.hidden = button.dataset.act === "copy" && !navigator.clipboard;
  button.addEventListener("click", () => acts[button.dataset.act](button));
}
