// The Subject's key: made in this browser, saved by its owner, and never sent anywhere.
//
// Signatures are detached JWS (RFC 7515 Appendix F) with Ed25519 (RFC 9864), as persona_store/jws.py reads them.

const ALGORITHM = { name: "Ed25519" };
export const RECORD = "understudy-consent+jws";
const LOGIN = "understudy-login+jws";
const STANDING = "understudy-standing+jws";
const bytes = (text) => new TextEncoder().encode(text);

export async function able() {
  try {
    await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
    return true;
  } catch {
    return false; // no Ed25519, or no secure context: then there is no `subtle` at all
  }
}

// Extractable this once, so that it can be saved; what signs afterwards is not.
export async function make() {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const pem = written(new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)));
  return { pem, key: await read(pem) };
}

// Raises what the browser raises for a file that is no Ed25519 private key in PKCS#8.
export async function read(pem) {
  const body = pem.match(/-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----/);
  if (!body) throw new TypeError("no key");
  const der = Uint8Array.from(atob(body[1].replace(/\s/g, "")), (each) => each.charCodeAt(0));
  const open = await crypto.subtle.importKey("pkcs8", der, ALGORITHM, true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", open);
  const closed = await crypto.subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]);
  return { publicKey: x, sign: (data) => crypto.subtle.sign(ALGORITHM, closed, data) };
}

export const signRecord = (record, key) => detached(record, key, RECORD);
export const signStanding = (statement, key) => detached(statement, key, STANDING);
export const signLogin = (challenge, key) => detached(challenge, key, LOGIN);

export async function sha256(text) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(text)));
  return [...digest].map((each) => each.toString(16).padStart(2, "0")).join("");
}

// Whether this key signed these very bytes for this purpose. `publicKey` is base64url.
export async function holds(payload, signature, publicKey, typ) {
  const [header, middle, value, ...more] = signature.split(".");
  if (middle || more.length || header !== (await head(publicKey, typ))) return false;
  const key = await crypto.subtle.importKey("jwk", { kty: "OKP", crv: "Ed25519", x: publicKey }, ALGORITHM, false, ["verify"]);
  return crypto.subtle.verify(ALGORITHM, key, decoded(value), bytes(`${header}.${encoded(bytes(payload))}`));
}

export function fromHex(text) {
  return encoded(Uint8Array.from(text.match(/../g), (each) => parseInt(each, 16)));
}

async function head(publicKey, typ) {
  const members = JSON.stringify({ crv: "Ed25519", kty: "OKP", x: publicKey });
  const kid = encoded(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(members)))); // RFC 7638
  return encoded(bytes(JSON.stringify({ alg: "Ed25519", kid, typ })));
}

async function detached(payload, key, typ) {
  const header = await head(key.publicKey, typ);
  const signature = await key.sign(bytes(`${header}.${encoded(bytes(payload))}`));
  return `${header}..${encoded(new Uint8Array(signature))}`;
}

// base64url without padding.
export function encoded(data) {
  let text = "";
  for (const each of data) text += String.fromCharCode(each);
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function decoded(text) {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
}

function written(der) {
  const lines = btoa(String.fromCharCode(...der)).match(/.{1,64}/g).join("\n");
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}
