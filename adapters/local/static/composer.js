// Where one writes: a text area that grows, completion, and a line that says what went wrong.

import { nonce } from "./api.js";
import { complete } from "./complete.js";
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { avatar, botAvatar } from "./people.js";

let count = 0;

export class Composer {
  #items = [];
  #from = 0;
  #chosen = 0;
  #nonce = nonce();
  #sending = false;

  /** `send(text, nonce)` returns once it is safely kept; until then the text stays where it was written. */
  constructor({ model, placeholder, send, buttons = true }) {
    this.model = model;
    this.send = send;
    const id = `composer-${(count += 1)}`;
    this.input = h("textarea", {
      id, rows: "1", placeholder, "aria-label": placeholder, autocomplete: "off", enterkeyhint: "send", maxlength: "12000",
      "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": `${id}-list`,
      oninput: () => this.#changed(), onkeydown: (event) => this.#key(event), onclick: () => this.#suggest(),
      onblur: () => setTimeout(() => this.#hide(), 150),
    });
    this.list = h("ul", { id: `${id}-list`, class: "completion", role: "listbox", "aria-label": t("complete.label"), hidden: true });
    this.problem = h("p", { class: "problem", role: "alert", hidden: true });
    this.button = h("button", { type: "submit", class: "send", "aria-label": t("composer.send"), title: t("composer.send"), disabled: true }, icon("send"));
    this.element = h("form", { class: "composer", novalidate: true, onsubmit: (event) => { event.preventDefault(); this.#submit(); } },
      this.list,
      this.problem,
      h("div", { class: "composer-box" },
        buttons && this.#opener("at", "@", t("composer.mention")),
        buttons && this.#opener("slash", "/", t("composer.command")),
        this.input,
        this.button),
    );
  }

  /** Put words in, as if they had been typed. */
  write(text) {
    this.input.value = text;
    this.#changed();
    this.input.focus();
  }

  submitText(text) {
    this.write(text);
    this.#hide();
    return this.#submit();
  }

  #opener(shape, sign, name) {
    return h("button", { type: "button", class: "tool", title: name, "aria-label": name, onclick: () => {
      if (sign === "/") this.write(`/${this.model.team.bot} `);
      else this.write(this.input.value + (/(^|\s)$/.test(this.input.value) ? sign : ` ${sign}`));
    } }, icon(shape));
  }

  async #submit() {
    const text = this.input.value.trim();
    if (!text || this.#sending) return;
    this.#busy(true);
    try {
      await this.send(text, this.#nonce);
      this.input.value = "";
      this.#changed();
    } catch (error) {
      this.problem.textContent = t(`error.${error.code ?? "failed"}`);
      this.problem.hidden = false;
    } finally {
      this.#busy(false);
    }
  }

  #busy(sending) {
    this.#sending = sending;
    this.input.readOnly = sending;
    this.element.classList.toggle("sending", sending);
    this.button.disabled = sending || !this.input.value.trim();
  }

  /** Other words are another message: they get a name of their own. */
  #changed() {
    this.#nonce = nonce();
    this.problem.hidden = true;
    this.button.disabled = !this.input.value.trim();
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 180)}px`;
    this.#suggest();
  }

  #suggest() {
    const { from, items } = complete(this.input.value.slice(0, this.input.selectionStart), this.model);
    this.#from = from;
    this.#items = items;
    this.#chosen = 0;
    this.#paint();
  }

  #paint() {
    const open = this.#items.length > 0;
    this.list.hidden = !open;
    this.list.replaceChildren(...this.#items.map((item, index) => h("li", {
      id: `${this.list.id}-${index}`, role: "option", "aria-selected": String(index === this.#chosen),
      onmousedown: (event) => { event.preventDefault(); this.#take(index); },
    },
    item.person ? avatar(item.person, "small") : item.bot && botAvatar("small"),
    h("span", { class: "completion-label" }, item.label),
    h("span", { class: "completion-detail" }, item.detail))));
    if (open) {
      this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.#chosen}`);
      this.list.children[this.#chosen].scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  #hide() {
    this.#items = [];
    this.#paint();
  }

  #take(index) {
    const right = this.input.value.slice(this.input.selectionStart).replace(/^ /, "");
    const left = this.input.value.slice(0, this.#from) + this.#items[index].insert;
    this.input.value = left + right;
    this.input.setSelectionRange(left.length, left.length);
    this.#changed();
    this.input.focus();
  }

  #key(event) {
    if (event.isComposing) return; // Enter chooses a character in an input method
    const open = this.#items.length > 0;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.#chosen = (this.#chosen + step + this.#items.length) % this.#items.length;
      this.#paint();
    } else if (open && (event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
      this.#take(this.#chosen);
    } else if (open && event.key === "Escape") {
      event.stopPropagation();
      this.#hide();
    } else if (event.key === "Enter" && !event.shiftKey) {
      this.#submit();
    } else return;
    event.preventDefault();
  }
}
