// Figures of the console: what the first page weighs, how many round trips it takes, and how soon pages begin to arrive at
// 50 requests a second. `just console-figures`; a release build makes them worth writing down.
import { request, Agent } from "node:http";
import { performance } from "node:perf_hooks";
import { launch, signIn, visitor } from "./browser.js";
import { start } from "./server.js";

const RATE = 50;
const SECONDS = Number(process.argv[2] ?? 20);
const agent = new Agent({ keepAlive: true });

function firstByte(url, headers) {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    request(url, { agent, headers }, (response) => {
      const took = performance.now() - begun;
      if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode}`));
      response.resume().on("end", () => resolve(took));
    }).on("error", reject).end();
  });
}

async function pace(url, headers) {
  const waits = [];
  const begun = performance.now();
  for (let sent = 0; sent < RATE * SECONDS; sent += 1) {
    const due = begun + (sent * 1000) / RATE;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    waits.push(firstByte(url, headers));
  }
  const took = (await Promise.all(waits)).sort((a, b) => a - b);
  const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))].toFixed(1);
  return `median ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

const server = await start({}, true);
const browser = await launch();
try {
  const { page, context } = await visitor(browser, server);
  let weight = 0;
  const asked = [];
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  const from = new Map();
  cdp.on("Network.requestWillBeSent", ({ requestId, request: { url }, initiator }) => from.set(requestId, { url, by: initiator.type }));
  cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    weight += encodedDataLength;
    asked.push({ ...from.get(requestId), bytes: encodedDataLength });
  });
  await page.goto("/", { waitUntil: "networkidle" });
  for (const { url, by, bytes } of asked) console.log(`${String(bytes).padStart(7)} bytes  ${new URL(url).pathname} (${by})`);
  const late = asked.filter(({ by }) => by === "script").length;
  console.log(`first page: ${(weight / 1000).toFixed(1)} kB over the wire with heads, ${asked.length} requests, ${late} of them after a script had run`);
  console.log(`/ signed out at ${RATE}/s: ${await pace(`${server.base}/`, {})}`);
  const [, email, password] = server.said.match(/sign in as (\S+) with the password (\S+)/);
  await signIn(page, email, password);
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  for (const path of ["/", "/channels", "/teams", "/account"]) {
    console.log(`${path} signed in at ${RATE}/s: ${await pace(`${server.base}${path}`, { cookie })}`);
  }
} finally {
  agent.destroy();
  await browser.close();
  await server.end();
}
