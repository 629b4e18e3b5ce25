// A list of entries that changes in place: what is the same stays the same element, so that nothing jumps and
// nobody loses the focus.

import { h } from "./dom.js";
import { day, lang, t } from "./i18n.js";
import { continues, message } from "./message.js";

export class List {
  #nodes = new Map(); // key → { node, look }

  constructor(element, { model, actions, inThread = false }) {
    this.element = element;
    this.model = model;
    this.actions = actions;
    this.inThread = inThread;
  }

  show(entries) {
    const wanted = [];
    let before = null;
    for (const entry of entries) {
      const newDay = !before || day(before.at) !== day(entry.at);
      const liveFrom = !this.inThread && entry.kind !== "past" && (before ? before.kind === "past" : false);
      if (liveFrom) wanted.push(this.#piece("live", lang(), () => border(t("room.live_from"), "live-from")));
      if (newDay) wanted.push(this.#piece(`day ${day(entry.at)}`, "", () => border(day(entry.at), "day")));
      const together = !newDay && !liveFrom && continues(entry, before);
      const look = [entry.change, entry.replies, entry.edited, together, lang()].join();
      wanted.push(this.#piece(entry.id, look, () => message(entry, { model: this.model, actions: this.actions, together, inThread: this.inThread })));
      before = entry;
    }
    this.#arrange(wanted);
  }

  node(id) {
    return this.#nodes.get(id)?.node ?? null;
  }

  #piece(key, look, make) {
    const known = this.#nodes.get(key);
    if (known?.look === look) return key;
    const node = make();
    if (known) {
      const focused = known.node.contains(document.activeElement);
      known.node.replaceWith(node);
      if (focused) node.focus({ preventScroll: true });
    }
    this.#nodes.set(key, { node, look });
    return key;
  }

  #arrange(keys) {
    const keep = new Set(keys);
    for (const [key, { node }] of this.#nodes) {
      if (keep.has(key)) continue;
      node.remove();
      this.#nodes.delete(key);
    }
    let place = this.element.firstElementChild;
    for (const key of keys) {
      const { node } = this.#nodes.get(key);
      if (node === place) place = place.nextElementSibling;
      else this.element.insertBefore(node, place);
    }
  }
}

function border(text, kind) {
  return h("div", { class: `border ${kind}`, role: "separator", "aria-label": text }, h("span", {}, text));
}
