// Every form of every page, sent again as another site would have it sent: no effect.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, signIn, visitor } from "./browser.js";
import { open, own } from "./pages.js";
import { filled, places } from "./places.js";
import { start } from "./server.js";

let browser;
let server;
before(async () => { [browser, server] = await Promise.all([launch(), start({}, true)]); });
after(async () => { await browser.close(); await server.end(); });

/** Every form of these pages that changes something, with its fields. */
async function forms(page, paths, known) {
  const found = new Map();
  for (const path of paths) {
    await page.goto(filled(path, known));
    const here = await page.locator("form[method=post]").evaluateAll((all) =>
      all.map((form) => [new URL(form.action).pathname, Object.fromEntries(new FormData(form))]));
    for (const [action, fields] of here) found.set(`${action} ${Object.keys(fields).join()}`, { action, fields });
  }
  return [...found.values()];
}

test("forms of other sites change nothing", { timeout: 120_000 }, async () => {
  const [, email, password] = server.said.match(/sign in as (\S+) with the password (\S+)/);
  const ann = await visitor(browser, server);
  await signIn(ann.page, email, password);
  const known = await places(ann, server);
  const ben = await visitor(browser, server);
  await signIn(ben.page, "ben@example.com", password);
  await ben.page.goto("/account");
  const foreign = await ben.page.locator("[name=form_token]").first().inputValue();
  const stranger = await visitor(browser, server);
  const sets = [[ann, await forms(ann.page, own, known)], [stranger, await forms(stranger.page, open, known)]];
  const log = async () => (await (await ann.context.request.get("/audit-log.csv")).text()).split("\r\n").length;
  const before = await log();
  let replays = 0;
  for (const [{ context }, all] of sets) {
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    for (const { action, fields } of all) {
      const good = { cookie, origin: server.base, "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" };
      const { form_token: token, ...rest } = fields;
      assert.ok(token, `${action} has no token`);
      for (const [headers, body] of [
        [good, rest],
        [good, { ...rest, form_token: foreign }],
        [{ ...good, origin: "https://evil.example" }, fields],
        [{ ...good, "sec-fetch-site": "cross-site" }, fields],
        [{ ...good, "content-type": "text/plain" }, fields],
      ]) {
        const answer = await fetch(server.base + action, { method: "POST", headers, body: new URLSearchParams(body).toString(), redirect: "manual" });
        assert.equal(answer.status, 403, `${action} ${JSON.stringify(headers)}`);
        replays += 1;
      }
    }
  }
  assert.ok(replays > 150, `${replays} replays`);
  assert.equal(await log(), before, "the log has a new entry");
});
