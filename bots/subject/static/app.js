// Which of the page's views somebody's link opens.

import { ask, enter, Failed, say, sentence, session, speak } from "./api.js";
import { button, h, pick, section } from "./dom.js";
import { ending } from "./ending.js";
import { able, read, signLogin } from "./keys.js";
import { place } from "./place.js";
import { request } from "./request.js";

const page = document.getElementById("page");
const language = document.getElementById("language");

let shown = Promise.resolve();

// One after the other, and nothing can be pressed meanwhile whose answer the next one would take away.
function show() {
  shown = shown.then(load, load);
  return shown;
}

async function load() {
  page.setAttribute("aria-busy", "true");
  page.inert = true;
  try {
    const told = session.token ? await ask("open") : null;
    if (!told) await nothing();
    else if (told.view === "request") await request(page, told, follow);
    else await place(page, told.place, show, follow);
  } catch (error) {
    if (error instanceof Failed && error.code !== "GONE") page.replaceChildren(h("p", { class: "problem", role: "alert" }, sentence(error)));
    else if (error instanceof Failed) await nothing();
    else throw error;
  } finally {
    page.removeAttribute("aria-busy");
    page.inert = false;
  }
}

async function nothing() {
  const problem = h("p", { class: "problem", role: "alert" });
  const prove = async (pem) => {
    try {
      const key = await read(pem);
      const { challenge } = await ask("challenge", { public_key: key.publicKey });
      const { token } = await ask("prove", { challenge, public_key: key.publicKey, signature: await signLogin(challenge, key) });
      await follow(`#t=${token}`);
    } catch (error) {
      problem.textContent = error instanceof Failed && error.code !== "GONE" ? sentence(error) : say("prove_wrong");
    }
  };
  page.replaceChildren(
    h("h1", {}, say("gone_title")),
    h("p", { class: "lead" }, say("gone_text")),
    ...((await able()) ? [section(say("prove_title"), h("p", {}, say("prove_text")), pick(say("prove_file"), ".pem", prove), problem), ending()] : []),
  );
}

async function follow(link) {
  history.replaceState(null, "", link.slice(link.indexOf("#")));
  enter();
  await show();
  scrollTo(0, 0);
}

async function start(lang) {
  await speak(lang);
  document.title = say("title");
  language.textContent = say("other_language");
  await show();
}

language.addEventListener("click", () => start(session.lang === "en" ? "zh-CN" : "en"));
addEventListener("hashchange", () => {
  enter();
  show();
});
enter();
await start("");
