// The page's own words, all of them in strings.json, and how dates are written.

import { h } from "./dom.js";

export const LANGUAGES = ["en", "zh-CN"];

let strings = {};
let current = "en";

export async function loadStrings() {
  strings = await (await fetch("/local/static/strings.json")).json();
  let kept = null;
  try { kept = localStorage.getItem("lang"); } catch { /* a browser may forbid storage; the page works without */ }
  setLang(kept ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en"));
}

export function lang() {
  return current;
}

export function setLang(value) {
  current = LANGUAGES.includes(value) ? value : "en";
  document.documentElement.lang = current;
  try { localStorage.setItem("lang", current); } catch { /* as above */ }
}

/** The sentence `key` with its {names} filled in. */
export function t(key, values = {}) {
  const sentence = strings[key]?.[current] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** The same with elements for names: an array to append. */
export function rich(key, values) {
  const sentence = strings[key]?.[current] ?? key;
  return sentence.split(/(\{\w+\})/).map((part) => values[part.slice(1, -1)] ?? part);
}

/** What a team file gives per language. */
export function words(value) {
  return value?.[current] ?? value?.en ?? Object.values(value ?? {})[0] ?? "";
}

export function time(at) {
  return new Date(at).toLocaleTimeString(current, { hour: "2-digit", minute: "2-digit", hour12: false });
}

export function day(at) {
  const date = new Date(at);
  const days = Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
  if (days === 0) return t("day.today");
  if (days === 1) return t("day.yesterday");
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString(current, { weekday: "long", month: "long", day: "numeric", year });
}

export function fullTime(at) {
  return new Date(at).toLocaleString(current, { dateStyle: "full", timeStyle: "short" });
}

/** A time of day that shows all of it to who points at it. */
export function timeTag(at) {
  return h("time", { datetime: at, title: fullTime(at) }, time(at));
}

function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
