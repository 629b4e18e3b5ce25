// Wires the page: where one is, who one is, and what follows from a click.

import { Api, Failed, nonce } from "./api.js";
import { announce, h, refresh } from "./dom.js";
import { openForm } from "./form.js";
import { lang, loadStrings, setLang, t, words } from "./i18n.js";
import { Model } from "./model.js";
import { RoomPane } from "./room.js";
import { sidebar } from "./sidebar.js";
import { ThreadPane } from "./thread.js";
import { startTheme, switchTheme } from "./theme.js";
import { address, lastIdentity, place, rememberIdentity } from "./place.js";

const app = document.getElementById("app");
const side = h("div", { class: "sidebar", id: "sidebar" });
const shade = h("div", { class: "shade", onclick: () => toggleMenu(false) });
const middle = h("div", { class: "middle" });
const right = h("div", { class: "right" });
const offline = h("p", { class: "offline", role: "status", hidden: true });
const toast = h("div", { class: "toast", role: "alert", hidden: true });

let api;
let model;
let room = null; // RoomPane
let thread = null; // ThreadPane
let stop = () => {};

const actions = {
  address: (chat) => address(model.me, { chat }),
  openRoom: (chat) => {
    toggleMenu(false); // also where one is already: on a phone the menu lies over the room
    return chat === room?.chat ? room.toLatest() : go({ chat });
  },
  openThread: (entry, { write = false } = {}) => go({ chat: entry.chat, thread: entry.id }, { write }),
  closeThread: () => go({ chat: room.chat }),
  become: (person) => become(person),
  switchTheme,
  switchLanguage: () => { setLang(lang() === "en" ? "zh-CN" : "en"); redraw(); },
  toggleMenu: () => toggleMenu(),
  say, ask, press, remove, addressed, follow,
};

// -------------------------------------------------------------------- who and where

async function become(person, where = {}) {
  stop();
  api = new Api(person);
  const state = await api.get("/local/state");
  model = new Model(state);
  rememberIdentity(person);
  room = thread = null;
  stop = api.listen(state.change, onFrame, onConnection);
  const direct = `D-${person}`;
  const first = model.unread(direct) > 0 ? direct : model.chats[0];
  const chat = model.chats.includes(where.chat) ? where.chat : first;
  await go(chat === where.chat ? where : { chat }, { keep: "replaceState" });
}

/** Show a place and keep it in the address, so that reload, back and a sent link lead there. */
async function go(where, { keep = "pushState", write = false } = {}) {
  try {
    if (room?.chat !== where.chat || where.message) await openRoom(where);
    await openThread(where);
  } catch (error) {
    complain(error);
    return;
  }
  if (keep) history[keep](null, "", address(model.me, where));
  toggleMenu(false);
  paint();
  if (write) thread?.composer.input.focus();
  else if (!where.message && matchMedia("(min-width: 800px)").matches) (thread ?? room).composer.input.focus();
}

async function openRoom(where) {
  const load = (query) => model.fetching(
    (entry) => entry.chat === where.chat && !entry.root,
    api.get(`/local/rooms/${where.chat}`, query),
    ({ entries }) => !query.around && !query.before && (!query.after || entries.length === 0),
  );
  const { entries, target } = await load(where.message ? { around: where.message } : {});
  if (where.message && !target) throw new Failed("no_message");
  model.load(where.chat, entries, { atStart: false, atEnd: !where.message });
  if (target?.root) where.thread = target.root;
  room = new RoomPane({ model, chat: where.chat, actions, load });
  middle.replaceChildren(room.element);
  room.open(target);
  if (model.isDirect(where.chat)) api.post("/local/open", {}).catch(() => {}); // only a greeting is missed
}

async function openThread(where) {
  if (!where.thread) {
    thread = model.thread = null;
    right.replaceChildren();
  } else if (thread?.root !== where.thread || where.message) {
    const { entries } = await model.fetching(
      (entry) => entry.chat === where.chat && (entry.id === where.thread || entry.root === where.thread),
      api.get(`/local/rooms/${where.chat}/${where.thread}`),
      () => true,
    );
    model.openThread(where.chat, where.thread, entries);
    thread = new ThreadPane({ model, actions });
    right.replaceChildren(thread.element);
    thread.open(where.message ?? null);
  }
  app.classList.toggle("with-thread", thread !== null);
}

// -------------------------------------------------------------------- what one does

