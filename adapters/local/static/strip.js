// What a newcomer sees above the empty line: who they are, what to try, and how to see the other side.

import { h, icon } from "./dom.js";
import { lang, rich, t } from "./i18n.js";
import { avatar } from "./people.js";

const COMMANDS = { subject: ["mine", "topics", "withdraw"], admin: ["personas", "status", "help"] };

export function strip(model, actions, close) {
  const self = model.self;
  return h("aside", { class: "strip", "aria-label": t("strip.label") },
    h("button", { type: "button", class: "tool strip-close", "aria-label": t("strip.close"), title: t("strip.close"), onclick: close }, icon("close")),
    h("p", { class: "strip-who" }, avatar(self, "small"), h("span", {}, rich(`strip.${self.role}`, { name: h("strong", {}, self.name), bot: h("strong", {}, `@${model.team.bot}`) }))),
    h("div", { class: "chips" }, chips(model, actions)),
    other(model, actions));
}

function chips(model, actions) {
  const { role } = model.self;
  if (role === "owner" || role === "deputy") {
    const waiting = model.news.waiting[model.me] ?? 0;
    return chip(waiting ? t("strip.open_direct_waiting", { count: waiting }) : t("strip.open_direct"), () => actions.openRoom(`D-${model.me}`));
  }
  const commands = COMMANDS[role]?.map((verb) => `/${model.team.bot} ${verb}`);
  if (commands) return commands.map((command) => chip(command, () => actions.ask(command), "command"));
  const questions = model.team.suggestions[lang()] ?? model.team.suggestions.en ?? [];
  return questions.slice(0, 4).map((question) => chip(question, () => actions.ask(actions.addressed(question))));
}

function other(model, actions) {
  const owner = model.owner();
  if (model.self.role !== "asker" || !owner) return null;
  const become = h("button", { type: "button", class: "as-link", onclick: () => actions.become(owner.id) }, owner.name);
  return h("p", { class: "strip-other" }, rich("strip.see_owner", { name: become }));
}

function chip(label, onclick, kind = "") {
  return h("button", { type: "button", class: `chip ${kind}`, onclick }, label);
}
