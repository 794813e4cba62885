// A refused form keeps what was typed, and says which field is wrong and why; with scripts the focus is on it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visitor } from "./browser.js";
import { filled, readers } from "./places.js";
import { start } from "./server.js";

/** Who, where, by which form; what is typed; which fields are wrong; what is kept where it differs from what was typed. */
const CASES = [
  ["open", "/sign-up", "/sign-up", { name: " ", surname: "Lee", email: "nonsense", password: "short" }, ["name", "email", "password"]],
  ["open", "/sign-in", "/sign-in", { email: "ann@example.com", password: "not the password" }, []],
  ["open", "/sign-up/code?email=ann@example.com", "/sign-up/code", { code: "000000" }, ["code"]],
  ["open", "/forgotten-password", "/forgotten-password", { email: "nonsense" }, ["email"]],
  ["open", "/forgotten-password/code?email=ann@example.com", "/forgotten-password/code", { code: "12", password: "short" }, ["code", "password"]],
  ["open", "/invitation?token={invitation}", "/invitation/accept", { name: "Ida", surname: " ", password: "short" }, ["surname", "password"]],
  ["own", "/account", "/account/name", { name: "Ann", surname: " " }, ["surname"]],
  ["own", "/account", "/account/username", { email: "nonsense" }, ["email"]],
  ["own", "/account", "/account/username/code", { code: "12" }, ["code"]],
  ["own", "/account", "/account/password", { current_password: "not the password", password: "another-harbour-72" }, ["current_password"]],
  ["own", "/account/organization", "/account/organization", { name: " " }, ["name"]],
  ["own", "/account/leave", "/account/leave", { reason: "Because", comment: "Well." }, ["sure"]],
  ["own", "/feedback", "/feedback", { message: " ", category: "bug", rating: "4" }, ["message"]],
  ["own", "/channels/add/email", "/channels/add/email", { value: "nonsense" }, ["value"]],
  ["own", "/channels/add/webhook", "/channels/add/webhook", { value: "https://127.0.0.1/" }, ["value"]],
  ["own", "/channels/add/telegram", "/channels/add/telegram", { bot_token: "nonsense", chat_id: "7" }, ["bot_token"]],
  ["own", "/channels/1", "/channels/1/value", { value: "nonsense" }, ["value"]],
  ["own", "/channels/notify", "/channels/notify", { title: "Down", body: " ", url: "nonsense", severity: "critical" }, ["body", "url"]],
  ["own", "/teams", "/teams", { name: "platform" }, ["name"]],
  ["own", "/teams/{team}", "/teams/{team}/invite", { channel_value: "nonsense", channel_type: "email", role: "manager" }, ["channel_value"]],
  ["own", "/teams/{team}/settings", "/teams/{team}/settings", { name: "payments" }, ["name"]],
  // The plan of the example organization has no room for a service.
  ["own", "/teams/{team}/services", "/teams/{team}/services", { name: "Search" }, []],
  ["own", "/teams/{team}/services", "/teams/{team}/services/rename", { name: "dns" }, ["name"]],
];
const SECRET = ["password", "current_password", "code"];

let browser;
let server;
let known;
let everybody;
before(async () => {
  [browser, server] = await Promise.all([launch(), start({}, true)]);
  ({ known, everybody } = await readers(browser, server));
});
after(async () => { await browser.close(); await server.end(); });

for (const scripts of [true, false]) {
  test(`forms keep what was typed ${scripts ? "with" : "without"} scripts`, { timeout: 180_000 }, async () => {
    const pages = {};
    for (const { who, state } of everybody) pages[who] = await visitor(browser, server, { scripts, storageState: state });
    for (const [who, from, action, typed, wrong] of CASES) {
      const { page } = pages[who];
      await page.goto(filled(from, known));
      const form = page.locator(`form[action="${filled(action, known)}"]`).first();
      const place = `${from} ${action}`;
      // What a browser would refuse by itself is for us to refuse here.
      await form.evaluate((form) => { form.noValidate = true; for (let part = form.parentElement; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true; });
      for (const [name, value] of Object.entries(typed)) {
        const field = form.locator(`[name="${name}"]`).first();
        if (await field.evaluate(({ type }) => type === "radio")) await form.locator(`[name="${name}"][value="${value}"]`).check();
        else if (await field.evaluate(({ tagName }) => tagName === "SELECT")) await field.selectOption(value);
        else await field.fill(value);
      }
      const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
      await form.locator("button").first().click();
      assert.ok((await answered).status() >= 400, `${place} is refused`);
      if (wrong.length > 0) await page.locator("[aria-invalid=true]").first().waitFor();
      else await page.locator(".notice.bad").waitFor();
      const found = await page.locator("[aria-invalid=true]").evaluateAll((fields) => fields.map((field) => {
        const note = document.getElementById(field.getAttribute("aria-describedby"));
        return { name: field.name, why: note?.textContent.trim(), seen: field.checkVisibility() };
      }));
      assert.deepEqual(found.map(({ name }) => name), wrong, place);
      for (const { name, why, seen } of found) assert.ok(why?.length > 10 && seen, `${place}: ${name}: ${why}`);
      const again = page.locator(`form[action="${filled(action, known)}"]`).filter({ has: page.locator(wrong.length > 0 ? "[aria-invalid=true]" : "button") }).first();
      for (const [name, value] of Object.entries(typed)) {
        const now = await again.evaluate((form, name) => new FormData(form).get(name), name);
        assert.equal(now.trim(), SECRET.includes(name) ? "" : value.trim(), `${place}: ${name} as it was typed`);
      }
      if (scripts && wrong.length > 0) {
        // A moment after the swap.
        await page.waitForFunction((name) => document.activeElement.name === name, wrong[0])
          .catch((error) => assert.fail(`${place}: the focus is not on ${wrong[0]}: ${error.message}`));
      }
    }
    for (const { faults, context } of Object.values(pages)) { assert.deepEqual(faults, []); await context.close(); }
  });
}
