// What the page knows: who you are, the team, and the stretches of chat that are loaded.

import { t, words } from "./i18n.js";

export class Model {
  #holds = new Set();

  constructor(state) {
    this.me = state.me;
    this.team = state.team;
    this.chats = state.chats;
    this.news = state.news;
    this.online = true;
    this.rooms = new Map(); // chat → { entries: Map, atStart, atEnd }
    this.thread = null; // { chat, root, entries: Map }
  }

  // ---------------------------------------------------------------- people and places

  person(id) {
    return this.team.people.find((person) => person.id === id) ?? null;
  }

  get self() {
    return this.person(this.me);
  }

  isDirect(chat) {
    return chat.startsWith("D-");
  }

  chatName(chat) {
    return this.isDirect(chat) ? this.team.bot : this.team.rooms.find((room) => room.id === chat)?.name ?? chat;
  }

  topic(chat) {
    if (this.isDirect(chat)) return t("direct.topic");
    return words(this.team.rooms.find((room) => room.id === chat)?.topic);
  }

  isPrivate(chat) {
    return !this.isDirect(chat) && this.team.rooms.find((room) => room.id === chat)?.members != null;
  }

  readers(chat) {
    if (this.isDirect(chat)) return [this.self];
    const members = this.team.rooms.find((room) => room.id === chat)?.members;
    return members ? this.team.people.filter((person) => members.includes(person.id)) : this.team.people;
  }

  /** Names that mean something behind an @. The longest first, so that they are found whole. */
  get names() {
    const all = [this.team.bot, ...this.team.personas.map((persona) => persona.display_name), ...this.team.people.map((person) => person.name)];
    return all.sort((one, other) => other.length - one.length);
  }

  owner() {
    return this.team.people.find((person) => person.role === "owner") ?? null;
  }

  // ---------------------------------------------------------------- entries

  /** Wait for entries that are being fetched. What comes in meanwhile belongs to them: of two versions the later
      counts, and what is new is added where `reachesEnd(answer)` says that nothing lies between. */
  async fetching(covers, fetched, reachesEnd) {
    const hold = { covers, meanwhile: [] };
    this.#holds.add(hold);
    try {
      const answer = await fetched;
      const entries = new Map(answer.entries.map((entry) => [entry.id, entry]));
      const end = reachesEnd(answer);
      for (const entry of hold.meanwhile) {
        const known = entries.get(entry.id);
        if (known ? known.change < entry.change : end) entries.set(entry.id, entry);
      }
      return { ...answer, entries: [...entries.values()] };
    } finally {
      this.#holds.delete(hold);
    }
  }

  load(chat, entries, { atStart, atEnd }) {
    this.rooms.set(chat, { entries: new Map(entries.map((entry) => [entry.id, entry])), atStart, atEnd });
  }

  extend(chat, entries, { atStart, atEnd }) {
    const room = this.rooms.get(chat);
    for (const entry of entries) room.entries.set(entry.id, entry);
    room.atStart ||= atStart ?? false;
    room.atEnd ||= atEnd ?? false;
  }

  openThread(chat, root, entries) {
    this.thread = { chat, root, entries: new Map(entries.map((entry) => [entry.id, entry])) };
  }

  /** Take in what is new. Returns the entries that were not known before. */
  apply(frame) {
    this.news = frame.news;
    const fresh = [];
    for (const entry of frame.entries) {
      for (const hold of this.#holds) if (hold.covers(entry)) hold.meanwhile.push(entry);
      const thread = this.thread;
      if (thread?.chat === entry.chat && (entry.root === thread.root || entry.id === thread.root)) {
        if (!thread.entries.has(entry.id)) fresh.push(entry);
        this.#keep(thread.entries, entry);
      }
      const room = this.rooms.get(entry.chat);
      if (entry.root || !room) continue;
      if (!room.entries.has(entry.id) && !room.atEnd) continue; // read on from where it ends instead
      if (!room.entries.has(entry.id)) fresh.push(entry);
      this.#keep(room.entries, entry);
    }
    return fresh;
  }

  #keep(entries, entry) {
    const nothingLeft = entry.kind === "gone" && entry.replies === 0;
    if (nothingLeft) entries.delete(entry.id);
    else entries.set(entry.id, entry);
  }

  unread(chat) {
    return this.news.unread[chat]?.count ?? 0;
  }

  working(chat, root) {
    return this.news.working.filter((status) => status.chat === chat && (root === null || status.root === root));
  }
}

export function inOrder(entries) {
  return [...entries.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}
