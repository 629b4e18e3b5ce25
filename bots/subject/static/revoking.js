// Ending a licence: what will be signed, one press, and what to do with the text that comes of it.

import { ask, say, sentence } from "./api.js";
import { says } from "./agree.js";
import { button, h, save, section } from "./dom.js";
import { able, sha256, signStanding } from "./keys.js";
import { ownKey, unable } from "./signing.js";

const COMMAND = "understudy consent revoke-licence licence.json --key KEY --out revoked.txt";

// Replaces what `page` shows; `back` shows the place.
export async function revoking(page, org, back) {
  if (!(await able())) return page.replaceChildren(unable(back, COMMAND));
  const [licence] = await ask("licence_files", { org });
  const draft = await ask("revoke_draft", { org });
  const [newest, ...earlier] = draft.statements; // one for each record of it, whichever of them they have
  const right = says(newest, "revoked", org, await sha256(JSON.parse(licence.text).record)) && earlier.every((each) => says(each, "revoked", org));
  const problem = h("p", { class: "problem", role: "alert" }, right ? "" : say("mismatch"));
  let key = null;
  const go = button(say("revoke", { org }), async () => {
    problem.textContent = "";
    try {
      const signatures = [];
      for (const each of draft.statements) signatures.push(await signStanding(each, key));
      page.replaceChildren(...finished(await ask("revoke", { org, signatures, public_key: key.publicKey }), back));
      scrollTo(0, 0);
    } catch (error) {
      problem.textContent = sentence(error);
    }
  }, "danger");
  go.hidden = true;
  const ready = (chosen, told) => {
    key = chosen;
    if (right) problem.textContent = "";
    told.replaceChildren(say("key_chosen"));
    go.hidden = !right;
  };
  page.replaceChildren(
    h("h1", {}, say("revoke_title", { org })),
    h("p", { class: "lead" }, say("revoke_text")),
    h("details", {}, h("summary", {}, say("standing_bytes")), h("pre", { tabindex: "0" }, draft.statements.join("\n"))),
    section(say("key_title"), ownKey(ready)),
    problem,
    h("div", { class: "row" }, button(say("back"), back), go),
  );
  scrollTo(0, 0);
}

function finished(told, back) {
  const [file] = told.files;
  return [
    h("h1", {}, say("revoked_done", { org: told.org })),
    h("p", { class: "lead" }, say("revoked_text", { org: told.org })),
    h("div", { class: "row" }, button(say("revoked_save"), () => save(file.name, file.kind, file.text), "primary")),
    ...handing(told),
    h("div", { class: "row" }, button(say("to_place"), back)),
  ];
}

// What to do with the text: whom to send it to, and where to put it if they look at an address.
export function handing({ org, files: [file], addresses, contact }) {
  return [
    section(say("revoked_hand"), h("p", { dir: "auto" }, say("revoked_hand_how", { org, contact })), h("pre", { class: "command" }, `understudy consent revoked ${file.name}`)),
    addresses.length ? section(say("revoked_publish"), h("p", {}, say("revoked_publish_how", { addresses: addresses.join(", ") }))) : "",
  ];
}
