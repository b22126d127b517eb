// The fields of the form as the copy of a story has them, and back.

const texts = ["headline", "kicker", "standfirst", "dateline", "section", "slug", "kind", "format", "language", "sources", "notes", "source_notice", "sponsor"];
const lists = ["bylines", "topics"]; // one a line
const lead = ["picture", "caption", "credit", "alt", "video"];

const lines = (text) => text.split("\n").map((l) => l.trim()).filter(Boolean);

// describe says of a field that it is wrong, and where that is explained; "" that
// it is not any more.
function describe(e, id) {
  const others = (e.getAttribute("aria-describedby") || "").split(" ").filter((d) => d && d !== e.dataset.wrong);
  const all = id ? [...others, id] : others;
  if (all.length) e.setAttribute("aria-describedby", all.join(" "));
  else e.removeAttribute("aria-describedby");
  if (id) {
    e.dataset.wrong = id;
    e.setAttribute("aria-invalid", "true");
  } else {
    delete e.dataset.wrong;
    e.removeAttribute("aria-invalid");
  }
}

export function fields(form) {
  const at = (name) => form.elements.namedItem(name);
  const value = (name) => at(name)?.value ?? "";
  function put(name, text) {
    const e = at(name);
    if (!e || e.value === text) return;
    const [from, to] = e === document.activeElement && "selectionStart" in e ? [e.selectionStart, e.selectionEnd] : [];
    e.value = text;
    if (from != null) e.setSelectionRange(from, to);
  }
  const all = [...texts, ...lists, "weight", ...lead.map((l) => `lead_${l}`)];
  return {
    read() {
      const copy = {};
      for (const name of ["headline", "kicker", "standfirst"]) copy[name] = value(name);
      copy.bylines = lines(value("bylines"));
      for (const name of ["dateline", "section", "slug", "kind", "format", "language"]) copy[name] = value(name);
      copy.weight = Math.trunc(Number(value("weight"))) || 0;
      copy.topics = lines(value("topics"));
      for (const name of ["sources", "notes", "source_notice", "sponsor"]) copy[name] = value(name);
      copy.lead = Object.fromEntries(lead.map((l) => [l, value(`lead_${l}`)]));
      return copy;
    },

    // write shows a copy. A list that says the same already stays as it was typed.
    write(copy) {
      for (const name of texts) put(name, copy[name] ?? "");
      for (const name of lists) if (String(lines(value(name))) !== String(copy[name] || [])) put(name, (copy[name] || []).join("\n"));
      if ((Math.trunc(Number(value("weight"))) || 0) !== (copy.weight || 0)) put("weight", String(copy.weight || 0));
      for (const l of lead) put(`lead_${l}`, copy.lead?.[l] ?? "");
    },

    // edit lets the fields be edited, or only be read.
    edit(on) {
      for (const name of all) {
        const e = at(name);
        if (!e || e.type === "hidden") continue;
        if (e.localName === "select") e.disabled = !on; // it has no other way
        else e.readOnly = !on || "fixed" in e.dataset; // what somebody else says
      }
    },

    // wrong shows what the server says about fields; {} takes it away.
    wrong(said) {
      for (const e of form.querySelectorAll("[data-said]")) e.remove();
      for (const name of all) {
        const e = at(name);
        if (!e || e.type === "hidden") continue;
        const message = said[name] || said[name.replace("lead_", "lead.")];
        if (!message) {
          if (e.dataset.wrong) describe(e, "");
          continue;
        }
        const p = document.createElement("p");
        p.className = "wrong";
        p.dataset.said = name;
        p.id = `said-${name}`;
        p.textContent = message;
        e.after(p);
        describe(e, p.id);
      }
    },
  };
}
