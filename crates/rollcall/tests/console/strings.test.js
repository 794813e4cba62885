// What people type is text and nothing else: cases of public lists stored in every free-text field of the API's document, the
// pages that show it opened.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { PASSWORD, launch, signIn, signUp, visitor } from "./browser.js";
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

/** Types of the document that hold free text, and those whose form leaves no room for it. */
const FREE = ["PersonName", "OrganizationName", "TeamName", "ServiceName", "Text200", "Text2000", "Text4000", "NotificationTitle", "DedupKey"];
const FORMED = ["EmailAddress", "Password", "GivenPassword", "Code", "NotificationUrl", "AnyAddress"];
/** Fields without a type of their own whose values are addresses and tokens. */
const PLAIN = ["token", "refresh_token", "value", "channel_value"];
/** Where each free text is stored below. A field of the document that is missing here fails. */
const STORED = new Set([
  "PATCH /v1/customer name", "PATCH /v1/customer surname", "PATCH /v1/organization name", "POST /v1/team name", "PUT /v1/team/{id} name",
  "POST /v1/service name", "PUT /v1/service/{id} name", "POST /v1/customer/feedback message",
  "POST /v1/customer/{id}/notification title", "POST /v1/customer/{id}/notification body", "POST /v1/customer/{id}/notification dedup_key",
  "POST /v1/team/{id}/notification title", "POST /v1/team/{id}/notification body", "POST /v1/team/{id}/notification dedup_key",
  "POST /v1/account name", "POST /v1/account surname", "POST /v1/invitation/accept name", "POST /v1/invitation/accept surname",
  "DELETE /v1/customer reason", "DELETE /v1/customer comment",
]);

let browser;
let server;
before(async () => { [browser, server] = await Promise.all([launch(), start()]); });
after(async () => { await browser.close(); await server.end(); });

async function api(method, path, body, token) {
  const answer = await server.ask(method, path, body, token);
  const said = await answer.text();
  assert.ok(answer.ok, `${method} ${path} ${JSON.stringify(body)}: ${said}`);
  return JSON.parse(said);
}

/** Stores a text where it is not too short or otherwise refused as such, and says whether it is kept. */
async function kept(method, path, body, token) {
  const answer = await server.ask(method, path, body, token);
  assert.ok(answer.ok || answer.status === 422, `${method} ${path} ${JSON.stringify(body)}: ${answer.status}`);
  await answer.text();
  return answer.ok;
}

const flat = (words) => words.replaceAll(/\s+/g, " ");

/** All that a page shows, what stands in its fields included. */
async function words(page, path) {
  await page.goto(path);
  const typed = await page.locator("input, textarea").evaluateAll((fields) => fields.map(({ value }) => value));
  return flat([await page.locator("body").innerText(), ...typed, await page.title()].join("\n"));
}

/** A person in a browser, in which a breach of the page's policy is a fault. */
async function reader() {
  const found = await visitor(browser, server);
  await found.page.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
  return found;
}

test("every free-text field of the document is stored below", async () => {
  const { paths, components } = await (await server.ask("GET", "/openapi.json")).json();
  const named = ({ $ref }) => $ref?.split("/").pop();
  const found = [];
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { requestBody }] of Object.entries(methods)) {
      const schema = requestBody?.content?.["application/json"]?.schema;
      const { properties = {} } = components.schemas[named(schema ?? {})] ?? schema ?? {};
      for (const [field, form] of Object.entries(properties)) {
        const operation = `${method.toUpperCase()} ${path} ${field}`;
        for (const part of form.oneOf ?? [form]) {
          const type = named(part);
          const { type: kind, enum: choice, format, pattern } = type ? components.schemas[type] : part;
          // A form that lets markup through is no form here.
          const formed = pattern && !new RegExp(pattern, "u").test("<b>");
          if (![kind].flat().includes("string") || choice || format || formed) continue;
          if (FREE.includes(type)) found.push(operation);
          else assert.ok(FORMED.includes(type) || (!type && PLAIN.includes(field)), `${operation}: is ${type} free text? Say so here.`);
        }
      }
    }
  }
  assert.deepEqual(found.sort(), [...STORED].sort());
});

