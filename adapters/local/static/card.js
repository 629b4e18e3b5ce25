// A card of ours: the AI label, what it says, the evidence it says it from, and what one can do.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { link, markdown } from "./markdown.js";

const NUMBERED = /^\[\d+\] /;
const LONG = 360; // characters of a quote that are shown before one asks for the rest
const THUMBS = { "👍": "up", "👎": "down-thumb" }; // emoji look different, or like nothing, from machine to machine
const TONES = ["answer", "asked", "owner", "notice", "admin", "error"];

/** `press(button, element)` is called for a button, `follow(address, label)` makes a link into the history. */
export function card(value, { names, me, follow, press }) {
  const tone = TONES.includes(value.tone) ? value.tone : "notice";
  const links = [...value.quotes.map((quote) => quote.url), ...(value.links ?? [])];
  return h("div", { class: `card tone-${tone}` },
    value.label && h("p", { class: "card-label" }, icon(tone === "owner" ? "person" : "spark"), h("span", {}, value.label)),
    value.title && h("h3", { class: "card-title" }, value.title),
    value.text && h("div", { class: "prose" }, markdown(value.text, { names, me, follow, links })),
    value.quotes.length > 0 && evidence(value.quotes, follow),
    value.notes.length > 0 && h("ul", { class: "notes" }, value.notes.map((note) => h("li", {}, note))),
    value.buttons.length > 0 && h("div", { class: "buttons" }, value.buttons.map((button) => pressable(button, press))));
}

function evidence(quotes, follow) {
  return h("section", { class: "evidence", "aria-label": t("card.evidence") },
    quotes.map((quote, index) => h("figure", { class: "quote" },
      h("blockquote", {}, quoted(quote.text)),
      h("figcaption", {},
        h("span", { class: "quote-source" },
          // The text may refer to the quotes by number; then the author has it already.
          !NUMBERED.test(quote.author) &&
            h("span", { class: "quote-number", "aria-hidden": "true" }, String(index + 1)),
          [quote.author, quote.when, quote.place].filter(Boolean).map((part, place) => [
            place > 0 && h("span", { class: "dot", "aria-hidden": "true" }, " · "),
            h("span", { class: place === 0 ? "quote-author" : null }, part)])),
        quote.url && link(quote.url, t("card.open"), follow)))));
}

/** Set as it was meant, but without links: what was said long ago must not lead anywhere now. */
function quoted(text) {
  const set = (words) => markdown(words, { links: [] });
  if (text.length <= LONG) return h("div", { class: "prose" }, set(text));
  const shown = h("div", { class: "prose" }, set(`${text.slice(0, LONG).trimEnd()}…`));
  const more = h("button", { type: "button", class: "more", onclick: () => { shown.replaceChildren(...set(text)); more.remove(); } }, t("card.more"));
  return [shown, more];
}

function pressable(button, press) {
  const style = ["primary", "danger"].includes(button.style) ? button.style : "plain";
  const thumb = THUMBS[button.label];
  const element = h("button", {
    type: "button", class: `button ${style}`, "data-action": button.action,
    "aria-label": thumb && t(`card.${button.label}`), title: thumb && t(`card.${button.label}`),
    onclick: () => press(button, element),
  }, thumb ? icon(thumb) : button.label);
  return element;
}
