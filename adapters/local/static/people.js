// Faces and names.

import { h, logo } from "./dom.js";
import { t } from "./i18n.js";

export function avatar(person, size = "") {
  const face = h("span", { class: `avatar ${size}`, "aria-hidden": "true" }, initials(person.name));
  face.style.setProperty("--face", person.colour ?? "#64748b");
  return face;
}

export function botAvatar(size = "") {
  return h("span", { class: `avatar bot ${size}`, "aria-hidden": "true" }, logo());
}

/** Somebody of the past who is not in the team: a face without a colour of its own. */
export function strangerAvatar(name, size = "") {
  return avatar({ name: name || "?", colour: "#7b8190" }, size);
}

export function roleName(person) {
  return t(`role.${person.role}`);
}

/** Two letters, or the last two characters of a Chinese name (the given name, as colleagues say it). */
function initials(name) {
  const trimmed = name.trim();
  if (/[\u3400-\u9fff]/.test(trimmed)) return trimmed.replace(/[^\u3400-\u9fff]/g, "").slice(-2);
  const parts = trimmed.split(/\s+/);
  return ((parts[0]?.[0] ?? "?") + (parts.length > 1 ? parts.at(-1)[0] : "")).toUpperCase();
}
