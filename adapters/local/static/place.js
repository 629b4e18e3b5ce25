// Where one is and who one is, as addresses: `/archives/<chat>/p<message>?as=<person>&thread=<root>`. Pure, but for
// the tab's memory of who one is.

/** `{ as, chat, message, thread }` of an address; what it does not say is undefined. */
export function place(url) {
  const [, chat, message] = /^\/archives\/([^/]+)(?:\/p(\d{16}))?/.exec(decodeURI(url.pathname)) ?? [];
  const thread = /^\d{10}\.\d{6}$/.exec(url.searchParams.get("thread") ?? "")?.[0];
  return { as: url.searchParams.get("as") ?? undefined, chat, message: message && stamp(message), thread };
}

export function address(me, { chat, message, thread }) {
  const query = new URLSearchParams({ as: me });
  if (thread && !message) query.set("thread", thread);
  return `/archives/${encodeURIComponent(chat)}${message ? `/p${message.replace(".", "")}` : ""}?${query}`;
}

/** `1700000000000100` → `1700000000.000100`, the message's id. */
function stamp(digits) {
  return `${digits.slice(0, 10)}.${digits.slice(10)}`;
}

export function rememberIdentity(person) {
  try { sessionStorage.setItem("as", person); } catch { /* then the address alone remembers */ }
}

export function lastIdentity() {
  try { return sessionStorage.getItem("as"); } catch { return null; }
}
