// Every grant as a box of its own, and what is left out whatever is ticked. There is no box for all of them.

import { say } from "./api.js";
import { h, section } from "./dom.js";

const GROUPS = ["facets", "sources", "audiences", "recipients"];

// `ticked`: only for allowing less, where the boxes show what holds now.
export function form(boxes, { ticked, leastDays = 1 }) {
  const inputs = {};
  const groups = GROUPS.filter((name) => boxes[name].length).map((name) => {
    inputs[name] = boxes[name].map((box, place) => h("input", { type: "checkbox", value: String(place), checked: ticked, autocomplete: "off" }));
    const rows = boxes[name].map((box, place) => h("label", { class: "tick" }, inputs[name][place], h("span", { dir: "auto" }, box.text)));
    return h("fieldset", {}, h("legend", {}, say(`box_${name}`)), rows);
  });
  const words = Object.fromEntries(["words", "chats", "people"].map((name) => [name, h("input", { type: "text", maxlength: "2000", autocomplete: "off" })]));
  const days = number(leastDays, boxes.days, boxes.days);
  const cooling = number(boxes.cooling_off_days, 90, boxes.cooling_off_days);
  const death = h("select", { autocomplete: "off" }, ["delete", "keep_until_end"].map((each) => h("option", { value: each, selected: each === boxes.after_death }, say(`death_${each}`))));
  const fields = [
    h("fieldset", {}, h("legend", {}, say("exclude_title")),
      Object.entries(words).map(([name, input]) => field(say(`exclude_${name}`), input)), h("p", { class: "soft" }, say("exclude_how"))),
    field(say("term_days", { most: boxes.days }), days),
    ticked ? null : field(say("cooling_days", { least: boxes.cooling_off_days }), cooling),
    field(say("death"), death),
  ];
  const chosen = (name) => (inputs[name] ?? []).filter((input) => input.checked).map((input) => Number(input.value));
  const list = (input) => input.value.split(/[,，、]/).map((word) => word.trim()).filter(Boolean);
  const ticks = () => ({
    sources: chosen("sources"),
    facets: chosen("facets"),
    audiences: chosen("audiences"),
    recipients: chosen("recipients"),
    days: Number(days.value),
    cooling_off_days: Number(cooling.value),
    containers: list(words.chats),
    keywords: list(words.words),
    people: list(words.people),
    after_death: death.value,
  });
  const uses = boxes.uses.length ? section(say("uses_title"), h("ul", {}, boxes.uses.map((use) => h("li", { dir: "auto" }, use)))) : null;
  const costs = h("div", { class: "part" }, h("h3", {}, say("licence")), h("ul", {}, boxes.licence.map((line) => h("li", { dir: "auto" }, line))));
  return { parts: [...groups, uses, costs, ...fields], ticks };
}

export function field(label, input) {
  return h("label", { class: "field" }, h("span", {}, label), input);
}

function number(least, most, value) {
  return h("input", { type: "number", min: String(least), max: String(most), value: String(value), required: true });
}
