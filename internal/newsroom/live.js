// A board is looked at every few seconds, while somebody looks at it. What is marked in it
// stays as it is until it is not. This module stands before those that follow a board.
const board = document.querySelector("[data-live]");
const status = document.querySelector("#fresh");

function marked(part) {
  const selection = getSelection();
  return !selection.isCollapsed && part.contains(selection.anchorNode);
}

// follow gives renew each part of the board that has changed, and the one that is to take
// its place; plain is how a part is compared.
function follow(every, renew, plain = (part) => part.innerHTML) {
  const later = () => setTimeout(look, every);
  const address = new URL(location.href);
  for (const told of ["done", "story"]) address.searchParams.delete(told); // what has just been done
  const fail = () => {
    status.textContent = board.dataset.failed;
    later();
  };
  function look() {
    if (document.hidden) return later();
    const request = new XMLHttpRequest(); // makes a document, as only it may
    request.open("GET", address);
    request.responseType = "document";
    request.onload = () => {
      const fresh = request.status === 200 && request.response?.querySelector("[data-live]");
      if (!fresh) return fail();
      for (const part of board.querySelectorAll("[data-fresh]")) {
        const next = fresh.querySelector(`[data-fresh="${CSS.escape(part.dataset.fresh)}"]`);
        if (next && !marked(part) && plain(part) !== plain(next)) renew(part, next);
      }
      if (status.textContent === board.dataset.failed) status.textContent = "";
      later();
    };
    request.onerror = fail;
    request.send();
  }
  later();
}
