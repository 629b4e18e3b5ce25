// Being asked: who wants what, the notice, every grant as an unticked box, and a plain way to say no.

import { ask, say, sentence } from "./api.js";
import { form } from "./boxes.js";
import { button, h, prose, section } from "./dom.js";
import { able } from "./keys.js";
import { sign, unable } from "./signing.js";

export async function request(page, offer, follow) {
  const signable = await able();
  const own = offer.takes_over; // a record on paper, which stays as it is unless its subject ticks less
  const boxes = form(offer.boxes, { ticked: own });
  const problem = h("p", { class: "problem", role: "alert" });
  const show = () => page.replaceChildren(...parts);
  const look = button(say("look"), async () => {
    problem.textContent = "";
    const ticks = boxes.ticks();
    try {
      const draft = await ask("draft", { ticks });
      await sign(page, { draft, ticks, offer, known: offer.amends, wantsAddress: !offer.amends, address: offer.address, back: show, done: follow, name: offer.display_name });
    } catch (error) {
      problem.textContent = sentence(error);
    }
  }, "primary");
  const decline = async () => {
    try {
      await ask("decline");
      page.replaceChildren(h("h1", {}, say("declined_title")), h("p", { class: "lead" }, say("declined_text")));
    } catch (error) {
      problem.textContent = sentence(error);
    }
  };
  const people = ["controller", "owner", "deputy", "contact"].filter((name) => offer[name]);
  const parts = [
    h("h1", {}, own ? say("takeover_title") : say("ask_title", { name: offer.display_name })),
    h("p", { class: "lead" }, say(own ? "takeover_lead" : "ask_lead")),
    own ? "" : h("div", { class: "free" }, h("p", {}, say("ask_free")), h("div", { class: "row" }, h("span", {}, say("decline_lead")), button(say("decline"), decline))),
    h("dl", { class: "facts" }, people.map((name) => h("div", {}, h("dt", {}, say(`who_${name}`)), h("dd", { dir: "auto" }, offer[name])))),
    h("p", { class: "soft" }, say("ask_until", { day: offer.until.slice(0, 10) })),
    section(say("notice_title"), h("div", { class: "notice", tabindex: "0" }, prose(offer.notice))),
    section(say("boxes_title"), h("p", {}, say(own ? "narrow_text" : "boxes_lead")), boxes.parts),
    problem,
    signable ? h("div", { class: "row" }, own ? "" : button(say("decline"), decline), look) : unable(show),
  ];
  show();
}