test("stored texts stay texts on every page", { timeout: 600_000 }, async () => {
  assert.ok(cases.length > 80, `${cases.length} cases`);
  const { page, context, faults } = await reader();
  const email = await signUp(page, server, "Ann");
  const { access_token: token, customer } = await api("POST", "/v1/auth", { email, password: PASSWORD });
  const { team } = await api("POST", "/v1/team", { name: "Platform" }, token);
  const { service } = await api("POST", "/v1/service", { name: "Website", team_id: team.team_id }, token);
  const known = { team: team.team_id };
  const owners = [[`/v1/customer/${customer.customer_id}`, "ann.lee@example.com"], [`/v1/team/${team.team_id}`, "oncall@example.com"]];
  for (const [owner, value] of owners) {
    await api("POST", `${owner}/notification-channel`, { type: "email", value }, token);
    await api("PATCH", `${owner}/notification-channel/verification`, { code: await server.code(value), priority: 1 }, token);
  }
  let stored = 0;
  const sent = new Map(owners.map(([, to]) => [to, []]));
  for (const [index, text] of cases.entries()) {
    // Whose page it is and of which organization, the team and its service: all on one page.
    const names = [
      await kept("PATCH", "/v1/customer", { name: text, surname: text }, token), await kept("PATCH", "/v1/organization", { name: text }, token),
      await kept("PUT", `/v1/team/${team.team_id}`, { name: text }, token), await kept("PUT", `/v1/service/${service.service_id}`, { name: text }, token),
    ].filter(Boolean).length;
    const shown = (await words(page, `/teams/${team.team_id}/services`)).split(flat(text)).length - 1;
    assert.ok(shown >= names, `${text} is shown ${shown} times as it was typed`);
    stored += names + await kept("POST", "/v1/customer/feedback", { message: text }, token);
    for (const [owner, to] of owners) {
      const notification = { title: text, body: text, severity: "info", dedup_key: `${index} ${text}` };
      if (await kept("POST", `${owner}/notification`, notification, token)) sent.get(to).push(text);
    }
    if (index % 5 === 0) {
      const name = `${text} 2`.slice(-100);
      if (await kept("POST", "/v1/team", { name }, token)) {
        const { data } = await api("GET", "/v1/teams?limit=200", undefined, token);
        const { team_id } = data.find((team) => flat(team.name) === flat(name) || team.team_id !== known.team);
        const { service: inner } = await api("POST", "/v1/service", { name, team_id }, token);
        assert.ok((await words(page, `/teams/${team_id}/services`)).split(flat(name)).length > 2, name);
        await api("DELETE", `/v1/service/${inner.service_id}`, undefined, token);
        await api("DELETE", `/v1/team/${team_id}`, undefined, token);
        stored += 2;
      }
    }
    // The whole console with this text in it, every now and then.
    if (index % 25 === 0) {
      for (const path of own.filter((path) => !/invitation|payments|channels\/(7|11)/.test(path))) await page.goto(filled(path, known));
    }
    // The mailbox shows the newest two hundred messages.
    for (const [to, texts] of index % 50 === 49 || index === cases.length - 1 ? sent : []) {
      await server.message(to, ({ text: body }) => flat(body).includes(flat(texts.at(-1))));
      const seen = await words(page, `/mailbox?to=${encodeURIComponent(to)}`);
      for (const text of texts) assert.ok(seen.includes(flat(text)), `the mailbox does not show ${text} as it was typed`);
      stored += 2 * texts.splice(0).length;
    }
  }
  console.log(`free text: ${stored} texts of ${cases.length} cases stored, ${faults.length} faults`);
  assert.ok(stored > cases.length * 6, `${stored} texts were stored`);
  assert.deepEqual(faults, []);
  await context.close();
});

test("names of newcomers, and why people leave, stay texts too", { timeout: 400_000 }, async () => {
  const ann = await reader();
  const email = await signUp(ann.page, server, "Bea");
  const { access_token: token } = await api("POST", "/v1/auth", { email, password: PASSWORD });
  const { team } = await api("POST", "/v1/team", { name: "Newcomers" }, token);
  const names = cases.filter((text) => !/^\s*$/.test(text)).filter((_, index) => index % 12 === 0);
  for (const [index, text] of names.entries()) {
    const reason = { reason: text, comment: text };
    const address = `newcomer${index}@example.com`;
    await api("POST", `/v1/team/${team.team_id}/invitation`, { channel_value: address, channel_type: "email", role: "user" }, token);
    const { text: mail } = await server.message(address, ({ text: body }) => body.includes("/invitation?token="));
    const body = { token: mail.match(/token=(\S+)/)[1], name: text, surname: text, password: PASSWORD };
    const { access_token: own } = await api("POST", "/v1/invitation/accept", body);
    for (const path of [`/teams/${team.team_id}`, "/audit-log"]) assert.ok((await words(ann.page, path)).includes(flat(text)), `${path}: ${text}`);
    await api("DELETE", "/v1/customer", reason, own);
    if (index % 4 === 0) {
      const other = `signed${index}@example.com`;
      await api("POST", "/v1/account", { name: text, surname: text, email: other, password: PASSWORD });
      await api("PATCH", "/v1/account", { email: other, confirmation_code: await server.code(other) });
      const newcomer = await reader();
      await signIn(newcomer.page, other);
      assert.ok((await words(newcomer.page, "/account")).includes(flat(text)), text);
      assert.deepEqual(newcomer.faults, []);
      await newcomer.context.close();
      const { access_token: last } = await api("POST", "/v1/auth", { email: other, password: PASSWORD });
      await api("DELETE", "/v1/customer", reason, last);
    }
  }
  for (const path of ["/", "/teams", `/teams/${team.team_id}`, "/audit-log", "/mailbox"]) await ann.page.goto(path);
  assert.deepEqual(ann.faults, []);
  await ann.context.close();
});
