// What is held, drawn from it and was said from it: page by page, each with what may be done about it.

import { ask, guarding, say, sentence } from "./api.js";
import { button, h, section } from "./dom.js";

export function held(told, kin = false) {
  const list = h("div", { class: "items" });
  const counts = h("p", {}, say(kin ? "kin_held_counts" : "held_counts", told));
  const problem = h("p", { class: "problem", role: "alert" });
  let next = 0;
  const more = button(say("show"), async () => {
    try {
      const page = await ask("held", { after: next });
      next = page.next;
      list.append(...page.items.map((item) => card(item)));
      more.textContent = say("more");
      more.hidden = next === 0;
      if (!list.children.length && !next) problem.textContent = say("held_none");
    } catch (error) {
      problem.textContent = sentence(error);
    }
  });
  return section(say("held"), counts, list, problem, more);
}

function card(item) {
  const problem = h("p", { class: "problem", role: "alert" });
  const text = h("blockquote", { dir: "auto" }, item.text);
  const from = [item.about === "own" ? "" : say(`about_${item.about}`), item.author, item.when, item.place, item.title === item.place ? "" : item.title];
  const link = item.url ? h("a", { href: item.url, rel: "noopener noreferrer nofollow", target: "_blank" }, say("source_link")) : "";
  const guarded = guarding(problem);
  const back = button(say("keep_back"), guarded(async () => {
    await ask("withhold", { ids: [item.id] });
    element.replaceChildren(h("p", { class: "told", role: "status" }, say("kept_back")));
  }));
  const fix = button(say("correct"), () => {
    const area = h("textarea", { rows: "4", "aria-label": say("correct_label"), maxlength: "20000", dir: "auto" });
    area.value = item.text;
    const put = button(say("save"), guarded(async () => {
      item.id = (await ask("correct", { ids: [item.id], text: area.value })).id;
      item.text = area.value;
      text.textContent = area.value;
      editor.replaceWith(row);
    }), "primary");
    const editor = h("div", { class: "editor" }, area, h("div", { class: "row" }, button(say("cancel"), () => editor.replaceWith(row)), put));
    row.replaceWith(editor);
    area.focus();
  });
  const row = h("div", { class: "row small" }, back, item.about === "own" ? fix : "");
  const element = h("article", { class: "card" }, item.question ? h("p", { class: "asked", dir: "auto" }, item.question) : "", text,
    h("p", { class: "source" }, from.filter(Boolean).map((each) => h("span", { dir: "auto" }, each)), link), row, problem);
  return element;
}

export async function statements(owner) {
  const problem = h("p", { class: "problem", role: "alert" });
  const list = h("div", { class: "items" });
  let found = [];
  try {
    found = await ask("statements");
  } catch (error) {
    problem.textContent = sentence(error);
  }
  const shown = (facet) => {
    const strike = button(say("strike"), async () => {
      try {
        await ask("strike", { ids: [facet.id] });
        element.remove();
      } catch (error) {
        problem.textContent = sentence(error);
      }
    });
    const element = h("article", { class: "card" }, h("p", { class: "source" }, h("span", {}, facet.aspect), facet.topic ? h("span", { dir: "auto" }, facet.topic) : ""),
      facet.text ? h("blockquote", { dir: "auto" }, facet.text) : "", h("div", { class: "row small" }, strike));
    return element;
  };
  let at = 0;
  const more = button(say("more"), () => {
    list.append(...found.slice(at, (at += 10)).map(shown));
    more.hidden = at >= found.length;
  });
  if (!found.length) return section(say("statements_title"), h("p", { class: "soft" }, say("statements_none")), problem);
  await more.click();
  return section(say("statements_title"), h("p", {}, say(owner ? "statements_text_owner" : "statements_text")), list, more, problem);
}

export function answers(kin = false) {
  const list = h("div", { class: "items" });
  const problem = h("p", { class: "problem", role: "alert" });
  const earlier = h("p", { class: "soft" });
  let page = 0;
  const more = button(say("show"), async () => {
    try {
      const found = await ask("answers", { page });
      page += 1;
      list.append(...found.answers.map(answer));
      more.textContent = say("more");
      more.hidden = list.children.length >= found.total;
      if (!found.total) problem.textContent = say("answers_none");
      if (found.earlier.length) earlier.textContent = say("answers_earlier", { list: found.earlier.map(([month, count]) => `${month}: ${count}`).join(", ") });
    } catch (error) {
      problem.textContent = sentence(error);
    }
  });
  return section(say(kin ? "kin_answers" : "answers"), h("p", {}, say("answers_text")), list, earlier, problem, more);
}

function answer(each) {
  const facts = [each.at.slice(0, 16).replace("T", " "), each.place, say(`kind_${each.kind}`), say("asked_by", { who: each.asker })];
  return h("article", { class: "card" }, h("p", { class: "source" }, facts.map((fact) => h("span", { dir: "auto" }, fact))),
    each.question ? h("p", { class: "asked", dir: "auto" }, each.question) : "", each.quotes.map((quote) => h("blockquote", { dir: "auto" }, quote)));
}
