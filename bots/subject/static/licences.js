// Licences for other organisations: what is offered, what was given, what was ended.

import { ask, guarding, say, sentence } from "./api.js";
import { button, h, pick, save, section } from "./dom.js";
import { offer } from "./offer.js";
import { revoking } from "./revoking.js";

const STATES = { cooling: "given_cooling", stands: "given_stands", amended: "given_amended", over: "given_over" };

// "" where the persona itself runs by one. `again` shows the place anew.
export async function licences(page, again) {
  const problem = h("p", { class: "problem", role: "alert" });
  const guarded = guarding(problem);
  let told;
  try {
    told = await ask("licences");
  } catch (error) {
    problem.textContent = sentence(error);
    return section(say("licences_title"), problem);
  }
  if (told.may === "elsewhere") return "";
  const signable = told.may === "sign";
  const read = (id) => guarded(() => offer(page, id, again, signable));
  const bring = (text) => guarded(async () => offer(page, (await ask("offer_bring", { text })).offer, again, signable))();
  return section(say("licences_title"),
    h("p", {}, say("licences_text")),
    signable ? "" : h("p", { class: "soft" }, say("licences_paper")),
    told.offers.length ? [h("h3", {}, say("offers_title")), h("div", { class: "items" }, told.offers.map((each) => waiting(each, read, guarded, again)))] : "",
    told.given.length ? [h("h3", {}, say("given_title")), h("div", { class: "items" }, told.given.map((each) => given(each, page, guarded, again)))] : "",
    told.ended.length ? [h("h3", {}, say("revoked_title")), h("div", { class: "items" }, told.ended.map((each) => ended(each, guarded)))] : "",
    signable ? [h("p", { class: "soft" }, say("offer_bring_text")), pick(say("offer_bring"), ".json", bring)] : "",
    problem,
  );
}

function waiting(each, read, guarded, again) {
  const decline = button(say("decline"), guarded(async () => {
    await ask("offer_decline", { offer: each.id });
    await again();
  }));
  return h("article", { class: "card" },
    h("p", {}, h("strong", { dir: "auto" }, each.org)),
    h("p", { class: "soft" }, say(each.declined ? "offer_declined" : "offer_until", { day: each.until.slice(0, 10) })),
    h("div", { class: "row small" }, button(say("offer_read"), read(each.id), each.declined ? "" : "primary"), each.declined ? "" : decline));
}

function given(each, page, guarded, again) {
  const day = ["cooling", "amended"].includes(each.state) ? each.effective_at.slice(0, 16).replace("T", " ") : each.last_day;
  return h("article", { class: "card" },
    h("p", {}, h("strong", { dir: "auto" }, each.org)),
    h("p", { class: "soft" }, say(STATES[each.state], { day })),
    each.addresses.length ? h("p", { class: "soft" }, say("given_address", { addresses: each.addresses.join(", ") })) : "",
    h("details", {}, h("summary", {}, say("given_says")), h("ul", { class: "record" }, each.lines.map((line) => h("li", { dir: "auto" }, line)))),
    h("div", { class: "row small" }, saving(each.org, guarded, "given_save"), button(say("revoke_open"), guarded(() => revoking(page, each.org, again)), "danger")));
}

function ended(each, guarded) {
  return h("article", { class: "card" },
    h("p", {}, h("strong", { dir: "auto" }, each.org)),
    h("p", { class: "soft" }, say("revoked_on", { day: each.at.slice(0, 10), contact: each.contact })),
    each.addresses.length ? h("p", { class: "soft" }, say("given_address", { addresses: each.addresses.join(", ") })) : "",
    h("div", { class: "row small" }, saving(each.org, guarded, "revoked_save")));
}

// Every file there is for an organisation, under the names by which they were first saved.
function saving(org, guarded, label) {
  return button(say(label), guarded(async () => {
    for (const file of await ask("licence_files", { org })) save(file.name, file.kind, file.text);
  }));
}
