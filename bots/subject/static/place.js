// The Subject's own place, and what its owner sees of it while it cools off.

import { ask, fetchBlob, guarding, say, sentence } from "./api.js";
import { form } from "./boxes.js";
import { button, fileName, h, save, section } from "./dom.js";
import { ending } from "./ending.js";
import { able } from "./keys.js";
import { licence } from "./licence.js";
import { licences } from "./licences.js";
import { answers, held, statements } from "./lists.js";
import { sign } from "./signing.js";
import { proving, receipts } from "./proving.js";
import { withholding } from "./withholding.js";

const POLL = 1500; // milliseconds, while it is being erased

export async function place(page, told, again, follow) {
  if (told.state === "erasing") return erasing(page, again);
  if (told.state === "erased") return erased(page, told, await licence(true));
  const owner = told.role === "owner";
  const kin = told.role === "kin";
  const problem = h("p", { class: "problem", role: "alert" });
  const act = (verb) => async () => {
    try {
      await ask(verb);
      await again();
    } catch (error) {
      problem.textContent = sentence(error);
      problem.scrollIntoView({ block: "center" });
    }
  };
  const parts = [
    h("h1", { dir: "auto" }, told.display_name),
    h("p", { class: "lead" }, say(owner ? "preview_lead" : kin ? "kin_lead" : "place_lead")),
    facts(told),
    problem,
    told.method === "paper" && !kin ? h("p", { class: "soft" }, say("paper_note")) : "",
    !owner && !kin && told.state === "deceased" ? section(say("alive_title"), h("p", {}, say("alive_text")), button(say("alive"), act("alive"), "primary")) : "",
    looking(told, act, owner),
    await statements(owner),
  ];
  if (kin) {
    parts.push(
      held(told, kin),
      answers(kin),
      copying(told, problem, "kin_copy_text"),
      h("section", { class: "part ending" }, h("h2", {}, say("kin_erase_title")), h("p", {}, say("kin_erase_text")), button(say("kin_erase"), act("erase"), "danger")),
    );
  } else if (!owner) {
    parts.push(
      section(say("allowed"), h("ul", { class: "record" }, told.lines.map((line) => h("li", { dir: "auto" }, line))), told.method === "paper" ? takingOver() : narrowing(page, again, follow, told)),
      await withholding(again),
      held(told),
      answers(),
      await licence(),
      await licences(page, again),
      freezing(told, act),
      copying(told, problem),
      links(),
      h("section", { class: "part ending" }, h("h2", {}, say("withdraw_title")), h("p", {}, say("withdraw_text")), button(say("withdraw"), act("withdraw"), "danger")),
    );
  }
  page.replaceChildren(...parts.filter(Boolean));
}

function copying(told, problem, text = "copy_text") {
  return section(say("copy_title"), h("p", {}, say(text)), button(say("export"), guarding(problem)(async () => {
    save(`${told.name}.zip`, "application/zip", await fetchBlob("export"));
  })));
}

// What was signed on paper cannot be changed here: first it has to be signed with a key of one's own.
function takingOver() {
  const told = h("p", { class: "told", role: "status" });
  const letter = button(say("takeover"), async () => {
    try {
      await ask("takeover");
      told.textContent = say("takeover_sent");
    } catch (error) {
      told.textContent = sentence(error);
    }
  });
  return [h("p", {}, say("takeover_ask")), letter, told];
}

