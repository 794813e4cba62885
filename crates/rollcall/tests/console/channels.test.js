// A channel from end to end, a person's and a team's alike, in front of a receiver that can be seen: added, proved, tested with the
// receiver's answer, moved, switched, changed, tried again, deleted.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { counting, launch, signUp, visitor } from "./browser.js";
import { start } from "./server.js";

let browser;
let server;
let receiver;
before(async () => {
  [browser, server, receiver] = await Promise.all([launch(), start({ OUTBOUND_ALLOW: "127.0.0.0/8", WEBHOOK_ALLOW_HTTP: "true" }), listen()]);
});
after(async () => { await browser.close(); await server.end(); receiver.end(); });

/** Takes webhooks, keeps the codes in them, and answers with `status`. */
async function listen() {
  const found = { codes: [], status: 200 };
  const http = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => { body += part; }).on("end", () => {
      const { data } = JSON.parse(body);
      if (data.code) found.codes.push(data.code);
      response.writeHead(data.code ? 200 : found.status).end("Taken, with thanks.");
    });
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  return Object.assign(found, { url: `http://localhost:${http.address().port}`, end: () => http.close() });
}

const press = (page, name) => page.getByRole("button", { name, exact: true }).first().click();
const says = (page, text) => page.locator(".notice").getByText(text).first().waitFor();

async function prove(page, code) {
  await page.getByLabel("Six-digit code").fill(code);
  await press(page, "Verify");
  await says(page, "The channel is proved.");
}

