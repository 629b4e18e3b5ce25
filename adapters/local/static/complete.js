// What may be meant by the beginning of a word: people and personas behind @, commands behind /. Pure.

import { t, words } from "./i18n.js";

export const VERBS = ["ask", "why", "personas", "topics", "status", "mine", "withhold", "withdraw", "forget", "owner", "bind", "pause", "resume", "retire", "lang", "help"];

/** `{ from, items }` for the text left of the caret; each item says what would be typed instead. */
export function complete(left, model) {
  return mention(left, model) ?? command(left, model) ?? { from: left.length, items: [] };
}

function mention(left, model) {
  const match = /(?:^|[^A-Za-z0-9_])([@＠]([^@＠\n]{0,40}))$/.exec(left);
  if (!match) return null;
  const typed = match[2].toLowerCase();
  const bots = [
    { name: model.team.bot, detail: t("complete.bot"), bot: true },
    ...model.team.personas.map((persona) => ({ name: persona.display_name, detail: t("complete.persona"), bot: true })),
  ];
  const people = model.team.people.map((person) => ({ name: person.name, detail: words(person.title), person }));
  const items = [...bots, ...people]
    .filter(({ name }) => starts(name, typed))
    .map((who) => ({ ...who, label: `@${who.name}`, insert: `@${who.name} ` }));
  return items.length ? { from: left.length - match[1].length, items } : null;
}

function command(left, model) {
  const name = `/${model.team.bot}`;
  const verb = new RegExp(`^${name} +(\\S*)$`, "i").exec(left);
  if (verb) {
    const typed = verb[1].toLowerCase();
    const items = VERBS.filter((word) => word.startsWith(typed) && word !== typed); // whole words need no help: Enter sends
    return {
      from: left.length - verb[1].length,
      items: items.map((word) => ({ label: word, detail: t(`verb.${word}`), insert: `${word} ` })),
    };
  }
  if (left.startsWith("/") && name.startsWith(left.toLowerCase())) {
    return { from: 0, items: [{ label: name, detail: t("complete.command"), insert: `${name} `, bot: true }] };
  }
  return null;
}

/** The name itself or one of its words begins like this. */
function starts(name, typed) {
  const lower = name.toLowerCase();
  return lower !== typed.trim() && (lower.startsWith(typed) || lower.split(/\s+/).some((word) => word.startsWith(typed)));
}
