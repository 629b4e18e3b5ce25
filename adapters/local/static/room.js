// The middle: one room or direct chat, its past above and the live chat below.

import { announce, h, icon, refresh } from "./dom.js";
import { Composer } from "./composer.js";
import { lang, t } from "./i18n.js";
import { List } from "./list.js";
import { inOrder } from "./model.js";
import { avatar, botAvatar } from "./people.js";
import { Scroller } from "./scroller.js";
import { working } from "./status.js";
import { strip } from "./strip.js";

export class RoomPane {
  #loading = false;
  #stripClosed = false;

  constructor({ model, chat, actions, load }) {
    Object.assign(this, { model, chat, actions, load });
    this.items = h("div", { class: "entries", role: "log", "aria-live": "off", "aria-label": t("room.log", { name: model.chatName(chat) }) });
    this.blank = h("div", { class: "blank" });
    this.box = h("div", { class: "scroll", tabindex: "0" }, this.blank, this.items);
    this.latest = h("button", { type: "button", class: "latest", hidden: true, onclick: () => this.toLatest() }, icon("down"), h("span", {}));
    this.status = h("div", { class: "status", "aria-live": "polite" });
    this.strip = h("div", { class: "strip-place" });
    this.composer = new Composer({ model, placeholder: this.#placeholder(), send: (text, nonce) => actions.say(chat, "", text, nonce) });
    this.list = new List(this.items, { model, actions });
    this.scroller = new Scroller(this.box, {
      onTop: () => this.#more("before"), onBottom: () => this.#more("after"), onMove: () => this.#paintLatest(),
    });
    this.head = h("header", { class: "pane-head" });
    this.element = h("main", { class: "room", id: "room" }, this.head, h("div", { class: "room-body" }, this.box, this.latest), this.status, this.strip, this.composer.element);
  }

  #placeholder() {
    if (this.model.isDirect(this.chat)) return t("composer.direct", { bot: this.model.team.bot });
    const wide = matchMedia("(min-width: 800px)").matches;
    return t(wide ? "composer.room" : "composer.room_short", { name: this.model.chatName(this.chat), bot: this.model.team.bot });
  }

  get #room() {
    return this.model.rooms.get(this.chat);
  }

  /** Show everything anew: at the end, or at the message a link led to (for a reply: at what it hangs from). */
  open(target = null) {
    this.paint();
    const node = target && this.list.node(target.root || target.id);
    if (node) this.scroller.toMessage(node, { cited: !target.root });
    else this.scroller.toEnd();
    this.#paintLatest();
  }

