// An organisation's offer, read: what a licence is, who they are, the notice, every grant as an unticked box.

import { ask, say, sentence } from "./api.js";
import { field, form } from "./boxes.js";
import { button, h, prose, section } from "./dom.js";
import { able } from "./keys.js";
import { signLicence } from "./licensing.js";
import { unable } from "./signing.js";

const COMMAND = "understudy consent licence NAME --offer FILE --out FOLDER";

// Replaces what `page` shows; `back` shows the place. `changed`: they were reading an earlier one.
export async function offer(page, id, back, signable, changed = false) {
  const told = await ask("offer_read", { offer: id });
  const boxes = form(told.boxes, { ticked: false });
  const address = h("input", { type: "url", maxlength: "500", autocomplete: "off" });
  const problem = h("p", { class: "problem", role: "alert" }, changed ? say("error_offer_changed") : "");
  const failed = async (error) => {
    try {
      if (error.code === "OFFER_CHANGED") return await offer(page, id, back, signable, true);
      problem.textContent = sentence(error);
    } catch (again) { // closed meanwhile, or nobody there
      problem.textContent = sentence(again);
    }
  };
  const guarded = (act) => async () => {
    problem.textContent = "";
    try {
      await act();
    } catch (error) {
      await failed(error);
    }
  };
  const show = () => {
    page.replaceChildren(...parts);
    scrollTo(0, 0);
  };
  const decline = guarded(async () => {
    await ask("offer_decline", { offer: id });
    await back();
  });
  const look = guarded(async () => {
    if (!address.checkValidity()) return void address.reportValidity();
    const ticks = boxes.ticks();
    const addresses = address.value.trim() ? [address.value.trim()] : [];
    const draft = await ask("offer_draft", { offer: id, version: told.version, ticks, told_at: addresses[0] ?? "" });
    await signLicence(page, { offer: told, draft, ticks, addresses, back: show, done: back, failed: async (error) => {
      show();
      await failed(error);
    } });
  });
  const people = [["controller", told.org], ["owner", told.owner], ["deputy", told.deputy], ["contact", told.contact]].filter(([, value]) => value);
  const parts = [
    h("h1", {}, say("offer_title", { org: told.org })),
    h("p", { class: "lead" }, say(told.amends ? "offer_lead_amends" : "offer_lead")),
    h("div", { class: "free" }, h("p", {}, say("offer_free")), h("div", { class: "row" }, button(say("decline"), decline), button(say("back"), back))),
    section(say("offer_about"), told.about.map((line) => h("p", {}, line))),
    h("dl", { class: "facts" }, people.map(([name, value]) => h("div", {}, h("dt", {}, say(`who_${name}`)), h("dd", { dir: "auto" }, value)))),
    h("p", { class: "soft" }, say("offer_until", { day: told.until.slice(0, 10) })),
    section(say("notice_title"), h("div", { class: "notice", tabindex: "0" }, prose(told.notice))),
    section(say("boxes_title"), h("p", {}, say("boxes_lead")), h("p", {}, say("offer_places", { org: told.org })), boxes.parts,
      told.leaves_out.length ? h("p", {}, say("offer_leaves_out", { words: told.leaves_out.join(", ") })) : "",
      field(say("told_at"), address), h("p", { class: "soft" }, say("told_at_how"))),
    problem,
    !signable ? h("p", { class: "soft" }, say("licences_paper")) : (await able()) ? h("div", { class: "row" }, button(say("decline"), decline), button(say("look"), look, "primary")) : unable(back, COMMAND),
  ];
  show();
}
