// What people type is text and nothing else: cases of public lists stored in every free-text field, each page opened.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, signUp, visitor } from "./browser.js";
import { own } from "./pages.js";
import { filled } from "./places.js";
import { start } from "./server.js";

const listed = JSON.parse(readFileSync(new URL("../data/naughty-strings/cases.json", import.meta.url), "utf8"));
const all = (Array.isArray(listed) ? listed : listed.cases).map((entry) => (typeof entry === "string" ? entry : entry.text ?? entry.value ?? entry.input ?? ""));
/** Those that try to become a script or a template, as long as a name may be. */
const cases = [
  ...all.filter((text) => /<\s*\/?\w|javascript|on\w+\s*=|\{\{|\$\{|&#/i.test(text)),
  "{{7*7}}", "${7*7}", "{% raw %}", "<svg/onload=alert(1)>", "\"><img src=x onerror=alert(1)>", "'-alert(1)-'", "</textarea><script>alert(1)</script>",
  "</title><script>alert(1)</script>", "<a href=\"javascript:alert(1)\">x</a>", "x\" autofocus onfocus=alert(1) y=\"", "<base href=//evil.example>", "<meta http-equiv=refresh content=0;url=//evil.example>",
].map((text) => text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, "").trim().slice(0, 100).trim()).filter((text) => text.length > 0);

let browser;
let server;
before(async () => { [browser, server] = await Promise.all([launch(), start()]); });
after(async () => { await browser.close(); await server.end(); });

test("stored texts stay texts on every page", { timeout: 240_000 }, async () => {
  assert.ok(cases.length > 80, `${cases.length} cases`);
  const { page, faults } = await visitor(browser, server);
  await page.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
  await signUp(page, server, "Ann");
  const credentials = { email: "ann@example.com", password: "violet-harbour-71" };
  const { access_token: token, customer } = await api("POST", "/v1/auth", credentials);
  const { team } = await api("POST", "/v1/team", { name: "Platform" }, token);
  const { service } = await api("POST", "/v1/service", { name: "Website", team_id: team.team_id }, token);
  await api("POST", `/v1/customer/${customer.customer_id}/notification-channel`, { type: "email", value: "ann@example.com" }, token);
  const known = { team: team.team_id };
  const fields = [
    ["PATCH", "/v1/customer", "name"], ["PATCH", "/v1/customer", "surname"], ["PATCH", "/v1/organization", "name"],
    ["PUT", `/v1/team/${team.team_id}`, "name"], ["PUT", `/v1/service/${service.service_id}`, "name"],
  ];
  let stored = 0;
  // One case for each field at a time: a round takes as many cases as there are fields.
  for (let from = 0; from < cases.length; from += fields.length) {
    const round = cases.slice(from, from + fields.length);
    const kept = [];
    for (const [index, text] of round.entries()) {
      const [method, path, field] = fields[index];
      const answer = await api(method, path, { [field]: text }, token, true);
      // Some names are refused (blanks alone, a length); what is kept is kept as it was.
      if (answer.ok) kept.push([path, field, text]);
      else assert.equal(answer.status, 422, `${text} in ${field}`);
    }
    stored += kept.length;
    const places = from % (fields.length * 8) === 0 ? own : ["/", "/account", "/teams", `/teams/${team.team_id}/services`, "/account/organization"];
    let seen = "";
    for (const path of places) {
      await page.goto(filled(path.replace("{team}/channels/1", "{team}/channels"), known));
      seen += await page.locator("body").innerText();
      seen += (await page.locator("input").evaluateAll((inputs) => inputs.map((input) => input.value))).join("\n");
    }
    for (const [, , text] of kept) {
      const flat = (words) => words.replaceAll(/\s+/g, " ");
      assert.ok(flat(seen).includes(flat(text)), `${text} is not shown as it was typed`);
    }
  }
  assert.ok(stored > 60, `${stored} texts were stored`);
  assert.deepEqual(faults, []);

  async function api(method, path, body, token, raw = false) {
    const answer = await server.ask(method, path, body, token);
    if (raw) return answer;
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.json();
  }
});
