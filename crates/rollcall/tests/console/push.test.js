// Push messages of the real program, opened by a service worker in Chromium; a server of the test stands for the browser's push service.
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { EventEmitter, on } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { PASSWORD, launch, signUp, visitor } from "./browser.js";
import { start } from "./server.js";

const DAY = 24 * 60 * 60;
const worker = readFileSync(new URL("push-worker.js", import.meta.url));

let browser;
let server;
let service;
let site;
before(async () => {
  [browser, server, service, site] = await Promise.all([
    launch(), start({ OUTBOUND_ALLOW: "127.0.0.0/8", WEBHOOK_ALLOW_HTTP: "true" }), pushService(), pageWithWorker(),
  ]);
});
after(async () => {
  await browser.close();
  await server.end();
  for (const { end } of [service, site]) end();
});

async function listen(answer) {
  const listener = createServer(answer);
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const end = () => { listener.close(); listener.closeAllConnections(); };
  return { base: `http://127.0.0.1:${listener.address().port}`, end };
}

/** Takes every message, and gives them in their order. */
async function pushService() {
  const arrivals = new EventEmitter();
  const messages = on(arrivals, "message");
  const { base, end } = await listen(async (request, response) => {
    arrivals.emit("message", { headers: request.headers, path: request.url, body: await buffer(request) });
    response.writeHead(201).end();
  });
  return { base, end, next: async () => (await messages.next()).value[0] };
}

/** A site of its own, so that the console's pages and what they may run stay as they are. */
function pageWithWorker() {
  return listen((request, response) => {
    const [type, body] = request.url === "/worker.js" ? ["text/javascript", worker] : ["text/html", "<!doctype html><link rel=icon href=data:,>"];
    response.writeHead(200, { "content-type": type }).end(body);
  });
}

/** In the page: makes the keys of a subscription as a browser does, and gives the subscription as JSON. */
async function subscribe(endpoint) {
  await navigator.serviceWorker.register("/worker.js");
  const { active } = await navigator.serviceWorker.ready;
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  const p256dh = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const auth = crypto.getRandomValues(new Uint8Array(16));
  const base64url = (octets) => btoa(String.fromCharCode(...octets)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const keys = { privateKey: pair.privateKey, p256dh, auth };
  window.openMessage = (body) => new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data: { text, error } }) => (error ? reject(new Error(error)) : resolve(text));
    active.postMessage({ body: new Uint8Array(body), keys }, [port2]);
  });
  return JSON.stringify({ endpoint, expirationTime: null, keys: { p256dh: base64url(p256dh), auth: base64url(auth) } });
}

/** What a push service does with a message's Authorization (RFC 8292): the key and the claims of a token that the key signed. */
async function signer(authorization) {
  const [, token, k] = authorization.match(/^vapid t=([\w.-]+), k=([\w-]+)$/);
  const [header, claims, signature] = token.split(".");
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const key = await webcrypto.subtle.importKey("raw", Buffer.from(k, "base64url"), algorithm, false, ["verify"]);
  const signed = await webcrypto.subtle.verify(algorithm, key, Buffer.from(signature, "base64url"), Buffer.from(`${header}.${claims}`));
  assert.ok(signed, "the token is signed by the key beside it");
  const read = (part) => JSON.parse(Buffer.from(part, "base64url"));
  assert.equal(read(header).alg, "ES256");
  return { k, claims: read(claims) };
}

test("a service worker opens the code and the test message that push brings it", { timeout: 60_000 }, async () => {
  const ann = await visitor(browser, server);
  const email = await signUp(ann.page, server, "Ann");
  const { access_token: token, customer } = await api("POST", "/v1/auth", 200, { email, password: PASSWORD });
  const channel = `/v1/customer/${customer.customer_id}/notification-channel`;
  const { public_key: known } = await api("GET", "/v1/push/public-key", 200);

  const { page, faults } = await visitor(browser, site);
  await page.goto("/");
  const subscription = await page.evaluate(subscribe, `${service.base}/push/ann`);
  const opened = (body) => page.evaluate((octets) => window.openMessage(octets), [...body]);
  const received = async () => {
    const { headers, path, body } = await service.next();
    assert.deepEqual([path, headers["content-encoding"]], ["/push/ann", "aes128gcm"]);
    const { k, claims } = await signer(headers.authorization);
    const now = Date.now() / 1000;
    assert.equal(k, known);
    assert.equal(claims.aud, service.base);
    assert.ok(claims.exp > now && claims.exp <= now + DAY, `the token ends at ${claims.exp}, now is ${now}`);
    const forged = Buffer.from(body);
    forged[forged.length - 1] ^= 1;
    await assert.rejects(opened(forged), /OperationError/);
    return JSON.parse(await opened(body));
  };

  await api("POST", channel, 201, { type: "push-notification", value: subscription }, token);
  const { notification: first } = await received();
  const [code] = first.body.match(/^\d{6}(?!\d)/);
  const { notification_channel: proved } = await api("PATCH", `${channel}/verification`, 200, { code, priority: 1 }, token);
  assert.equal(proved.status, "active");

  const { delivery } = await api("POST", `${channel}/test`, 200, { priority: 1 }, token);
  assert.equal(delivery.status, "delivered");
  const { notification: second } = await received();
  assert.equal(second.title, "Test message from Rollcall");
  assert.deepEqual([faults, ann.faults], [[], []]);
});

async function api(method, path, status, body, token) {
  const answer = await server.ask(method, path, body, token);
  const said = await answer.text();
  assert.equal(answer.status, status, `${method} ${path}: ${said}`);
  return JSON.parse(said);
}
