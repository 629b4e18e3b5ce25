// From a licence on the screen to a signature, and what its subject takes home.

import { ask, say, sentence } from "./api.js";
import { licenses, says } from "./agree.js";
import { button, h, save, section } from "./dom.js";
import { sha256, signRecord, signStanding } from "./keys.js";
import { ownKey } from "./signing.js";

// `back` shows the offer again, `done` the place; `failed` is told what cannot be helped on this screen.
export async function signLicence(page, { offer, draft, ticks, addresses, back, done, failed }) {
  const fits = licenses(draft.record, ticks, offer, addresses, await sha256(offer.notice));
  const right = fits && (addresses.length ? says(draft.standing, "stands", offer.org, await sha256(draft.record)) : draft.standing === "");
  const problem = h("p", { class: "problem", role: "alert" }, right ? "" : say("mismatch"));
  let key = null;
  const go = button(say("offer_sign", { org: offer.org }), async () => {
    problem.textContent = "";
    try {
      const signature = await signRecord(draft.record, key);
      const standing = draft.standing ? await signStanding(draft.standing, key) : "";
      const taken = await ask("offer_sign", { offer: offer.id, version: offer.version, signature, standing, public_key: key.publicKey });
      page.replaceChildren(...finished(taken, done));
      scrollTo(0, 0);
    } catch (error) {
      if (error.code === "OFFER_CHANGED") await failed(error);
      else problem.textContent = sentence(error);
    }
  }, "primary");
  go.hidden = true;
  const ready = (chosen, told) => {
    key = chosen;
    if (right) problem.textContent = "";
    told.replaceChildren(say("key_chosen"));
    go.hidden = !right;
  };
  page.replaceChildren(
    h("h1", {}, say("offer_sign_title", { org: offer.org })),
    h("p", { class: "lead" }, say("sign_lead")),
    h("ul", { class: "record" }, draft.lines.map((line) => h("li", { dir: "auto" }, line))),
    h("details", {}, h("summary", {}, say("record_bytes")), h("pre", { tabindex: "0" }, draft.record)),
    draft.standing ? h("details", {}, h("summary", {}, say("standing_bytes")), h("pre", { tabindex: "0" }, draft.standing)) : "",
    section(say("key_title"), ownKey(ready)),
    problem,
    h("div", { class: "row" }, button(say("back"), back), go),
  );
  scrollTo(0, 0);
}

function finished(taken, done) {
  const [licence, receipt, standing] = taken.files;
  const keep = (file) => () => save(file.name, file.kind, file.text);
  return [
    h("h1", {}, say("licensed_title", { org: taken.org })),
    h("p", { class: "lead" }, say("licensed_text", { org: taken.org, day: taken.effective_at.slice(0, 16).replace("T", " "), last: taken.last_day })),
    section(say("licensed_file"), h("p", {}, say("licensed_file_how")),
      h("div", { class: "row" }, button(say("licensed_file"), keep(licence), "primary"), button(say("done_receipt"), keep(receipt))),
      h("p", { class: "soft" }, say("licensed_receipt_how")), h("pre", { class: "command" }, `understudy consent receipt ${receipt.name}`)),
    standing ? section(say("licensed_standing"), h("p", {}, say("licensed_standing_how", { addresses: taken.addresses.join(", ") })), button(say("licensed_standing"), keep(standing), "primary")) : "",
    section(say("licensed_key"), h("p", {}, say("licensed_key_how", { org: taken.org })), h("p", { class: "link" }, taken.key)),
    h("div", { class: "row" }, button(say("to_place"), done, "primary")),
  ];
}
