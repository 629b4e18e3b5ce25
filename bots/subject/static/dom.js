// Elements from data. Words only ever become text: nothing that anybody wrote is read as HTML.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export function section(title, ...children) {
  return h("section", { class: "part" }, h("h2", {}, title), ...children);
}

export function button(label, act, kind = "") {
  const element = h("button", { type: "button", class: kind, onclick: async () => {
    if (element.disabled) return;
    element.disabled = true;
    try {
      await act();
    } finally {
      element.disabled = false;
    }
  } }, label);
  return element;
}

// The notice's few forms: a heading, paragraphs, a list, **strong**, *stressed* and `typed`.
export function prose(markdown) {
  const parts = [];
  for (const block of markdown.trim().split(/\n\s*\n/)) {
    const heading = block.match(/^#+ (.*)$/);
    if (heading) parts.push(h("h3", {}, heading[1]));
    else if (/^- /m.test(block)) parts.push(h("ul", {}, block.split(/^- /m).filter((each) => each.trim()).map((each) => h("li", {}, inline(each)))));
    else parts.push(h("p", {}, inline(block)));
  }
  return parts;
}

function inline(text) {
  return text.split(/(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`)/).map((piece) => {
    if (piece.startsWith("**")) return h("strong", {}, piece.slice(2, -2));
    if (piece.startsWith("*") && piece.length > 2) return h("em", {}, piece.slice(1, -1));
    if (piece.startsWith("`")) return h("code", {}, piece.slice(1, -1));
    return piece;
  });
}

export function save(name, type, content) {
  const link = h("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// One name for a file wherever it is saved, so that a command can be shown that fits it.
export function fileName(what, name, ending = "json") {
  const plain = name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
  return `understudy-${what}${plain ? `-${plain}` : ""}.${ending}`;
}

export function pick(label, accept, take) {
  const input = h("input", { type: "file", accept, onchange: async () => {
    if (input.files.length) await take(await input.files[0].text());
  } });
  return h("label", { class: "file" }, h("span", {}, label), input);
}
