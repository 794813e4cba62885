// axe on every page in both colour schemes, and that nothing is wider than a phone.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, signIn, visitor } from "./browser.js";
import { open, own } from "./pages.js";
import { filled, places } from "./places.js";
import { start } from "./server.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let browser;
let server;
let known;
let state;
before(async () => {
  [browser, server] = await Promise.all([launch(), start({}, true)]);
  const [, email, password] = server.said.match(/sign in as (\S+) with the password (\S+)/);
  const first = await visitor(browser, server);
  await signIn(first.page, email, password);
  known = await places(first, server);
  state = await first.context.storageState();
  await first.context.close();
});
after(async () => {
  await browser.close();
  await server.end();
});

for (const colorScheme of ["light", "dark"]) {
  test(`every page is for everybody in ${colorScheme} colours, and fits a phone`, { timeout: 180_000 }, async () => {
    const wrong = [];
    for (const [paths, storageState] of [[open, undefined], [own, state]]) {
      const { page, context, faults } = await visitor(browser, server, { colorScheme, storageState, viewport: { width: 390, height: 844 } });
      for (const path of paths) {
        await page.goto(filled(path, known));
        // What is folded is looked at too.
        await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (wide > 0) wrong.push(`${path} is ${wide} pixels too wide`);
        const small = await page.evaluate(() =>
          [...document.querySelectorAll("button, a.button, input:not([type=hidden]):not([type=radio]):not([type=checkbox]), select")]
            .filter((element) => element.offsetParent && element.getBoundingClientRect().height < 24)
            .map((element) => element.outerHTML.slice(0, 80)));
        wrong.push(...small.map((element) => `${path}: too small to be touched: ${element}`));
        // The policy of the page lets no script in but its own; this one is the check's.
        const cdp = await context.newCDPSession(page);
        await cdp.send("Runtime.evaluate", { expression: axe });
        const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
        assert.ok(passes.length > 10, `${path}: axe looked at nothing`);
        for (const { id, nodes } of violations) wrong.push(`${path}: ${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary}`).join(" | ")}`);
      }
      wrong.push(...faults);
      await context.close();
    }
    assert.deepEqual(wrong, []);
  });
}
