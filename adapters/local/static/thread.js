// The right side (on a phone, the whole page): one message and what was said below it.

import { h, icon } from "./dom.js";
import { Composer } from "./composer.js";
import { t } from "./i18n.js";
import { List } from "./list.js";
import { inOrder } from "./model.js";
import { Scroller } from "./scroller.js";
import { working } from "./status.js";

export class ThreadPane {
  constructor({ model, actions }) {
    const { chat, root } = model.thread;
    Object.assign(this, { model, chat, root, actions });
    this.items = h("div", { class: "entries", role: "log", "aria-live": "off", "aria-label": t("thread.log") });
    this.box = h("div", { class: "scroll", tabindex: "0" }, this.items);
    this.status = h("div", { class: "status", "aria-live": "polite" });
    this.list = new List(this.items, { model, actions, inThread: true });
    this.scroller = new Scroller(this.box, {});
    this.composer = new Composer({ model, placeholder: t("composer.thread"), send: (text, nonce) => actions.say(chat, root, text, nonce), buttons: false });
    this.foot = h("div", { class: "thread-foot" });
    this.element = h("aside", { class: "thread", "aria-label": t("thread.title") },
      h("header", { class: "pane-head" },
        h("button", { type: "button", class: "tool close", "aria-label": t("thread.close"), title: t("thread.close"), onclick: () => actions.closeThread() }, icon("back"), icon("close")),
        h("div", { class: "pane-names" }, h("h2", {}, t("thread.title")), h("p", { class: "topic" }, model.isDirect(chat) ? model.chatName(chat) : `# ${model.chatName(chat)}`))),
      this.box, this.status, this.foot);
  }

  open(cited = null) {
    this.paint();
    const node = cited && this.list.node(cited);
    if (node) this.scroller.toMessage(node, { cited: true });
    else this.scroller.toEnd();
  }

  paint() {
    const entries = inOrder(this.model.thread.entries);
    this.scroller.following(() => {
      this.list.show(entries);
      this.status.replaceChildren(...working(this.model, this.model.working(this.chat, this.root)));
    });
    const past = entries.some((entry) => entry.kind === "past");
    if (past === (this.foot.firstElementChild?.classList.contains("read-only") ?? null)) return;
    this.foot.replaceChildren(past ? h("p", { class: "read-only" }, t("thread.read_only")) : this.composer.element);
  }
}
