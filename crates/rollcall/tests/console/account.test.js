// An account from end to end: username, password, sessions, a forgotten password, the organization and its limits, feedback; the
// pages of invitations in each state; the audit log by person and action.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PASSWORD, counting, launch, signIn, signUp, visitor } from "./browser.js";
import { filled, readers } from "./places.js";
import { start } from "./server.js";

let browser;
let server;
let known;
let everybody;
before(async () => {
  [browser, server] = await Promise.all([launch(), start({}, true)]);
  ({ known, everybody } = await readers(browser, server));
});
after(async () => { await browser.close(); await server.end(); });

const press = (page, name) => page.getByRole("button", { name, exact: true }).first().click();
const says = (page, text) => page.locator(".notice").getByText(text).first().waitFor();
const root = () => visitor(browser, server, { storageState: everybody.find(({ who }) => who === "own").state });

for (const scripts of [true, false]) {
  test(`an account is kept ${scripts ? "with" : "without"} scripts`, { timeout: 300_000 }, async () => {
    const { page, context, faults } = await visitor(browser, server, { scripts });
    const name = `Uma${scripts}`;
    const email = await signUp(page, server, name);

    await page.goto("/account");
    await page.getByLabel("Surname").fill("Ode");
    await page.locator("#name-save").click();
    await says(page, "Your name is changed.");

    // Another username: pending, sent again, cancelled, asked for anew, confirmed.
    const next = `${name.toLowerCase()}.new@example.com`;
    const ask = async () => {
      await page.locator("#username-more").click();
      await page.getByLabel("New address").fill(next);
      await page.locator("#username-ask").click();
      await says(page, "A code is on its way");
      await page.getByRole("heading", { name: `${next} waits for its code` }).waitFor();
    };
    await ask();
    if (scripts) {
      assert.match(await counting(page.locator("#username-again")), /\(\d+ s\)$/);
      await page.goto("/account");
    }
    const first = await server.code(next);
    await page.locator("#username-again").click();
    await says(page, "A fresh code is on its way");
    await server.code(next, [first]);
    await page.locator("#username-cancel").click();
    await says(page, "Your username stays as it is.");
    await ask();
    const seen = [first];
    for (let tries = 0; ; tries += 1) {
      const code = await server.code(next, seen);
      await page.getByLabel("Six-digit code").fill(code);
      await page.locator("#username-confirm").click();
      await page.getByText("Your username is changed").or(page.locator("[aria-invalid=true]")).first().waitFor();
      if (await page.getByText("Your username is changed").count()) break;
      assert.ok(tries < 3);
      seen.push(code);
    }

    // Where one is signed in; ended one by one and all at once.
    const others = [];
    for (let count = 0; count < 3; count += 1) {
      const other = await visitor(browser, server, { scripts });
      await signIn(other.page, next);
      others.push(other);
    }
    await page.goto("/account/sessions");
    const rows = page.locator(".rows > li");
    assert.equal(await rows.count(), 4);
    const text = await rows.first().innerText();
    for (const part of [/Chrome on Linux/, /This browser/, /127\.0\.0\.1/, /Last used/, /Signed in/]) assert.match(text, part);
    await page.getByRole("button", { name: /^End the session of/ }).first().click();
    await says(page, "The session has ended.");
    assert.equal(await rows.count(), 3);
    await page.locator("#end-others").click();
    await says(page, "All other sessions have ended.");
    assert.equal(await rows.count(), 1);
    for (const other of others) {
      await other.page.goto("/account");
      assert.equal(new URL(other.page.url()).pathname, "/sign-in");
      await other.context.close();
    }

    await page.goto("/account");
    await page.getByLabel("Current password").fill(PASSWORD);
    await page.getByLabel("New password").fill("amber-lantern-48");
    await page.locator("#password-save").click();
    await says(page, "Your password is changed.");

    await page.goto("/account/organization");
    await page.locator("#organization-name").fill(`House of ${name}`);
    await press(page, "Save");
    await says(page, "The organization has its new name.");
    await page.getByText(`House of ${name}`).first().waitFor();

    await page.goto("/feedback");
    await page.getByLabel("Praise").check();
    await page.getByLabel("Your message").fill("It works.");
    await page.getByLabel("5", { exact: true }).check();
    await press(page, "Send");
    await says(page, "Thank you. Your message has arrived.");

    // Forgotten: a code goes out, and another password holds.
    const lost = await visitor(browser, server, { scripts });
    await lost.page.goto("/sign-in");
    await lost.page.getByRole("link", { name: "Forgotten your password?" }).click();
    await lost.page.getByLabel("E-mail address").fill(next);
    await press(lost.page, "Send code");
    const { text: mail } = await server.message(next, ({ subject }) => /password/i.test(subject) && !/changed/i.test(subject));
    await lost.page.getByLabel("Six-digit code").fill(mail.match(/^\s*(\d{6})\s*$/m)[1]);
    await lost.page.getByLabel("New password").fill("silver-meadow-93");
    await press(lost.page, "Set password");
    await says(lost.page, "Your new password is set.");
    await signIn(lost.page, next, "silver-meadow-93");
    await lost.page.goto("/");
    await lost.page.getByRole("heading", { name: `Hello, ${name}` }).waitFor();
    for (const found of [faults, lost.faults]) assert.deepEqual(found, []);
    assert.notEqual(email, next);
    await lost.context.close();
    await context.close();
  });
}

