// Builds the page out of elements and text nodes. Nothing anybody wrote is ever read as HTML.

/** An element: `on…` props are listeners, null and false props are left out, strings become text nodes. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

export function append(parent, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child);
  }
  return parent;
}

/** Put other children in; who had the focus at some place in there has it at the same place again. */
export function refresh(parent, children) {
  const before = focusables(parent).indexOf(document.activeElement);
  parent.replaceChildren();
  append(parent, children);
  if (before >= 0) focusables(parent)[before]?.focus({ preventScroll: true });
}

function focusables(parent) {
  return [...parent.querySelectorAll("a[href], button")];
}

const SHAPES = {
  hash: "M9 4 7 20M17 4l-2 16M4 9h16M3 15h16",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  direct: "M4 5h16v11H9l-5 4z",
  close: "M6 6l12 12M18 6 6 18",
  back: "M14.5 5 8 12l6.5 7",
  menu: "M4 7h16M4 12h16M4 17h16",
  send: "M4 12 20 4l-4.5 16-3.5-6.5zM20 4l-8 9.5",
  at: "M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0v1.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-3.6 7.2",
  slash: "M15 4 9 20",
  thread: "M4 5h16v10H12l-4 4v-4H4z M8 9h8M8 12h5",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5 19 19M19 5l-1.5 1.5M6.5 17.5 5 19",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  down: "M12 5v14M6 13l6 6 6-6",
  bin: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  spark: "M12 3l1.9 5.6L19.5 10.5l-5.6 1.9L12 18l-1.9-5.6L4.5 10.5l5.6-1.9zM19 16l.8 2.2L22 19l-2.2.8L19 22l-.8-2.2L16 19l2.2-.8z",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6",
  help: "M9.2 9.2a2.9 2.9 0 1 1 4.4 2.6c-1 .6-1.6 1.1-1.6 2.2M12 17.4v.2",
  up: "M7 11v9H4v-9zM7 11l4-7.5c1.4 0 2.3 1 2.1 2.4L12.5 10H18a2 2 0 0 1 2 2.4l-1.2 6A2 2 0 0 1 16.800 20H7",
  "down-thumb": "M7 13V4H4v9zM7 13l4 7.500c1.400 0 2.300-1 2.100-2.400L12.500 14H18a2 2 0 0 0 2-2.400l-1.200-6A2 2 0 0 0 16.800 4H7",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
  open: "M8 6h10v10M18 6 7 17",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/** Two circles, one standing in for the other: the bot's face. */
export function logo() {
  return h("img", { class: "logo", src: "/local/static/favicon.svg", alt: "" });
}

/** Tell somebody who cannot see the page. */
export function announce(text) {
  document.getElementById("say").textContent = text;
}