  paint() {
    this.#paintHead();
    const entries = inOrder(this.#room.entries);
    this.scroller.following(() => {
      this.list.show(entries);
      this.blank.replaceChildren(...(entries.length === 0 ? [this.#empty()] : []));
      this.#paintStrip(entries);
      this.status.replaceChildren(...working(this.model, this.model.working(this.chat, null)));
    });
    this.#paintLatest();
  }

  /** Tell who listens what has just been said by somebody else. */
  hear(entries) {
    for (const entry of entries) {
      if (entry.chat !== this.chat || entry.author === this.model.me) continue;
      const who = entry.kind === "card" ? this.model.team.bot : this.model.person(entry.author)?.name ?? "";
      announce(t("room.heard", { who, text: entry.body.card?.text || entry.body.text }));
    }
  }

  async toLatest() {
    if (!this.#room.atEnd) {
      const { entries } = await this.load({});
      this.model.load(this.chat, entries, { atStart: entries.length === 0, atEnd: true });
      this.paint();
    }
    this.scroller.toEnd();
    this.composer.input.focus();
  }

  async #more(direction) {
    const room = this.#room;
    if (this.#loading || !room || room.entries.size === 0 || (direction === "before" ? room.atStart : room.atEnd)) return;
    this.#loading = true;
    try {
      const ids = [...room.entries.keys()].sort();
      const { entries } = await this.load({ [direction]: direction === "before" ? ids[0] : ids.at(-1) });
      const done = entries.length === 0;
      const change = () => this.model.extend(this.chat, entries, direction === "before" ? { atStart: done } : { atEnd: done });
      change();
      if (direction === "before") this.scroller.steady(() => this.list.show(inOrder(room.entries)));
      else this.list.show(inOrder(room.entries));
    } catch { /* scrolling on tries again */ } finally {
      this.#loading = false;
    }
  }

  #paintHead() {
    const { model, chat, actions } = this;
    const readers = model.readers(chat);
    const others = lang() === "en" ? "中文" : "English";
    refresh(this.head, [
      h("button", { type: "button", class: "tool menu", "aria-label": t("room.menu"), onclick: () => actions.toggleMenu() }, icon("menu"), this.#elsewhere() > 0 && h("span", { class: "menu-dot" })),
      h("div", { class: "pane-names" },
        h("h1", {}, h("span", { class: "place-kind" }, model.isDirect(chat) ? botAvatar("tiny") : icon(model.isPrivate(chat) ? "lock" : "hash")), h("span", {}, model.chatName(chat)), model.isDirect(chat) && h("span", { class: "tag ai" }, "AI")),
        h("p", { class: "topic" }, model.topic(chat))),
      !model.isDirect(chat) && h("span", { class: "readers", title: readers.map((person) => person.name).join(", ") },
        h("span", { class: "faces", "aria-hidden": "true" }, readers.slice(0, 4).map((person) => avatar(person, "tiny"))), h("span", {}, t(model.isPrivate(chat) ? "room.members_private" : "room.members", { count: readers.length }))),
      h("span", { class: "pane-tools" },
        this.#stripClosed && h("button", { type: "button", class: "tool", "aria-label": t("strip.show"), title: t("strip.show"), onclick: () => this.#setStrip(false) }, icon("help")),
        h("button", { type: "button", class: "tool language", lang: lang() === "en" ? "zh-CN" : "en", "aria-label": t("room.language"), title: t("room.language"), onclick: () => actions.switchLanguage() }, others),
        h("button", { type: "button", class: "tool theme", "aria-label": t("room.theme"), title: t("room.theme"), onclick: () => actions.switchTheme() }, icon("sun"), icon("moon"))),
      h("a", { class: "me-now", href: "#", "aria-label": t("room.you_are", { name: model.self.name }), onclick: (event) => { event.preventDefault(); actions.toggleMenu(); } }, avatar(model.self, "small")),
    ]);
  }

  #elsewhere() {
    return this.model.chats.filter((chat) => chat !== this.chat).reduce((sum, chat) => sum + this.model.unread(chat), 0);
  }

  #paintStrip(entries) {
    const spoke = entries.some((entry) => entry.kind === "said" && entry.author === this.model.me);
    const owns = this.model.isDirect(this.chat) && ["owner", "deputy"].includes(this.model.self.role);
    const look = this.#stripClosed || spoke || owns || !this.#room.atEnd ? "" : `${lang()} ${this.model.news.waiting[this.model.me]}`;
    if (this.strip.dataset.look === look) return;
    this.strip.dataset.look = look;
    this.strip.replaceChildren(...(look ? [strip(this.model, this.actions, () => this.#setStrip(true))] : []));
  }

  #setStrip(closed) {
    this.#stripClosed = closed;
    this.strip.dataset.look = "?";
    this.paint();
  }

  #empty() {
    return h("div", { class: "empty" }, this.model.isDirect(this.chat) ? botAvatar("big") : h("span", { class: "empty-mark" }, icon("hash")),
      h("h2", {}, this.model.isDirect(this.chat) ? t("empty.direct", { bot: this.model.team.bot }) : t("empty.room", { name: this.model.chatName(this.chat) })),
      h("p", {}, this.model.isDirect(this.chat) ? t(`empty.direct.${this.model.self.role === "owner" ? "owner" : "others"}`) : t("empty.room.text", { bot: this.model.team.bot })));
  }

  #paintLatest() {
    const away = !this.#room?.atEnd || !this.scroller.atEnd;
    this.latest.hidden = !away;
    this.latest.lastElementChild.textContent = t("room.latest");
  }
}
