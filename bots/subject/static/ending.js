// Ending a licence where nothing of it is left: its file and the key are enough, and nothing is asked of any server.

import { say } from "./api.js";
import { button, h, pick, save, section } from "./dom.js";
import { encoded, holds, read, RECORD, sha256, signStanding } from "./keys.js";
import { handing } from "./revoking.js";

const FORM = "understudy.licence/1";
const ADDRESS = "revoked:";
const LINE = 64; // characters between the marks, as the other side's program writes them

export function ending() {
  const told = h("p", { class: "told", role: "status" });
  const problem = h("p", { class: "problem", role: "alert" });
  const place = h("div", {});
  let licence = null;
  let key = null;
  const ready = () => {
    place.replaceChildren();
    problem.textContent = "";
    told.textContent = licence ? say("ending_licence", { org: licence.org }) : "";
    if (!licence || !key) return;
    if (key.publicKey !== licence.publicKey) problem.textContent = say("ending_key");
    else place.replaceChildren(button(say("revoke", { org: licence.org }), () => end(place, licence, key), "danger"));
  };
  const taking = (take) => async (text) => {
    try {
      await take(text);
      ready();
    } catch {
      problem.textContent = say("ending_unread");
    }
  };
  return section(say("ending_title"), h("p", {}, say("ending_text")),
    h("div", { class: "row" },
      pick(say("ending_file"), ".json", taking(async (text) => (licence = await opened(text)))),
      pick(say("key_file"), ".pem", taking(async (text) => (key = await read(text))))),
    told, problem, place);
}

// What the file says, if the key it names signed it.
async function opened(text) {
  const { form, record, signature, public_key: publicKey } = JSON.parse(text);
  if (form !== FORM || !(await holds(record, signature, publicKey, RECORD))) throw new TypeError("no licence");
  const { licence, withdrawal, event, prev_record: before, pii_controllers: [{ contact }] } = JSON.parse(record);
  const addresses = withdrawal.methods.filter((each) => each.startsWith(ADDRESS)).map((each) => each.slice(ADDRESS.length));
  return { org: licence.orgs[0], records: [`sha256:${await sha256(record)}`, ...(before ? [before] : [])], publicKey, addresses, contact, since: event.time };
}

async function end(place, licence, key) {
  const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const at = now < licence.since ? licence.since : now; // by a clock that is slow: what was said before it counts for nothing
  const blocks = [];
  for (const record of licence.records) { // what it amended, too: they may not have the newest
    const statement = JSON.stringify({ form: "understudy.standing/1", record, organisation: licence.org, standing: "revoked", at });
    const signed = JSON.stringify({ statement: btoa(statement), signature: await signStanding(statement, key) });
    const lines = encoded(new TextEncoder().encode(signed)).match(new RegExp(`.{1,${LINE}}`, "g")).join("\n");
    blocks.push(`-----BEGIN UNDERSTUDY LICENCE STANDING-----\n${lines}\n-----END UNDERSTUDY LICENCE STANDING-----`);
  }
  const text = `${[say("licensed.revoked_words", { org: licence.org }), ...blocks].join("\n\n")}\n`;
  const file = { name: `licence-${licence.org}-revoked.txt`, kind: "text/plain", text };
  place.replaceChildren(
    h("p", { class: "told" }, say("ending_done")),
    h("div", { class: "row" }, button(say("revoked_save"), () => save(file.name, file.kind, file.text), "primary")),
    ...handing({ ...licence, files: [file] }));
}