function facts(told) {
  const rows = [[say("state"), told.state_words]];
  const day = (at) => at.slice(0, 16).replace("T", " ");
  if (told.cooling) rows.push([say("cooling_until"), say("cooling_until_value", { day: day(told.effective_at) })]);
  if (told.last_day) rows.push([say("ends"), say("ends_value", { day: told.last_day })]);
  return h("dl", { class: "facts" }, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function looking(told, act, owner) {
  if (!told.ready_to_read) return "";
  const frame = h("iframe", { sandbox: "", title: say("page_frame"), hidden: true });
  const problem = h("p", { class: "problem", role: "alert" });
  const open = button(say("page_show"), async () => {
    problem.textContent = "";
    if (!frame.hidden) {
      frame.hidden = true;
      open.textContent = say("page_show");
      return;
    }
    try {
      frame.srcdoc = (await ask("page")).html;
      frame.hidden = false;
      open.textContent = say("page_hide");
    } catch (error) {
      problem.textContent = sentence(error);
    }
  });
  const approving = owner ? [] : !told.material ? [] : told.approved ? [h("p", { class: "told" }, say("approved"))] : [button(say("approve"), act("approve"), "primary")];
  return section(say("approve_title"), owner ? "" : h("p", {}, say("approve_text")), told.material ? h("div", { class: "row" }, open, approving) : h("p", { class: "soft" }, say("approve_nothing")), problem, frame);
}

function narrowing(page, again, follow, told) {
  const problem = h("p", { class: "problem", role: "alert" });
  const open = button(say("narrow_open"), async () => {
    try {
      const offer = await ask("boxes");
      narrow(page, offer, again, follow, told);
    } catch (error) {
      problem.textContent = sentence(error);
    }
  });
  return [h("p", {}, say("narrow_text")), open, problem];
}

function narrow(page, offer, again, follow, told) {
  const boxes = form(offer.boxes, { ticked: true });
  const problem = h("p", { class: "problem", role: "alert" });
  const show = () => page.replaceChildren(
    h("h1", {}, say("narrow_title")), h("p", { class: "lead" }, say("narrow_text")), ...boxes.parts.filter(Boolean), problem,
    h("div", { class: "row" }, button(say("back"), again), look),
  );
  const look = button(say("look"), async () => {
    const ticks = boxes.ticks();
    try {
      const draft = await ask("draft", { ticks });
      await sign(page, { draft, ticks, offer, known: true, wantsAddress: false, back: show, done: follow, name: told.display_name });
    } catch (error) {
      problem.textContent = sentence(error);
    }
  }, "primary");
  show();
  scrollTo(0, 0);
}

function freezing(told, act) {
  if (told.state === "restricted") return section(say("freeze_title"), h("p", {}, say("freeze_text")), button(say("lift"), act("lift")));
  if (told.own_pause) return section(say("paused_title"), h("p", {}, say("paused_text")), h("div", { class: "row" }, button(say("resume"), act("resume")), button(say("freeze"), act("restrict"))));
  if (!["cooling", "assessed", "live", "suspended"].includes(told.state)) return "";
  return section(say("freeze_title"), h("p", {}, say("freeze_text")), button(say("freeze"), act("restrict")));
}

function links() {
  const told = h("p", { class: "told", role: "status" });
  return section(say("links_title"), h("p", {}, say("links_text")), button(say("links"), async () => {
    try {
      told.textContent = say("links_closed", await ask("close"));
    } catch (error) {
      told.textContent = sentence(error);
    }
  }), told);
}

function erasing(page, again) {
  page.replaceChildren(h("h1", {}, say("erasing_title")), h("p", { class: "lead" }, say("erasing_text")));
  setTimeout(again, POLL);
}

async function erased(page, told, ledger) {
  const problem = h("p", { class: "problem", role: "alert" });
  const guarded = guarding(problem);
  const certificate = guarded(async () => save(fileName("certificate", told.display_name), "application/json", JSON.stringify(await ask("certificate"), null, 2)));
  page.replaceChildren(
    h("h1", {}, say("erased_title")),
    h("p", { class: "lead" }, say("erased_text")),
    told.certificate ? h("dl", { class: "facts" }, h("div", {}, h("dt", {}, say("certificate_id")), h("dd", {}, told.certificate))) : "",
    h("p", {}, say("certificate_how")),
    h("div", { class: "row" }, button(say("certificate"), certificate, "primary"), button(say("done_receipt"), guarded(() => receipts(told.display_name)))),
    problem,
    proving(told.display_name),
    (await able()) ? ending() : "",
    ledger,
    ledger ? copying(told, problem, "licence_copy_text") : "",
  );
}
