// Votes without a new page, and the results for whoever has voted.

const poll = document.querySelector(".poll");
const form = poll.querySelector("form");
const wrong = form.querySelector(".wrong");
const button = form.querySelector("button");

function show(said) {
  for (const i of form.option) {
    const [share, result, mine] = said.options[i.value] || [0];
    const li = i.closest("li");
    const line = li.lastElementChild;
    li.className = mine && "mine";
    if (mine) i.checked = true;
    line.hidden = !result;
    line.querySelector("rect").setAttribute("width", share);
    line.querySelector("span").textContent = result;
    line.querySelector("b").textContent = mine;
  }
  poll.querySelector(".voters").textContent = said.voters;
  button.textContent = said.button;
}

async function ask(address, body) {
  const answer = await fetch(address, { method: body ? "POST" : "GET", headers: { Accept: "application/json" }, body });
  if (answer.status === 204) return;
  const said = await answer.json();
  if (!answer.ok) throw said;
  said.login ? location.assign(said.login) : show(said);
}

form.onsubmit = (e) => {
  e.preventDefault();
  wrong.hidden = button.disabled = true;
  ask(form.action, new URLSearchParams(new FormData(form))).catch((e) => {
    wrong.textContent = e.error || poll.dataset.failed;
    wrong.hidden = false;
  }).finally(() => (button.disabled = false));
};

if (/(^|; )(__Host-)?member[-\d]*=1/.test(document.cookie)) ask("/me/poll/" + poll.dataset.poll).catch(() => {});
