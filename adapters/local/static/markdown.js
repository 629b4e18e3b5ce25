// A small, safe Markdown: the subset of adapters/text.py. Anything else is text.

import { h } from "./dom.js";

const INLINE = /`([^`\n]+)`|\*\*([^\s*](?:[^\n]*?[^\s])??)\*\*|!\[([^\]\n]*)\]\([^)\n]*\)|\[([^\]\n]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s<>"'`，。；、）]+)/g;
const FENCE = /^\s{0,3}```/;
const ITEM = /^\s*(?:[-*+•]|(\d{1,9})[.)])\s+(.*)$/;
const QUOTE = /^\s{0,3}>\s?(.*)$/;
const HEADING = /^\s{0,3}#{1,6}\s+(.*?)\s*#*$/;

/** Elements for a text. `names` are marked where they stand behind an @; `follow(address, label)` makes a link
    into our own history; with `links`, no other address becomes a link (what a model wrote must not lead away). */
export function markdown(text, { names = [], me = "", follow = null, links = null } = {}) {
  const inline = inliner(names, me, (address, label) =>
    links === null || links.includes(address) ? link(address, label, follow) : h("span", {}, label));
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const blocks = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at];
    if (FENCE.test(line)) {
      const end = lines.findIndex((other, index) => index > at && FENCE.test(other));
      const stop = end < 0 ? lines.length : end;
      blocks.push(h("pre", { tabindex: "0" }, h("code", {}, lines.slice(at + 1, stop).join("\n"))));
      at = stop + 1;
    } else if (ITEM.test(line)) {
      const stop = runEnd(lines, at, ITEM);
      const items = lines.slice(at, stop).map((item) => h("li", {}, inline(ITEM.exec(item)[2])));
      const first = ITEM.exec(line)[1];
      blocks.push(h(first ? "ol" : "ul", { start: first }, items));
      at = stop;
    } else if (QUOTE.test(line)) {
      const stop = runEnd(lines, at, QUOTE);
      const quoted = lines.slice(at, stop).map((part) => QUOTE.exec(part)[1]);
      blocks.push(h("blockquote", {}, broken(quoted, inline)));
      at = stop;
    } else if (HEADING.test(line)) {
      blocks.push(h("p", {}, h("strong", {}, inline(HEADING.exec(line)[1]))));
      at += 1;
    } else if (line.trim() === "") {
      at += 1;
    } else {
      let stop = at;
      while (stop < lines.length && isProse(lines[stop])) stop += 1;
      blocks.push(h("p", {}, broken(lines.slice(at, stop), inline)));
      at = stop;
    }
  }
  return blocks;
}

/** A link somebody else wrote: http, https, or a path of ours; null for everything else. */
export function safeLink(address) {
  if (/^\/(?![/\\])/.test(address)) return address;
  try {
    const url = new URL(address);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

export function link(address, label, follow) {
  const safe = safeLink(address);
  if (safe === null) return h("span", {}, label);
  const history = intoHistory(safe);
  if (history && follow) return follow(history, label);
  return h("a", { href: safe, target: "_blank", rel: "noopener noreferrer" }, label);
}

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** The address if it leads into this page's own history, under whichever name of this machine it was written. */
function intoHistory(address) {
  const url = new URL(address, location.origin);
  const here = url.host === location.host
    || (url.port === location.port && [url, location].every(({ hostname }) => LOOPBACK.includes(hostname)));
  return here && url.pathname.startsWith("/archives/") ? new URL(url.pathname + url.search, location.origin).href : null;
}

function inliner(names, me, linked) {
  const marked = names.length ? new RegExp(`([@＠](?:${names.map(escaped).join("|")}))`, "i") : null;
  const mention = (part) => h("span", { class: part.slice(1) === me ? "mention me" : "mention" }, part);
  const plain = (text) => (marked ? text.split(marked).map((part, index) => (index % 2 ? mention(part) : part)) : [text]);
  return function inline(text) {
    const parts = [];
    let from = 0;
    for (const match of text.matchAll(INLINE)) {
      parts.push(...plain(text.slice(from, match.index)));
      const [whole, code, bold, image, label, target, bare] = match;
      if (code !== undefined) parts.push(h("code", {}, code));
      else if (bold !== undefined) parts.push(h("strong", {}, inline(bold)));
      else if (image !== undefined) parts.push(image);
      else parts.push(label !== undefined ? linked(target, label) : linked(bare, bare));
      from = match.index + whole.length;
    }
    return parts.concat(plain(text.slice(from)));
  };
}

function isProse(line) {
  return line.trim() !== "" && ![FENCE, ITEM, QUOTE, HEADING].some((rule) => rule.test(line));
}

function broken(lines, inline) {
  return lines.flatMap((line, index) => (index ? [h("br"), ...inline(line)] : inline(line)));
}

function runEnd(lines, from, rule) {
  let end = from;
  while (end < lines.length && rule.test(lines[end])) end += 1;
  return end;
}

function escaped(name) {
  return name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