for (const scripts of [true, false]) {
  for (const owner of ["person", "team"]) {
    test(`a channel of a ${owner} lives ${scripts ? "with" : "without"} scripts`, { timeout: 300_000 }, async () => {
      const { page, context, faults } = await visitor(browser, server, { scripts });
      const name = `Ann${owner}${scripts}`;
      await signUp(page, server, name);
      let base = "/channels";
      if (owner === "team") {
        await page.goto("/teams");
        await page.getByLabel("Name").fill("Platform");
        await press(page, "Create team");
        await says(page, "The team is there");
        base = `${new URL(page.url()).pathname}/channels`;
      }
      await page.goto(base);
      await page.getByRole("heading", { name: /Nothing reaches/ }).waitFor();

      // The picker has a tile for each type; each says what it needs and how the code arrives.
      await page.goto(`${base}/add`);
      assert.equal(await page.locator(".picker a").count(), 11);
      for (const type of await page.locator(".picker a").evaluateAll((links) => links.map((link) => link.getAttribute("href")))) {
        await page.goto(type);
        assert.ok((await page.locator(".card").innerText()).length > 30, type);
      }

      // A webhook: its secret is shown once, its code comes, its test shows what the receiver said and how long it took.
      const url = `${receiver.url}/in/8f2c9a41d7-${owner}`;
      await page.goto(`${base}/add/webhook`);
      await page.locator("#add-value").fill(url);
      await press(page, "Add channel");
      const secret = await page.locator("#secret").textContent();
      assert.match(secret, /^whsec_/);
      await page.getByRole("link", { name: "I have kept it" }).click();
      await page.getByLabel("Six-digit code").waitFor();
      assert.ok(!(await page.content()).includes(secret));
      if (scripts) {
        const again = page.locator("#again");
        const before = Number((await counting(again)).match(/\((\d+) s\)$/)[1]);
        await page.waitForFunction((before) => Number(document.getElementById("again").textContent.match(/\((\d+) s\)/)[1]) < before, before);
      } else {
        await page.locator("#again").click();
        await says(page, /Try again in \d+ seconds/);
      }
      await prove(page, receiver.codes.at(-1));
      await press(page, "Send a test");
      await says(page, /The test arrived in \d+ ms/);
      await page.locator(".answer").getByText("Taken, with thanks.").first().waitFor();
      assert.match(await page.locator(".attempts").first().innerText(), /\d+ ms[\s\S]*status 200/);

      // The value is shown by its end; who may change it can see it whole.
      await page.goto(base);
      assert.ok(!(await page.content()).includes("8f2c9a41d7"), "the list shows no secret");
      await page.locator("a.title").first().click();
      await page.getByText("Show the whole value").click();
      assert.equal(await page.locator("#whole-value").textContent(), url);

      // Without it nobody is reached: said before it is switched off, and before it is deleted.
      await page.getByText(/Nobody can reach (you|the team) then/).first().waitFor();
      await page.locator("#ask-delete").click();
      await page.locator(".ask").getByText(/Nobody can reach (you|the team) then/).waitFor();

      // A second one, first in order, switched off and on.
      await page.goto(`${base}/add/email`);
      await page.locator("#add-value").fill(`${name.toLowerCase()}.second@example.com`);
      await press(page, "Add channel");
      await prove(page, await server.code(`${name.toLowerCase()}.second@example.com`));
      await page.goto(base);
      const order = () => page.locator("a.title").allTextContents();
      assert.match((await order())[0], /^localhost/);
      await page.getByRole("button", { name: /^Move .*second@example.com up$/ }).click();
      await says(page, "The channel is number 1 now.");
      assert.match((await order())[0], /second@example\.com$/);
      if (scripts) await page.waitForFunction(() => document.activeElement.id === "channel-1");
      await page.locator("a.title").first().click();
      await press(page, "Switch off");
      await says(page, "The channel is switched off.");
      await press(page, "Switch on");
      await says(page, "The channel is switched on.");

      // Another value: the old one stays until the new one is proved.
      await page.locator("#value-value").fill(`${name.toLowerCase()}.third@example.com`);
      await press(page, "Save and send a code");
      await says(page, "A code is on its way to the new value.");
      await page.getByRole("heading", { level: 1, name: "second@example.com" }).waitFor();
      await prove(page, await server.code(`${name.toLowerCase()}.third@example.com`));
      await page.getByRole("heading", { level: 1, name: "third@example.com" }).waitFor();

      // A message to all of them; where it fails, it is told why, and tried again by hand.
      receiver.status = 410;
      await page.goto(`${base}/notify`);
      await page.getByLabel("Look at it now").check();
      await page.getByLabel("What happened?").fill("Checkout is down");
      await page.getByLabel("All that is to be said").fill("Nobody can pay.");
      await press(page, "Send to 2 channels");
      await says(page, "It is on its way to 2 channels.");
      assert.match((await server.message(`${name.toLowerCase()}.third@example.com`, ({ subject }) => subject.includes("Checkout is down"))).text, /Nobody can pay/);
      const hook = `${base}/2`;
      for (let tries = 0; tries < 100; tries += 1) {
        await page.goto(hook);
        if (await page.locator(".notice.warn").count()) break;
      }
      await page.locator(".attempts").getByText("status 410").first().waitFor();
      receiver.status = 200;
      await press(page, "Try again");
      await says(page, "It is being tried again.");

      await page.locator("#ask-delete").click();
      await press(page, "Delete the channel");
      await says(page, "The channel is deleted.");
      assert.equal(await page.locator("a.title").count(), 1);
      assert.deepEqual(faults, []);
      await context.close();
    });
  }
}

test("one button subscribes this browser", { timeout: 180_000 }, async () => {
  const { page, context, faults } = await visitor(browser, server, { permissions: ["notifications"] });
  // The push service of Chromium cannot be reached from here: it stands still, the rest is real.
  await page.addInitScript(() => {
    const keys = { p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", auth: "BTBZMqHH6r4Tts7J_aSIgg" };
    PushManager.prototype.subscribe = function subscribe({ applicationServerKey, userVisibleOnly }) {
      if (!userVisibleOnly || applicationServerKey.length < 80) throw new Error("not as push services want it");
      return Promise.resolve({ toJSON: () => ({ endpoint: "https://push.example.com/one", expirationTime: null, keys }) });
    };
  });
  await signUp(page, server, "Pia");
  await page.goto("/channels/add/push-notification");
  await press(page, "Subscribe this browser");
  await page.getByRole("heading", { level: 1, name: "push.example.com" }).waitFor();
  await page.getByLabel("Six-digit code").waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});
