// Keeping things back by kind: which, how much, what it would change, and only then doing it.

import { ask, guarding, say } from "./api.js";
import { button, h, section } from "./dom.js";

const LEVELS = ["light", "medium", "heavy"];

export async function withholding(again) {
  const kinds = await ask("kinds");
  const problem = h("p", { class: "problem", role: "alert" });
  const told = h("p", { class: "told", role: "status" });
  const frame = h("iframe", { sandbox: "", title: say("keep_look"), hidden: true });
  const level = h("select", { autocomplete: "off" }, LEVELS.map((each) => h("option", { value: each, selected: each === "medium" }, say(`level_${each}`))));
  const ticks = kinds.map((kind) => h("input", { type: "checkbox", value: kind.category, autocomplete: "off" }));
  const guarded = guarding(problem);
  const release = (kind) => button(say("keep_release"), guarded(async () => {
    await ask("release", { categories: [kind.category] });
    await again();
  }));
  const rows = kinds.map((kind, place) => h("div", { class: "choice" },
    h("label", { class: "tick" }, ticks[place], h("span", {}, h("strong", {}, kind.text), " ", h("span", { class: "soft" }, kind.about))),
    kind.level ? h("p", { class: "row small" }, h("span", {}, say("keep_now", { level: kind.said })), release(kind)) : ""));
  const chosen = () => ({ categories: ticks.filter((tick) => tick.checked).map((tick) => tick.value), level: level.value });
  // What was looked at is what goes: another choice has to be looked at first.
  const changed = () => {
    fits();
    keep.hidden = frame.hidden = true;
    told.textContent = "";
  };
  const fits = () => kinds.forEach((kind, place) => {
    ticks[place].disabled = LEVELS.indexOf(level.value) < LEVELS.indexOf(kind.least);
    if (ticks[place].disabled) ticks[place].checked = false;
  });
  const look = button(say("keep_look"), guarded(async () => {
    const seen = await ask("before_after", chosen());
    frame.srcdoc = seen.html;
    frame.hidden = keep.hidden = false;
  }));
  const keep = button(say("keep_do"), guarded(async () => {
    const kept = await ask("keep_back", chosen());
    const counts = { sentences: Object.values(kept.counts).reduce((sum, count) => sum + count, 0), shortened: kept.shortened, gone: kept.gone };
    element.replaceWith(await withholding(again).then((fresh) => (fresh.querySelector(".told").textContent = say("keep_done", counts), fresh)));
  }), "primary");
  [level, ...ticks].forEach((input) => input.addEventListener("change", changed));
  keep.hidden = true;
  fits();
  const element = section(say("keep_title"), h("p", {}, say("keep_text")), h("fieldset", {}, h("legend", {}, say("keep_kinds")), rows),
    h("label", { class: "field" }, h("span", {}, say("keep_level")), level), problem, h("div", { class: "row" }, look, keep), told, frame);
  return element;
}
