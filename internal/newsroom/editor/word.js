// What Word puts on the clipboard: lists that are paragraphs with a sign before
// them, and marks of its own. mend makes lists of them.

const level = (p) => /mso-list:\s*l\d+\s+level(\d+)/i.exec(p.getAttribute("data-style") || "");
const isItem = (e) => e?.localName === "p" && (level(e) || /^MsoListParagraph/.test(e.className) && e.querySelector("[data-style*='mso-list' i]"));

// sign takes the bullet or the number out of an item and returns it.
function sign(p) {
  const ignored = p.querySelector("[data-style*='mso-list:Ignore' i], [data-style*='mso-list: Ignore' i]");
  if (ignored) {
    const text = ignored.textContent.trim();
    // What wraps nothing but the sign goes with it.
    let outer = ignored;
    while (outer.parentNode !== p && outer.parentNode.textContent.trim() === text) outer = outer.parentNode;
    outer.remove();
    return text;
  }
  const texts = p.ownerDocument.createTreeWalker(p, NodeFilter.SHOW_TEXT);
  for (let t = texts.nextNode(); t; t = texts.nextNode()) {
    if (!t.data.trim()) continue;
    const m = /^\s*([·•§o▪\-–]|\(?[\divxlc]+[.)])([\s\u00a0]+|$)/i.exec(t.data);
    const after = m && !m[2] ? texts.nextNode() : null;
    if (!m || (!m[2] && !/^[\s\u00a0]/.test(after?.data || ""))) return "";
    t.data = t.data.slice(m[0].length);
    if (after) after.data = after.data.replace(/^[\s\u00a0]+/, "");
    return m[1];
  }
  return "";
}

const isNumber = (text) => /^\(?([\da-z]+|[ivxlc]+)[.)]$/i.test(text);

// mend changes body in place.
export function mend(body) {
  // Conditional comments hide a second sign from programs that know lists.
  const comments = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_COMMENT);
  const gone = [];
  for (let c = comments.nextNode(); c; c = comments.nextNode()) gone.push(c);
  for (const c of gone) c.remove();

  for (const p of [...body.querySelectorAll("p")]) {
    if (!p.isConnected || !isItem(p)) continue;
    const list = { node: null };
    let at = p;
    while (isItem(at)) {
      let next = at.nextSibling;
      while (next && next.nodeType === Node.TEXT_NODE && !next.data.trim()) next = next.nextSibling;
      const ordered = isNumber(sign(at));
      const name = ordered ? "ol" : "ul";
      if (list.node?.localName !== name) {
        list.node = body.ownerDocument.createElement(name);
        at.before(list.node);
      }
      const li = body.ownerDocument.createElement("li");
      li.append(...at.childNodes);
      at.remove();
      list.node.append(li);
      at = next;
    }
  }
}
