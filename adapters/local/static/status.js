// The line that says that an answer is on its way.

import { h } from "./dom.js";
import { t } from "./i18n.js";
import { botAvatar } from "./people.js";

export function working(model, statuses) {
  const latest = statuses.at(-1);
  if (!latest) return [];
  const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  return [h("p", { class: "working" }, botAvatar("tiny"), h("span", {}, latest.text || t("status.working", { bot: model.team.bot })), dots)];
}
