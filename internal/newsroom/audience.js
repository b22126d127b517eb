// The board of what is read is looked at every five seconds, while somebody looks at it.
// What has the focus, or what is marked, stays as it is until it has not.

const every = 5000;
const board = document.querySelector("[data-live]");
const status = document.querySelector("#fresh");

function busy(part) {
  const marked = getSelection();
  return part.contains(document.activeElement) || (!marked.isCollapsed && part.contains(marked.anchorNode));
}

function renew(fresh) {
  for (const part of board.querySelectorAll("[data-fresh]")) {
    const next = fresh.querySelector(`[data-fresh="${CSS.escape(part.dataset.fresh)}"]`);
    if (!next || busy(part) || part.innerHTML === next.innerHTML) continue;
    const open = part.querySelector("details")?.open;
    part.replaceWith(next);
    if (open) next.querySelector("details").open = true;
  }
}

function look() {
  if (document.hidden) return later();
  const request = new XMLHttpRequest(); // makes a document, as only it may
  request.open("GET", location.href);
  request.responseType = "document";
  request.onload = () => {
    const fresh = request.status === 200 && request.response?.querySelector("[data-live]");
    if (fresh) renew(fresh);
    status.textContent = fresh ? "" : board.dataset.failed;
    later();
  };
  request.onerror = () => {
    status.textContent = board.dataset.failed;
    later();
  };
  request.send();
}

function later() { setTimeout(look, every); }
later();
