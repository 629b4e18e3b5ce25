// What use of the persona costs and came to: terms, months, statements to keep, and a word when nothing was paid.

import { ask, guarding, say, sentence } from "./api.js";
import { field } from "./boxes.js";
import { button, h, save, section } from "./dom.js";

// "" where nobody ever had to pay. `over`: the persona is erased, and what is owed outlives it.
export async function licence(over = false) {
  const place = h("div", {});
  const problem = h("p", { class: "problem", role: "alert" });
  const guarded = guarding(problem);
  const show = async () => {
    const told = await ask("licence");
    if (!told.paid) return false;
    place.replaceChildren(
      told.terms.length ? h("ul", { class: "record" }, told.terms.map((line) => h("li", { dir: "auto" }, line))) : "",
      over ? "" : payee(told, guarded),
      ...told.payers.flatMap((payer) => months(payer, guarded, show)),
    );
    return true;
  };
  try {
    if (!(await show())) return "";
  } catch (error) {
    problem.textContent = sentence(error);
  }
  return section(say("licence"), h("p", {}, say("licence_text")), place, problem);
}

function payee(told, guarded) {
  const input = h("input", { type: "text", maxlength: "300", autocomplete: "off", dir: "auto" });
  input.value = told.payee;
  const kept = h("p", { class: "told", role: "status" });
  const keep = button(say("save"), guarded(async () => {
    await ask("payee", { text: input.value });
    kept.textContent = say("payee_kept");
  }));
  return h("div", { class: "payee" }, field(say("payee"), input), h("div", { class: "row small" }, keep), kept);
}

function months(payer, guarded, show) {
  const rows = payer.months.map((month) => {
    const of = { org: payer.org, month: month.month };
    const get = (place) => guarded(async () => {
      const file = (await ask("stated", of))[place];
      save(file.name, file.kind, file.text);
    });
    const files = month.stated ? ["stated_file", "stated_signature", "stated_page"].map((name, place) => button(say(name), get(place))) : [];
    const doubt = month.contestable ? button(say("not_received"), guarded(async () => {
      await ask("not_received", of);
      await show();
    }), "danger") : "";
    return h("article", { class: "card" },
      h("p", { class: "source" }, h("span", {}, month.month), h("span", { class: `state-${month.state}` }, month.state_words), h("span", {}, say("licence_lines", { count: month.lines }))),
      h("p", { class: "amount" }, month.total), h("div", { class: "row small" }, files, doubt));
  });
  return [
    h("h3", { dir: "auto" }, payer.org),
    payer.stopped ? h("p", { class: "problem" }, say("licence_stopped", { why: payer.stopped })) : "",
    rows.length ? h("div", { class: "items" }, rows) : h("p", { class: "soft" }, say("licence_none")),
  ];
}
