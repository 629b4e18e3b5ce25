// Speaks to the server in the name of who you are.

/** A request that did not work; `code` has a sentence in strings.json (`error.<code>`). */
export class Failed extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

export class Api {
  constructor(me) {
    this.me = me;
  }

  get(path, query = {}) {
    return this.#call(this.#address(path, query), {});
  }

  post(path, body) {
    const headers = { "Content-Type": "application/json", "X-Understudy-Page": "1" };
    return this.#call(this.#address(path, {}), { method: "POST", headers, body: JSON.stringify(body) });
  }

  /** Calls `onFrame` with whatever is new after `change`, for as long as the page is open. Coming back after
      a break is the same as coming for the first time: it says how far it had read. */
  listen(change, onFrame, onState) {
    let wait = 500;
    let socket = null;
    let stopped = false;
    const connect = () => {
      const address = this.#address("/local/live", { after: change });
      socket = new WebSocket(new URL(address, location.href.replace(/^http/, "ws")));
      socket.addEventListener("message", (event) => {
        const frame = JSON.parse(event.data);
        change = frame.change;
        wait = 500;
        onState(true);
        onFrame(frame);
      });
      socket.addEventListener("close", () => {
        if (stopped) return;
        onState(false);
        setTimeout(() => stopped || connect(), wait);
        wait = Math.min(wait * 2, 8000);
      });
    };
    connect();
    return () => {
      stopped = true;
      socket.close();
    };
  }

  #address(path, query) {
    return `${path}?${new URLSearchParams({ as: this.me, ...query })}`;
  }

  async #call(address, options) {
    let response;
    try {
      response = await fetch(address, { ...options, signal: AbortSignal.timeout(20_000) });
    } catch {
      throw new Failed("unreachable");
    }
    if (response.ok) return response.json();
    let code = "failed";
    try { code = (await response.json()).error ?? code; } catch { /* not our JSON: the general sentence will do */ }
    throw new Failed(code);
  }
}

/** A name for one thing done, so that trying again is not doing it twice. (crypto.randomUUID is missing where
    the page is not served from this machine.) */
export function nonce() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
