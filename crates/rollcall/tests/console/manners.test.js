// How pages behave while somebody works with them: the keyboard alone, where the focus goes and what is announced after a
// swap, progress, times in the reader's zone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visitor } from "./browser.js";
import { filled, readers } from "./places.js";
import { start } from "./server.js";

let browser;
let server;
let known;
let everybody;
let state;
before(async () => {
  [browser, server] = await Promise.all([launch(), start({}, true)]);
  ({ known, everybody } = await readers(browser, server));
  state = everybody.find(({ who }) => who === "own").state;
});
after(async () => { await browser.close(); await server.end(); });

const member = (options = {}) => visitor(browser, server, { storageState: state, ...options });
const said = (page, text) => page.waitForFunction((text) => document.getElementById("say").textContent.includes(text), text);

/** Runs in the page: numbers whatever the keyboard must reach, and says how many there are. */
function number() {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled && element.type !== "hidden" && element.tabIndex >= 0);
  // Of radio buttons the keyboard reaches one, and the arrows go on from there.
  const kept = all.filter((element) => element.type !== "radio" || element === document.querySelector(`[name="${element.name}"]:checked`) || !document.querySelector(`[name="${element.name}"]:checked`));
  const groups = new Set();
  const counted = kept.filter(({ type, name }) => type !== "radio" || (!groups.has(name) && groups.add(name)));
  counted.forEach((element, index) => { element.dataset.stop = index; });
  return counted.length;
}

/** Runs in the page: which stop has the focus, whether one sees that, and whether something lies over it (WCAG 2.4.7, 2.4.11). */
function stop() {
  const focus = document.activeElement;
  if (!focus || focus === document.body) return null;
  const ringed = [focus, focus.closest("label"), focus.closest("li")].filter(Boolean).some((element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 1.5;
  });
  const { left, top, width, height } = focus.getBoundingClientRect();
  const above = [0.5, 0.1, 0.9].map((share) => document.elementFromPoint(left + Math.min(width / 2, 40), top + height * share));
  const free = above.some((element) => element && (element === focus || focus.contains(element) || element.contains(focus) || focus.closest("label, li")?.contains(element)));
  return { stop: focus.dataset.stop, html: focus.outerHTML.slice(0, 100), ringed, free };
}

test("the keyboard reaches everything, and one sees where it is", { timeout: 500_000 }, async () => {
  let stops = 0;
  for (const { paths, state } of everybody) {
    const { page, context } = await visitor(browser, server, { storageState: state, viewport: { width: 390, height: 844 } });
    for (const path of paths) {
      await page.goto(filled(path, known));
      const count = await page.evaluate(number);
      const reached = new Set();
      await page.evaluate(() => document.activeElement?.blur());
      for (let presses = 0; presses < count + 3; presses += 1) {
        await page.keyboard.press("Tab");
        const here = await page.evaluate(stop);
        if (!here) break;
        assert.ok(here.ringed, `${path}: no ring around ${here.html}`);
        assert.ok(here.free, `${path}: something lies over ${here.html}`);
        reached.add(here.stop);
      }
      const missed = await page.evaluate((reached) => [...document.querySelectorAll("[data-stop]")].filter(({ dataset }) => !reached.includes(dataset.stop)).map(({ outerHTML }) => outerHTML.slice(0, 100)), [...reached]);
      assert.deepEqual(missed, [], `${path}: the keyboard does not reach these`);
      stops += count;
    }
    await context.close();
  }
  console.log(`keyboard: ${stops} stops, each seen`);
});

