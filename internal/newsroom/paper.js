// Lists that are put in order by dragging. Without a script, and by keyboard, the buttons
// do the same: what is sent is an order.
for (const list of document.querySelectorAll("[data-order]")) {
  const form = document.getElementById(list.dataset.order);
  let held = null;
  let before = "";
  const order = () => [...list.querySelectorAll("[data-id]")].map((li) => li.dataset.id).join(" ");
  const put = (y) => {
    for (const li of list.querySelectorAll("[data-id]")) {
      if (li === held) continue;
      const at = li.getBoundingClientRect();
      if (y < at.top || y > at.bottom) continue;
      list.insertBefore(held, y < at.top + at.height / 2 ? li : li.nextElementSibling);
    }
  };
  list.classList.add("live");
  list.addEventListener("pointerdown", (e) => {
    if (!e.target.closest(".grip") || e.button !== 0) return;
    held = e.target.closest("li");
    before = order();
    held.classList.add("held");
    list.setPointerCapture(e.pointerId);
    e.preventDefault();
  });
  list.addEventListener("pointermove", (e) => { if (held) put(e.clientY); });
  const drop = (keep) => {
    if (!held) return;
    held.classList.remove("held");
    held = null;
    if (!keep || order() === before) return before.split(" ").forEach((id) => list.append(list.querySelector(`[data-id="${CSS.escape(id)}"]`)));
    form.elements.order.value = order();
    form.submit();
  };
  list.addEventListener("pointerup", () => drop(true));
  list.addEventListener("pointercancel", () => drop(false));
  addEventListener("keydown", (e) => { if (e.key === "Escape") drop(false); });
}
