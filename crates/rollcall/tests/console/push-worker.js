// A service worker that opens push messages as browsers do before they hand them to one: RFC 8291 in one record of RFC 8188.
const octets = (text) => new TextEncoder().encode(text);

function join(...parts) {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

async function hmac(secret, data) {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, data));
}

/** HKDF with SHA-256 (RFC 5869), for no more than the 32 octets of its first block. */
async function derive(salt, secret, info, length) {
  return (await hmac(await hmac(salt, secret), join(info, [1]))).slice(0, length);
}

/** The text of a message's body; `keys` are those of the subscription: `privateKey`, `p256dh` and `auth`. */
async function open(body, { privateKey, p256dh, auth }) {
  const salt = body.slice(0, 16);
  const size = new DataView(body.buffer, body.byteOffset).getUint32(16);
  const sender = body.slice(21, 21 + body[20]);
  const record = body.slice(21 + body[20]);
  if (record.length > size) throw new Error("there is more than one record");
  const point = await crypto.subtle.importKey("raw", sender, { name: "ECDH", namedCurve: "P-256" }, false, []);
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: point }, privateKey, 256));
  const secret = await derive(auth, shared, join(octets("WebPush: info\0"), p256dh, sender), 32);
  const key = await derive(salt, secret, octets("Content-Encoding: aes128gcm\0"), 16);
  const iv = await derive(salt, secret, octets("Content-Encoding: nonce\0"), 12);
  const cipher = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const padded = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, cipher, record));
  const end = padded.findLastIndex((octet) => octet !== 0);
  if (padded[end] !== 2) throw new Error("the record does not end as the last one does");
  return new TextDecoder("utf-8", { fatal: true }).decode(padded.slice(0, end));
}

self.addEventListener("message", ({ data: { body, keys }, ports: [asker] }) => {
  open(body, keys).then((text) => asker.postMessage({ text }), (error) => asker.postMessage({ error: `${error}` }));
});