/** Send words; whoever addressed the bot in a room is taken to the thread where it answers. */
async function say(chat, root, text, name) {
  const kept = await api.post("/local/say", { chat, root, text, nonce: name });
  if (!root && room?.chat === chat) room.toLatest().catch(complain);
  if (!root && !model.isDirect(chat) && isAddressed(text)) go({ chat, thread: kept.id }).catch(complain);
}

function ask(text) {
  return room.composer.submitText(text);
}

function addressed(question) {
  return model.isDirect(room.chat) || isAddressed(question) ? question : `@${model.team.bot} ${question}`;
}

function isAddressed(text) {
  const names = [model.team.bot, ...model.team.personas.map((persona) => persona.display_name)];
  return names.some((name) => text.toLowerCase().replaceAll("＠", "@").includes(`@${name.toLowerCase()}`));
}

async function press(entry, button, element) {
  const name = nonce();
  const pressed = { chat: entry.chat, message: entry.id, action: button.action, value: button.value };
  element.disabled = true;
  element.classList.add("busy");
  try {
    if (button.opens_form) {
      const form = await api.post("/local/form", { ...pressed, nonce: name });
      if (form) {
        openForm(form, model, (fields) => api.post("/local/press", { ...pressed, nonce: name, fields }));
        return;
      }
    }
    await api.post("/local/press", { ...pressed, nonce: name });
    element.classList.add("done");
    announce(t("card.pressed", { label: button.label }));
  } catch (error) {
    complain(error);
  } finally {
    element.disabled = false;
    element.classList.remove("busy");
  }
}

async function remove(entry) {
  try {
    await api.post("/local/delete", { chat: entry.chat, message: entry.id });
  } catch (error) {
    complain(error);
  }
}

/** A link into the history stays on this page; opened in a new tab, it stays the same person. */
function follow(link, label) {
  const where = place(new URL(link));
  return h("a", { class: "into-history", href: address(model.me, where), onclick: (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (model.chats.includes(where.chat)) go(where);
    else complain(new Failed("no_room"));
  } }, label);
}

// -------------------------------------------------------------------- what comes in

function onFrame(frame) {
  const fresh = model.apply(frame);
  paint();
  room?.hear(fresh);
}

function onConnection(online) {
  offline.textContent = online ? "" : t("status.offline");
  offline.hidden = online;
}

function paint() {
  refresh(side, sidebar(model, room?.chat, actions));
  room?.paint();
  thread?.paint();
  markSeen();
  const waiting = model.chats.filter((chat) => chat !== room?.chat).reduce((sum, chat) => sum + model.unread(chat), 0);
  document.title = `${waiting ? `(${waiting}) ` : ""}${room ? model.chatName(room.chat) : ""} · ${words(model.team.name) || "understudy"}`;
}

function markSeen() {
  if (!room || document.hidden || model.unread(room.chat) === 0) return;
  const { upto } = model.news.unread[room.chat];
  delete model.news.unread[room.chat];
  api.post("/local/seen", { chat: room.chat, seq: upto }).catch(() => {}); // the badge comes back, nothing is lost
}

// -------------------------------------------------------------------- the page itself

function complain(error) {
  toast.textContent = t(`error.${error.code ?? "failed"}`);
  toast.hidden = false;
  clearTimeout(complain.timer);
  complain.timer = setTimeout(() => { toast.hidden = true; }, 7000);
  if (!(error instanceof Failed)) throw error;
}

function toggleMenu(open = !app.classList.contains("menu-open")) {
  app.classList.toggle("menu-open", open);
}

function redraw() {
  const where = { chat: room.chat, thread: thread?.root };
  room = thread = null;
  go(where, { keep: null });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  if (app.classList.contains("menu-open")) toggleMenu(false);
  else if (thread) actions.closeThread();
});
document.addEventListener("visibilitychange", () => model && markSeen());
window.addEventListener("popstate", () => {
  const where = place(new URL(location.href));
  if (where.as && where.as !== model.me) become(where.as, where).catch(complain);
  else go({ ...where, chat: where.chat ?? model.chats[0] }, { keep: null });
});

async function start() {
  startTheme();
  await loadStrings();
  app.append(side, shade, middle, right, offline, toast);
  app.removeAttribute("aria-busy");
  const where = place(new URL(location.href));
  const people = await (await fetch("/local/people")).json();
  const known = [where.as, lastIdentity()].find((id) => people.some((person) => person.id === id));
  const newcomer = people.find((person) => person.role === "asker") ?? people[0];
  await become(known ?? newcomer.id, where);
}

start().catch(complain);
