// Lighthouse on the example organization, phone and desk, with nothing from outside: `just console-audit`. A score below 95 fails.
import * as chrome from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";
import { start } from "../server.js";

const LEAST = 95;
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const PAGES = [["/", false], ["/sign-in", false], ["/", true], ["team", true]];

/** The cookie of somebody who signs in as a browser without scripts does. */
async function session(server) {
  const [, email, password] = server.said.match(/sign in as (\S+) with the password (\S+)/);
  const cookies = (answer) => answer.headers.getSetCookie().map((line) => line.split(";")[0]);
  const page = await fetch(`${server.base}/sign-in`);
  const [, form_token] = (await page.text()).match(/name="form_token" value="([^"]+)"/);
  const headers = { cookie: cookies(page).join("; "), "content-type": "application/x-www-form-urlencoded" };
  const body = new URLSearchParams({ form_token, next: "/", email, password }).toString();
  const answer = await fetch(`${server.base}/sign-in`, { method: "POST", redirect: "manual", headers, body });
  return cookies(answer).find((cookie) => cookie.startsWith("__Host-rollcall="));
}

const server = await start({}, true);
// A browser for each page: a cookie that a page sets would come beside the one that is sent along, and two are not believed.
const browser = () => chrome.launch({
  chromePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
let low = 0;
try {
  const Cookie = await session(server);
  const [team] = (await (await fetch(`${server.base}/teams`, { headers: { Cookie } })).text()).match(/\/teams\/[0-9a-f-]{36}/);
  for (const [form, config] of [["phone", undefined], ["desk", desktopConfig]]) {
    for (const [path, member] of PAGES) {
      const launched = await browser();
      const flags = { port: launched.port, logLevel: "error", onlyCategories: CATEGORIES, extraHeaders: member ? { Cookie } : {} };
      const { lhr } = await lighthouse(server.base + (path === "team" ? team : path), flags, config).finally(() => launched.kill());
      const scores = CATEGORIES.map((name) => Math.round(lhr.categories[name].score * 100));
      const told = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"]
        .map((name) => `${name.match(/\b\w/g).join("").toUpperCase()} ${lhr.audits[name].displayValue}`);
      console.log(`${form} ${path} ${member ? "signed in" : "signed out"}: ${CATEGORIES.map((name, index) => `${name} ${scores[index]}`).join(", ")}; ${told.join(", ")}`);
      for (const { id, score, displayValue = "" } of Object.values(lhr.audits)) {
        if (score !== null && score < 0.9) console.log(`    ${id} ${displayValue}`);
      }
      low += scores.filter((score) => score < LEAST).length;
    }
  }
} finally {
  await server.end();
}
if (low > 0) throw new Error(`${low} scores are below ${LEAST}`);
