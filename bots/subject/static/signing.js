// From the record on the screen to a signature: look once more, have a key, sign, take the receipt home.

import { ask, say, sentence } from "./api.js";
import { agrees } from "./agree.js";
import { field } from "./boxes.js";
import { button, fileName, h, pick, save, section } from "./dom.js";
import { able, make, read, sha256, signRecord } from "./keys.js";

// Replaces what `page` shows; `back` shows the boxes again, `done` what comes after.
export async function sign(page, { draft, ticks, offer, known, wantsAddress, address: given, back, done, name }) {
  if (!(await able())) return page.replaceChildren(unable(back));
  const right = agrees(draft.record, ticks, offer.boxes, await sha256(offer.notice));
  const problem = h("p", { class: "problem", role: "alert" }, right ? "" : say("mismatch"));
  const address = h("input", { type: "email", maxlength: "254", autocomplete: "off" });
  address.value = given ?? "";
  let key = null;
  const go = button(say("sign"), async () => {
    try {
      const signature = await signRecord(draft.record, key);
      if (!address.checkValidity()) return void address.reportValidity();
      const signed = await ask("sign", { signature, public_key: key.publicKey, address: address.value.trim() });
      page.replaceChildren(...finished(signed, name, known, done));
      scrollTo(0, 0);
    } catch (error) {
      problem.textContent = sentence(error);
      go.disabled = false;
    }
  }, "primary");
  go.hidden = true;
  const ready = (chosen, told) => {
    key = chosen;
    told.replaceChildren(say(known ? "key_chosen" : "key_saved", { file: keyFile(name) }));
    go.hidden = !right;
  };
  page.replaceChildren(
    h("h1", {}, say("sign_title")),
    h("p", { class: "lead" }, say("sign_lead")),
    h("ul", { class: "record" }, draft.lines.map((line) => h("li", { dir: "auto" }, line))),
    h("details", {}, h("summary", {}, say("record_bytes")), h("pre", { tabindex: "0" }, draft.record)),
    section(say("key_title"), known ? ownKey(ready) : fresh(ready, name)),
    wantsAddress ? h("div", { class: "part" }, field(say("address"), address), h("p", { class: "soft" }, say("address_how"))) : "",
    problem,
    h("div", { class: "row" }, button(say("back"), back), go),
  );
  scrollTo(0, 0);
}

export function unable(back, command = "understudy consent sign NAME --sources …") {
  return section(say("no_crypto_title"), h("p", {}, say("no_crypto_text")), h("pre", {}, command), button(say("back"), back));
}

function fresh(ready, name) {
  const told = h("p", { class: "told", role: "status" });
  const start = button(say("key_make"), async () => {
    const made = await make();
    save(keyFile(name), "application/x-pem-file", made.pem);
    ready(made.key, told);
  });
  return [h("p", {}, say("key_new")), start, told];
}

// The key of the consent, from the file they saved. `ready(key, told)` says so in `told`.
export function ownKey(ready) {
  const told = h("p", { class: "told", role: "status" });
  const take = async (pem) => {
    try {
      ready(await read(pem), told);
    } catch {
      told.replaceChildren(say("key_wrong"));
    }
  };
  return [h("p", {}, say("key_old")), pick(say("key_file"), ".pem", take), told];
}

function finished(signed, name, known, done) {
  const day = signed.effective_at.slice(0, 16).replace("T", " ");
  const receipt = () => save(fileName("receipt", name), "application/json", JSON.stringify(signed.receipt, null, 2));
  const file = () => save(fileName("link", name, "txt"), "text/plain", `${signed.link}\n`);
  return [
    h("h1", {}, say("done_title")),
    h("p", { class: "lead" }, known ? say("done_narrowed") : say("done_text", { day })),
    section(say("done_receipt"), h("p", {}, say("done_receipt_how")), h("pre", { class: "command" }, `understudy consent receipt ${fileName("receipt", name)}`), button(say("done_receipt"), receipt, "primary")),
    section(say("done_place"), h("p", {}, say("done_place_how")), h("p", { class: "link" }, signed.link),
      h("div", { class: "row" }, button(say("done_save_link"), file), button(say("done_open"), () => done(signed.link), "primary"))),
  ];
}

const keyFile = (name) => fileName("key", name, "pem");