test("limits are bars of what is used", { timeout: 180_000 }, async () => {
  const { page, context } = await root();
  await page.goto("/account/organization");
  const bars = await page.locator("progress").evaluateAll((bars) => bars.map(({ value, max, className }) => ({ value, max, className })));
  assert.equal(bars.length, 4);
  for (const { value, max, className } of bars) assert.equal(className, value >= max ? "full" : value * 5 >= max * 4 ? "near" : "");
  assert.ok(bars.some(({ className }) => className === "full"));
  await context.close();
});

test("an invitation says what has become of it before anything is typed", { timeout: 180_000 }, async () => {
  for (const [state, words] of [
    ["expired", /This invitation has expired[\s\S]*Ask Ann Lee/], ["withdrawn", /no longer holds[\s\S]*taken back/],
    ["declined", /was declined/], ["accepted", /was accepted/], ["known", /cleo@example\.com has an account\. Sign in with it to accept/],
  ]) {
    const { page, context } = await visitor(browser, server);
    await page.goto(filled(`/invitation?token={${state}}`, known));
    assert.match(await page.locator("main").innerText(), words);
    assert.equal(await page.locator("main input:not([type=hidden])").count(), 0, `${state}: nothing can be typed`);
    await context.close();
  }
  const ann = await root();
  await ann.page.goto(filled("/invitation?token={invitation}", known));
  assert.match(await ann.page.locator("main").innerText(), /Ann Lee invites you[\s\S]*signed in as ann@example\.com, but this invitation is for ida@example\.com/);
  assert.equal(await ann.page.locator("main input:not([type=hidden])").count(), 0, "nothing can be typed");
  await ann.context.close();
});

test("an invitation is accepted by who is signed in, and a link is handed over", { timeout: 180_000 }, async () => {
  const [, , password] = server.said.match(/sign in as (\S+) with the password (\S+)/);
  const cleo = await visitor(browser, server);
  await cleo.page.goto(filled("/invitation?token={known}", known));
  await cleo.page.getByRole("link", { name: "Sign in to accept" }).click();
  await cleo.page.getByLabel("Password").fill(password);
  await press(cleo.page, "Sign in");
  await press(cleo.page, "Accept");
  await says(cleo.page, "Welcome to Payments.");

  const ann = await root();
  await ann.page.goto(filled("/teams/{team}", known));
  await ann.page.getByRole("button", { name: "Get a link for ida@example.com" }).click();
  const link = await ann.page.locator("#link").textContent();
  const ida = await visitor(browser, server);
  await ida.page.goto(link);
  await ida.page.getByText("Ann Lee invites you").waitFor();
  // A guest who has run out of time is invited anew with one press.
  await ann.page.getByRole("button", { name: "Invite again: max@example.com" }).click();
  await says(ann.page, "The invitation is on its way to max@example.com.");
  for (const { faults, context } of [cleo, ann, ida]) { assert.deepEqual(faults, []); await context.close(); }
});

test("the audit log is looked through by person and action, as a table and as CSV", { timeout: 180_000 }, async () => {
  const { page, context } = await root();
  await page.goto("/audit-log");
  const column = (index) => page.locator(`tbody tr > :nth-child(${index})`).allTextContents();
  assert.ok(!(await column(1)).includes("Tokens refreshed"), "routine is folded away");
  assert.ok((await column(2)).includes("Rollcall"), "what the service did by itself");
  await page.getByLabel("Show refreshed tokens too").check();
  await page.locator("#filter").click();
  await page.waitForURL(/routine=yes/);
  assert.ok((await column(1)).includes("Tokens refreshed"));
  await page.goto("/audit-log");
  await page.getByLabel("Person").selectOption({ label: "Ben Ode" });
  await page.getByLabel("Action").selectOption({ label: "Channel added" });
  await page.locator("#filter").click();
  await page.waitForURL(/action=notification_channel/);
  const rows = await page.locator("tbody tr").count();
  assert.ok(rows > 3);
  assert.deepEqual([...new Set(await column(1))], ["Channel added"]);
  assert.deepEqual([...new Set((await column(2)).map((cell) => cell.trim()))], ["Ben Ode"]);
  const href = await page.getByRole("link", { name: "Download CSV" }).getAttribute("href");
  const file = await context.request.get(href);
  assert.equal(file.headers()["content-type"], "text/csv; charset=utf-8");
  const [head, ...lines] = (await file.text()).trimEnd().split("\r\n");
  assert.equal(head, "at,actor,actor_id,action,target_type,target_id,request_id,ip");
  assert.equal(lines.length, rows);
  for (const line of lines) assert.match(line, /^[^,]+Z,Ben Ode,[^,]+,notification_channel\.created,/);
  await context.close();
});