test("a member's role is changed without a mouse", { timeout: 180_000 }, async () => {
  const { page, context, faults } = await visitor(browser, server);
  const [, email, password] = server.said.match(/sign in as (\S+) with the password (\S+)/);
  await page.goto("/sign-in");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.type(email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Hello, Ann" }).waitFor();
  await page.goto(filled("/teams/{team}", known));
  const row = page.locator("li.row", { hasText: "Cleo Ruiz" });
  await row.locator("summary").focus();
  await page.keyboard.press("Enter");
  await row.getByLabel("Role").waitFor();
  await page.keyboard.press("Escape");
  await row.getByLabel("Role").waitFor({ state: "hidden" });
  assert.ok(await row.locator("summary").evaluate((summary) => summary === document.activeElement), "the focus is back");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("m");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await said(page, "Cleo Ruiz has a new role");
  assert.ok(await row.evaluate((row) => row === document.activeElement), "the focus is on the member");
  assert.deepEqual(faults, []);
  await context.close();
});

test("after a swap the focus goes where the news is, and it is announced", { timeout: 180_000 }, async () => {
  const { page, context, faults } = await member();
  const focus = () => page.evaluate(() => ({ tag: document.activeElement.tagName, id: document.activeElement.id }));
  await page.goto("/");
  await page.evaluate(() => { window.same = true; });
  await page.getByRole("link", { name: "Teams", exact: true }).first().click();
  await said(page, "Teams");
  assert.deepEqual(await focus(), { tag: "H1", id: "" });
  assert.equal(await page.title(), "Teams · Rollcall");
  await page.getByLabel("Name").fill("Platform");
  await page.getByRole("button", { name: "Create team" }).click();
  await page.locator("[aria-invalid=true]").waitFor();
  await page.waitForFunction(() => document.activeElement.id === "create-name");
  const note = await page.locator("#create-name").getAttribute("aria-describedby");
  assert.match(await page.locator(`#${note}`).textContent(), /exists already/);
  assert.equal(new URL(page.url()).pathname, "/teams");
  await page.goto("/account/organization");
  await page.evaluate(() => { window.same = true; });
  await page.getByRole("button", { name: "Save" }).click();
  await said(page, "The organization has its new name.");
  assert.deepEqual(await focus(), { tag: "BUTTON", id: "organization-save" });
  assert.ok(await page.evaluate(() => window.same), "the page was swapped, not loaded");
  await page.goBack();
  await page.getByRole("heading", { level: 1 }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("whatever takes longer than half a second shows that it is under way, and is sent once", { timeout: 180_000 }, async () => {
  const { page, context } = await member();
  let sent = 0;
  await page.route("**/account/organization", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    sent += 1;
    await new Promise((resolve) => setTimeout(resolve, 1600));
    await route.continue();
  });
  await page.goto("/account/organization");
  const shown = () => page.evaluate(() => {
    const bar = Number(getComputedStyle(document.querySelector(".busy-bar")).opacity);
    const button = document.getElementById("organization-save");
    const turns = button && getComputedStyle(button, "::before").animationName === "turn";
    return { bar, turns: Boolean(turns) };
  });
  assert.deepEqual(await shown(), { bar: 0, turns: false });
  const begun = Date.now();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForFunction(() => getComputedStyle(document.querySelector(".busy-bar")).opacity === "1"
    && getComputedStyle(document.getElementById("organization-save"), "::before").animationName === "turn");
  assert.ok(Date.now() - begun < 1500, "it shows before the answer is there");
  await said(page, "The organization has its new name.");
  await page.waitForFunction(() => getComputedStyle(document.querySelector(".busy-bar")).opacity === "0");
  assert.deepEqual(await shown(), { bar: 0, turns: false });
  assert.equal(sent, 1);
  await context.close();
});

test("times are those of the reader's zone, with the exact one on hover", { timeout: 180_000 }, async () => {
  const read = (page) => page.locator("time").evaluateAll((times) => times.map(({ dateTime, textContent, title }) => ({ at: dateTime, text: textContent, title })));
  for (const [timezoneId, locale] of [["Asia/Tokyo", "en"], ["America/St_Johns", "de"]]) {
    const { page, context } = await member({ timezoneId, locale });
    await page.goto("/audit-log");
    const exact = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit", second: "2-digit", timeZone: timezoneId });
    const whole = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long", timeZone: timezoneId });
    const rows = await read(page);
    assert.ok(rows.length > 20);
    const plain = (text) => text.replaceAll(/\s+/g, " ");
    const year = new Date().getFullYear();
    for (const { at, text, title } of rows) {
      if (new Date(at).getFullYear() === year) assert.equal(plain(text), plain(exact.format(new Date(at))));
      assert.equal(plain(title), plain(whole.format(new Date(at))));
    }
    await page.goto(filled("/teams/{team}", known));
    assert.ok((await read(page)).some(({ text }) => /ago|vor /.test(text)), "near times are told as how long ago");
    await context.close();
  }
  const { page, context } = await member({ scripts: false });
  await page.goto("/audit-log");
  for (const { text } of await read(page)) assert.match(text, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
  await context.close();
});
