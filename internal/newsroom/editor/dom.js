// Small helpers: the words of the page, and elements without markup.

const words = JSON.parse(document.querySelector("#words")?.textContent || "{}");

// say is a sentence of the interface, which the page has brought, with each %s
// filled in.
export function say(key, ...args) {
  return args.reduce((text, arg) => text.replace("%s", () => String(arg)), words[key] ?? key);
}

const numbers = new Intl.NumberFormat(document.documentElement.lang || undefined);
export const number = (n) => numbers.format(n);

// el makes an element. A function among the attributes listens to the event of
// its name; true and false are attributes that are there or not.
export function el(name, attrs = {}, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attrs)) {
    if (typeof value === "function") e.addEventListener(key, value);
    else if (value !== false && value != null) e.setAttribute(key, value === true ? "" : value);
  }
  e.append(...children.filter((c) => c != null && c !== false));
  return e;
}

let ids = 0;
export const freshID = (name) => `editor-${name}-${++ids}`;

// dialog makes a modal dialog with a heading. What had the focus gets it back
// when it closes, unless the closing put it somewhere else.
export function dialog(title, attrs, ...children) {
  const heading = el("h2", { id: freshID("title") }, title);
  const box = el("dialog", { "aria-labelledby": heading.id, ...attrs }, heading, ...children);
  return {
    box,
    open(back) {
      document.body.append(box);
      box.addEventListener("close", () => {
        box.remove();
        back?.();
      });
      box.showModal();
    },
  };
}

// field is a labelled input in a paragraph.
export function field(label, input) {
  input.id ||= freshID("field");
  return el("p", { class: "field" }, el("label", { for: input.id }, label), input);
}

export const button = (text, click, attrs = {}) => el("button", { type: "button", click, ...attrs }, text);
