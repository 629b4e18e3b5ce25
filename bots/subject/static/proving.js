// Is the certificate true? Checked here against the receipt that was saved at home, and told how to do it without us.

import { ask, say } from "./api.js";
import { fileName, h, pick, save, section } from "./dom.js";
import { fromHex, holds } from "./keys.js";

const CERTIFICATE = "understudy-certificate+jws";
const ERASED = "understudy-erased+jws";
const RECEIPT = "understudy-receipt+jws";

export function proving(name) {
  const told = h("p", { role: "status" });
  const check = async (text) => {
    const fits = await belongs(text);
    told.className = fits ? "told" : "problem";
    told.textContent = say(fits ? "check_holds" : "check_fails");
  };
  const command = `understudy consent certificate ${fileName("certificate", name)} --receipt ${fileName("receipt", name)}`;
  return section(say("check_title"), h("p", {}, say("check_text")), pick(say("check_file"), ".json", check), told,
    h("p", {}, say("check_apart")), h("pre", { class: "command" }, command));
}

// One file each, in the form in which it was first saved; the newest has the plain name.
export async function receipts(name) {
  const all = (await ask("receipts")).reverse();
  all.forEach((each, place) => save(fileName("receipt", place ? `${name} ${place + 1}` : name), "application/json", JSON.stringify(each, null, 2)));
}

// Both of one installation, and for the same record; anything that cannot be read is a no.
async function belongs(text) {
  try {
    const receipt = JSON.parse(text);
    const proof = await ask("certificate");
    const key = receipt.installation_public_key;
    const signed = await Promise.all([
      holds(proof.certificate, proof.signature, fromHex(proof.public_key), CERTIFICATE),
      holds(proof.certificate, proof.receipt_signature, key, ERASED),
      holds(receipt.statement, receipt.statement_signature, key, RECEIPT),
    ]);
    return signed.every(Boolean) && JSON.parse(proof.certificate).record_ids.includes(JSON.parse(receipt.statement).record_id);
  } catch {
    return false;
  }
}
