// What other sites can do with our pages: show none, send nothing, lead nobody away, plant nothing by a link.
import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { after, before, test } from "node:test";
import { PASSWORD, launch, signUp, visitor } from "./browser.js";
import { open, own } from "./pages.js";
import { filled } from "./places.js";
import { start } from "./server.js";

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const HOSTILE = [
  "<script>alert(1)</script>", "\"><img class=planted src=x onerror=alert(1)>", "</title><b class=planted>x</b>",
  "\" autofocus onfocus=alert(1) x=\"", "<svg class=planted onload=alert(1)>", "javascript:alert(1)//", "{{7*7}}",
  "<base class=planted href=//evil.example>", "<meta class=planted http-equiv=refresh content=0;url=//evil.example>",
];
const AWAY = [
  "//evil.example", "/\\evil.example", "https://evil.example", "\\\\evil.example", "/\t/evil.example", "javascript:alert(1)",
  "///evil.example", "/%2f/evil.example/..//", "http:evil.example", " //evil.example", "/..//evil.example", "\u0000//evil.example",
];
let browser;
let server;
let ann;
let known;
before(async () => {
  [browser, server] = await Promise.all([launch(), start()]);
  ann = await visitor(browser, server);
  await signUp(ann.page, server, "Ann");
  await ann.page.goto("/teams");
  await ann.page.getByLabel("Name").fill("Platform");
  await ann.page.getByRole("button", { name: "Create team" }).click();
  await ann.page.getByText("The team is there").first().waitFor();
  known = { team: new URL(ann.page.url()).pathname.split("/").pop(), invitation: "none", declined: "none" };
});
after(async () => { await browser.close(); await server.end(); });

/** One request with exactly these headers; `fetch` would refuse some of them. */
function raw(method, path, headers = {}, body = "") {
  return new Promise((resolve, reject) => {
    const sent = request(server.base + path, { method, headers: { ...headers, "content-length": Buffer.byteLength(body) } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => { text += part; });
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    sent.on("error", reject).end(body);
  });
}

const cookies = async () => (await ann.context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");

test("a page of another site can neither show a page nor send a form", { timeout: 60_000 }, async () => {
  const evil = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end(`<iframe src="${server.base}/account"></iframe>
      <form method=post action="${server.base}/language"><input name=language value=de><button>Go</button></form>`);
  });
  await new Promise((resolve) => evil.listen(0, "127.0.0.1", resolve));
  const page = await ann.context.newPage();
  await page.goto(`http://127.0.0.1:${evil.address().port}/`);
  const framed = page.frames().find((frame) => frame !== page.mainFrame());
  await framed.waitForLoadState();
  assert.doesNotMatch(await framed.content(), /Rollcall/);
  const [answer] = await Promise.all([page.waitForResponse(`${server.base}/language`), page.getByRole("button", { name: "Go" }).click()]);
  assert.equal(answer.status(), 403);
  await page.goto(`${server.base}/account`);
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await page.close();
  evil.close();
});

test("the same request is taken from our own page", async () => {
  const headers = { cookie: await cookies(), ...FORM, origin: server.base, "sec-fetch-site": "same-origin" };
  const token = (await raw("GET", "/account/organization", headers)).text.match(/name="form_token" value="([^"]+)"/)[1];
  const body = (form_token) => new URLSearchParams({ form_token, name: "Example" }).toString();
  assert.equal((await raw("POST", "/account/organization", headers, body(token))).status, 303);
  for (const wrong of ["", token.slice(1), `${token}0`]) {
    assert.equal((await raw("POST", "/account/organization", headers, body(wrong))).status, 403);
  }
});

test("every page says that nobody frames it, keeps it or adds to it", async () => {
  for (const [paths, headers] of [[open, {}], [own, { cookie: await cookies() }]]) {
    for (const path of paths.map((path) => filled(path, known))) {
      const answer = await raw("GET", path, { accept: "text/html", ...headers });
      const policy = answer.headers["content-security-policy"] ?? "";
      for (const directive of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]) {
        assert.ok(policy.includes(directive), `${path}: ${directive} in ${policy}`);
      }
      assert.doesNotMatch(policy, /unsafe-|\*/, path);
      assert.match(answer.headers["cache-control"], /no-store/, path);
      assert.equal(answer.headers["x-content-type-options"], "nosniff", path);
      assert.doesNotMatch(answer.text, /<[^>]* (on[a-z]+|style)=|<style|<script(?![^>]*\ssrc=)/, `${path}: something inline`);
      for (const line of answer.headers["set-cookie"] ?? []) {
        assert.match(line, /^__Host-.*; Path=\/; Secure; HttpOnly; SameSite=Lax$/, path);
      }
    }
  }
});

test("after signing in nobody is led away", async () => {
  const page = await raw("GET", "/sign-in");
  const cookie = page.headers["set-cookie"].map((line) => line.split(";")[0]).join("; ");
  const form_token = page.text.match(/name="form_token" value="([^"]+)"/)[1];
  for (const next of AWAY) {
    const body = new URLSearchParams({ form_token, next, email: "ann@example.com", password: PASSWORD }).toString();
    const answer = await raw("POST", "/sign-in", { cookie, ...FORM }, body);
    assert.equal(answer.status, 303, next);
    assert.equal(new URL(answer.headers.location, server.base).origin, server.base, next);
  }
});

test("a link of another site plants nothing in a page", { timeout: 120_000 }, async () => {
  const { page, context, faults } = await visitor(browser, server);
  for (const text of HOSTILE.map(encodeURIComponent)) {
    for (const path of [`/sign-up/code?email=${text}`, `/forgotten-password/code?email=${text}`, `/sign-in?next=${text}`, `/invitation?token=${text}`, `/${text}`]) {
      await page.goto(path);
      assert.equal(await page.locator(".planted, meta[http-equiv=refresh]").count(), 0, path);
    }
    await ann.page.goto(`/audit-log?action=${text}&actor=${text}`);
    assert.equal(await ann.page.locator(".planted, meta[http-equiv=refresh]").count(), 0, text);
  }
  assert.deepEqual(faults, []);
  assert.deepEqual(ann.faults, []);
  await context.close();
});
