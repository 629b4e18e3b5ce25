// The left side: rooms, the direct chat with the bot, and who one is just now.

import { h, icon, logo } from "./dom.js";
import { t, words } from "./i18n.js";
import { avatar, botAvatar, roleName } from "./people.js";

export function sidebar(model, chat, actions) {
  return [
    h("header", { class: "sidebar-head" }, logo(),
      h("div", { class: "sidebar-names" }, h("strong", {}, words(model.team.name) || "understudy"), h("span", {}, t("sidebar.tagline")))),
    h("nav", { class: "places", "aria-label": t("sidebar.rooms") },
      h("h2", {}, t("sidebar.rooms")),
      h("ul", {}, model.chats.filter((id) => !model.isDirect(id)).map((id) => place(model, id, chat, actions))),
      h("h2", {}, t("sidebar.direct")),
      h("ul", {}, model.chats.filter((id) => model.isDirect(id)).map((id) => place(model, id, chat, actions)))),
    h("section", { class: "who", "aria-labelledby": "who-title" },
      h("h2", { id: "who-title" }, t("sidebar.who")),
      h("ul", {}, model.team.people.map((person) => identity(model, person, actions))),
      h("p", { class: "hint" }, t("sidebar.hint"))),
  ];
}

function place(model, id, chat, actions) {
  const unread = id === chat ? 0 : model.unread(id);
  const kind = model.isDirect(id) ? botAvatar("tiny") : icon(model.isPrivate(id) ? "lock" : "hash");
  const classes = ["place", unread > 0 && "unread", id === chat && "here"].filter(Boolean).join(" ");
  return h("li", {}, h("a", { class: classes, href: actions.address(id), "aria-current": id === chat ? "page" : null, "data-chat": id,
    onclick: (event) => plainClick(event, () => actions.openRoom(id)) },
  h("span", { class: "place-kind" }, kind),
  h("span", { class: "place-name" }, model.chatName(id), model.isDirect(id) && h("span", { class: "tag ai" }, "AI")),
  model.isPrivate(id) && h("span", { class: "unseen" }, t("room.private")),
  unread > 0 && h("span", { class: "badge", "aria-label": t("sidebar.unread", { count: unread }) }, unread > 99 ? "99+" : String(unread))));
}

function identity(model, person, actions) {
  const me = person.id === model.me;
  const waiting = me ? 0 : model.news.waiting[person.id] ?? 0;
  return h("li", {}, h("a", { class: `identity${me ? " here" : ""}`, href: `/?as=${encodeURIComponent(person.id)}`, "aria-current": me ? "true" : null, "data-person": person.id,
    title: words(person.title) || null, onclick: (event) => plainClick(event, () => actions.become(person.id)) },
  avatar(person, "small"),
  h("span", { class: "identity-name" }, person.name),
  h("span", { class: "identity-role" }, roleName(person)),
  me && h("span", { class: "tag you" }, t("sidebar.you")),
  waiting > 0 && h("span", { class: "badge", "aria-label": t("sidebar.waiting", { count: waiting }) }, String(waiting))));
}

/** A click that wants a new window or tab gets one. */
function plainClick(event, then) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  then();
}
