// axe on every page in both colour schemes, that nothing is wider than a phone, and what audits of pages look for.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, visitor } from "./browser.js";
import { filled, readers } from "./places.js";
import { start } from "./server.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 860 };
let browser;
let server;
let known;
let everybody;
before(async () => {
  [browser, server] = await Promise.all([launch(), start({}, true)]);
  ({ known, everybody } = await readers(browser, server));
});
after(async () => {
  await browser.close();
  await server.end();
});

/** Runs in the page: opens what is folded, and lays what opens over a row below it, so that nothing hides behind it. */
function unfold() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(".row .ask > :not(summary) { position: static !important; width: auto !important; }");
  document.adoptedStyleSheets = [sheet];
  document.querySelectorAll("details").forEach((details) => { details.open = true; });
}

/** Runs in the page: what is too small to be touched (WCAG 2.5.8) or to be read. */
function tiny() {
  const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 1;
  const pressed = [...document.querySelectorAll("button, a.button, summary, input:not([type=hidden]), select, .nav a, .tabs a, .footer a, .crumb a")]
    .map((element) => element.closest("label") ?? element);
  const touched = pressed.filter(seen).filter((element) => { const { width, height } = element.getBoundingClientRect(); return height < 24 || width < 24; });
  const read = [...document.body.querySelectorAll("*")].filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .filter(seen).filter((element) => parseFloat(getComputedStyle(element).fontSize) < 12);
  return [...touched, ...read].map((element) => `too small: ${element.outerHTML.slice(0, 90)}`);
}

for (const [colorScheme, viewport] of [["light", PHONE], ["dark", PHONE], ["light", DESK]]) {
  test(`every page is for everybody in ${colorScheme} colours at ${viewport.width} pixels`, { timeout: 500_000 }, async () => {
    const wrong = [];
    let looked = 0;
    for (const { who, paths, state } of everybody) {
      const { page, context, faults } = await visitor(browser, server, { colorScheme, storageState: state, viewport });
      const cdp = await context.newCDPSession(page);
      for (const path of paths) {
        const place = `${who} ${path}`;
        await page.goto(filled(path, known));
        await page.evaluate(unfold);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (wide > 0) wrong.push(`${place} is ${wide} pixels too wide`);
        wrong.push(...(await page.evaluate(tiny)).map((what) => `${place}: ${what}`));
        // The policy of the page lets no script in but its own; this one is the check's.
        await cdp.send("Runtime.evaluate", { expression: axe });
        const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
        assert.ok(passes.length > 10, `${place}: axe looked at nothing`);
        looked += 1;
        for (const { id, nodes } of violations) wrong.push(`${place}: ${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary}`).join(" | ")}`);
      }
      wrong.push(...faults);
      await context.close();
    }
    console.log(`axe: ${looked} pages in ${colorScheme} colours at ${viewport.width} pixels, ${wrong.length} findings`);
    assert.deepEqual(wrong, []);
  });
}

test("every page names itself, in the reader's language, and says nothing of the other", { timeout: 300_000 }, async () => {
  for (const locale of ["en", "de"]) {
    const titles = new Map();
    for (const { who, paths, state } of everybody) {
      const { page, context, faults } = await visitor(browser, server, { locale, storageState: state });
      for (const path of paths) {
        await page.goto(filled(path, known));
        const head = await page.evaluate(() => ({
          lang: document.documentElement.lang,
          title: document.title,
          headings: document.querySelectorAll("h1").length,
          viewport: document.querySelector("meta[name=viewport]")?.content,
          description: document.querySelector("meta[name=description]")?.content,
          unsized: [...document.images].filter(({ width, height, attributes }) => !attributes.width || !attributes.height || !width || !height).length,
          inert: [...document.querySelectorAll("label, button, h1, h2, legend, th, summary")].filter((element) => /^\w+\.\w+$/.test(element.textContent.trim())).length,
        }));
        const place = `${who} ${path} in ${locale}`;
        assert.equal(head.lang, locale, place);
        assert.equal(head.headings, 1, `${place}: headings of the first rank`);
        assert.match(head.viewport, /width=device-width/, place);
        assert.ok(head.description.length > 30, place);
        assert.equal(head.unsized, 0, `${place}: images without dimensions`);
        assert.equal(head.inert, 0, `${place}: a key where its text should be`);
        if (who === "own" && !path.includes("?")) {
          assert.ok(!titles.has(head.title), `${place} is called like ${titles.get(head.title)}: ${head.title}`);
          titles.set(head.title, path);
        }
      }
      assert.deepEqual(faults, []);
      await context.close();
    }
  }
});
