// What a first look costs: weight, round trips, what holds the first picture up, what moves after it, what is kept.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visitor } from "./browser.js";
import { filled, readers } from "./places.js";
import { start } from "./server.js";

/** Bytes over the wire with heads: of the first page, and of one full of rows. */
const MOST = { open: 60_000, own: 80_000 };
let browser;
let server;
let known;
let everybody;
before(async () => {
  [browser, server] = await Promise.all([launch(), start({}, true)]);
  ({ known, everybody } = await readers(browser, server));
});
after(async () => { await browser.close(); await server.end(); });

test("a page is light, whole after one round trip, and stands still", { timeout: 180_000 }, async () => {
  const told = [];
  for (const [who, path, viewport] of [
    ["open", "/", { width: 390, height: 844 }], ["open", "/sign-in", { width: 1280, height: 860 }],
    ["own", "/", { width: 1280, height: 860 }], ["own", "/teams/{team}", { width: 390, height: 844 }], ["own", "/teams/{team}/channels", { width: 390, height: 844 }],
  ]) {
    const { state } = everybody.find((reader) => reader.who === who);
    const { page, context, faults } = await visitor(browser, server, { viewport, storageState: state });
    await page.addInitScript(() => {
      globalThis.moved = 0;
      new PerformanceObserver((list) => list.getEntries().forEach(({ value, hadRecentInput }) => { if (!hadRecentInput) globalThis.moved += value; })).observe({ type: "layout-shift", buffered: true });
    });
    const cdp = await context.newCDPSession(page);
    await cdp.send("Network.enable");
    const asked = new Map();
    cdp.on("Network.requestWillBeSent", ({ requestId, request: { url }, initiator: { type } }) => asked.set(requestId, { url, type, bytes: 0 }));
    cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => { asked.get(requestId).bytes = encodedDataLength; });
    const answers = [];
    page.on("response", (answer) => answers.push(answer));
    await page.goto(filled(path, known), { waitUntil: "networkidle" });
    const all = [...asked.values()];
    const weight = all.reduce((sum, { bytes }) => sum + bytes, 0);
    assert.ok(weight > 5_000 && weight < MOST[who], `${path}: ${weight} bytes`);
    for (const { url, type } of all.slice(1)) assert.ok(["parser", "other"].includes(type), `${path}: ${url} is named by the page itself, not by ${type}`);
    const held = await page.evaluate(() => performance.getEntriesByType("resource").filter(({ renderBlockingStatus }) => renderBlockingStatus === "blocking").map(({ name }) => name));
    assert.deepEqual(held.map((url) => url.split(".").pop()), ["css"], `${path}: what the first picture waits for`);
    for (const answer of answers.filter((answer) => answer.url().includes("/assets/"))) {
      const headers = await answer.allHeaders();
      assert.match(headers["cache-control"], /max-age=31536000, immutable/, answer.url());
      assert.match(headers["content-encoding"] ?? "", /^(br|gzip)$/, answer.url());
    }
    const moved = await page.evaluate(() => globalThis.moved);
    assert.ok(moved < 0.1, `${path} moves by ${moved}`);
    assert.deepEqual(faults, []);
    told.push(`${path} ${who} ${(weight / 1000).toFixed(1)} kB, ${all.length} requests, moved by ${moved.toFixed(3)}`);
    await context.close();
  }
  console.log(`weight: ${told.join("; ")}`);
});
