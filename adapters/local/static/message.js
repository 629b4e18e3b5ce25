// One entry of a room or thread: who, when, what.

import { card } from "./card.js";
import { h, icon } from "./dom.js";
import { fullTime, t, time, timeTag } from "./i18n.js";
import { markdown } from "./markdown.js";
import { avatar, botAvatar, strangerAvatar } from "./people.js";

const TOGETHER = 5 * 60_000; // what one person says within five minutes stands under one name

/** Whether `entry` goes on where `before` left off, under the same name. */
export function continues(entry, before) {
  if (!before || before.kind !== entry.kind || entry.kind === "card" || entry.only_for || before.only_for) return false;
  if (before.author !== entry.author || before.body.author_name !== entry.body.author_name) return false;
  return new Date(entry.at) - new Date(before.at) < TOGETHER;
}

/** `inThread`: no way into the thread is shown, because we are in it. */
export function message(entry, { model, actions, together, inThread }) {
  const classes = ["message", `is-${entry.kind}`];
  if (together) classes.push("together");
  if (entry.only_for) classes.push("only-you");
  return h("article", { class: classes.join(" "), "data-id": entry.id, tabindex: "-1", "aria-label": label(entry, model) },
    together ? h("span", { class: "gutter", title: fullTime(entry.at), "aria-hidden": "true" }, time(entry.at)) : face(entry, model),
    h("div", { class: "message-body" },
      !together && head(entry, model),
      entry.only_for && h("p", { class: "only-you-line" }, icon("eye"), t("message.only_you")),
      content(entry, model, actions),
      !inThread && entry.replies > 0 && replies(entry, model, actions)),
    tools(entry, model, actions, inThread));
}

function label(entry, model) {
  return t("message.label", { who: authorName(entry, model), when: fullTime(entry.at) });
}

function authorName(entry, model) {
  if (entry.kind === "card") return model.team.bot;
  return model.person(entry.author)?.name ?? (entry.body.author_name || t("message.stranger"));
}

function face(entry, model) {
  if (entry.kind === "card") return botAvatar();
  const person = model.person(entry.author);
  return person ? avatar(person) : strangerAvatar(entry.body.author_name);
}

function head(entry, model) {
  return h("header", { class: "message-head" },
    h("span", { class: "author" }, authorName(entry, model)),
    entry.kind === "card" && tag(entry.body.card),
    timeTag(entry.at),
    entry.edited && h("span", { class: "edited" }, t("message.edited")));
}

/** What a human answered is only carried by the bot. */
function tag(value) {
  return value.tone === "owner" ? h("span", { class: "tag bot" }, t("message.bot")) : h("span", { class: "tag ai" }, "AI");
}

function content(entry, model, actions) {
  const options = { names: model.names, me: model.self.name, follow: actions.follow };
  if (entry.kind === "gone") return h("p", { class: "gone" }, t("message.gone"));
  if (entry.kind !== "card") return h("div", { class: "prose" }, markdown(entry.body.text, options));
  const people = entry.body.mentions.map((id) => model.person(id)).filter(Boolean);
  return [
    people.length > 0 && h("p", { class: "to" }, people.map(({ id, name }) => h("span", { class: id === model.me ? "mention me" : "mention" }, `@${name}`))),
    card(entry.body.card, { ...options, press: (button, element) => actions.press(entry, button, element) }),
  ];
}

function replies(entry, model, actions) {
  const faces = entry.repliers.slice(0, 4).map((id) => {
    const person = model.person(id);
    if (person) return avatar(person, "tiny");
    return entry.kind === "past" ? strangerAvatar("·", "tiny") : botAvatar("tiny");
  });
  return h("button", { type: "button", class: "replies", onclick: () => actions.openThread(entry) },
    h("span", { class: "faces" }, faces),
    h("span", { class: "replies-count" }, t(entry.replies === 1 ? "thread.one" : "thread.count", { count: entry.replies })),
    h("span", { class: "replies-open" }, t("thread.open")));
}

function tools(entry, model, actions, inThread) {
  const thread = !inThread && entry.kind !== "past" && entry.kind !== "gone" && !entry.only_for && !model.isDirect(entry.chat);
  const mine = entry.kind === "said" && entry.author === model.me;
  if (!thread && !mine) return null;
  return h("div", { class: "tools" },
    thread && tool("thread", t("thread.reply"), () => actions.openThread(entry, { write: true })),
    mine && tool("bin", t("message.delete"), () => actions.remove(entry)));
}

function tool(shape, name, onclick) {
  return h("button", { type: "button", class: "tool", title: name, "aria-label": name, onclick }, icon(shape));
}
