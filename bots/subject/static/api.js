// What the page asks of the server. The pass stands behind the # of the address, which no browser sends by itself;
// here it goes out in a header, to where the page came from and to nowhere else.

const LANGUAGES = ["en", "zh-CN"];

export const session = { token: "", lang: "en", words: {} };

export class Failed extends Error {
  constructor(code, status) {
    super(code);
    this.code = code;
    this.status = status;
  }
}

export function enter() {
  session.token = new URLSearchParams(location.hash.slice(1)).get("t") ?? "";
}

export async function speak(lang) {
  session.lang = LANGUAGES.includes(lang) ? lang : navigator.language.startsWith("zh") ? "zh-CN" : "en";
  const answer = await fetch(`/subject/words/${session.lang}`);
  session.words = await answer.json();
  document.documentElement.lang = session.lang;
}

export function say(key, parameters = {}) {
  return (session.words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => parameters[name] ?? whole);
}

async function send(verb, wanted) {
  let answer;
  try {
    answer = await fetch(`/subject/api/${verb}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Understudy ${session.token}` },
      body: JSON.stringify({ lang: session.lang, ...wanted }),
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
  } catch {
    throw new Failed("NETWORK", 0);
  }
  if (answer.ok) return answer;
  if (answer.status === 404) throw new Failed("GONE", 404);
  if (answer.status === 429) throw new Failed("BUSY", 429);
  let code = `HTTP_${answer.status}`;
  try {
    code = (await answer.json()).code ?? code;
  } catch {
    // an answer of something in between: its number has to do
  }
  throw new Failed(code, answer.status);
}

export async function ask(verb, wanted = {}) {
  return (await send(verb, wanted)).json();
}

export async function fetchBlob(verb) {
  return (await send(verb, {})).blob();
}

export function sentence(error) {
  const key = `error_${(error.code ?? "other").toLowerCase()}`;
  return key in session.words ? say(key) : say("error_other", { code: error.code ?? error.message });
}

// For buttons: what goes wrong when one is pressed stands in `problem`, until the next is.
export function guarding(problem) {
  return (act) => async () => {
    problem.textContent = "";
    try {
      await act();
    } catch (error) {
      problem.textContent = sentence(error);
    }
  };
}
