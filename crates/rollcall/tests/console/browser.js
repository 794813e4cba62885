// Chromium, and people in it: what each check needs to open pages, fill in forms and be sure that nothing was blocked.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
export const PASSWORD = "violet-harbour-71";

/** Chromium where the distribution puts it; CHROMIUM names another. */
export function launch() {
  const found = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const executablePath = found.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error("no Chromium is installed (Debian: apt-get install chromium)");
  return chromium.launch({ executablePath, args: ARGS });
}

/** A window of its own, with cookies of its own. What goes wrong in it is kept in `faults`. */
export async function visitor(browser, server, { scripts = true, ...options } = {}) {
  const context = await browser.newContext({ baseURL: server.base, javaScriptEnabled: scripts, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults = [];
  page.on("dialog", (dialog) => { faults.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // A refused form answers with its status, which is as it should be.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) faults.push(message.text());
  });
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== server.base) faults.push(`asks ${request.url()}`);
  });
  return { page, context, faults };
}

/** Waits until a button counts down, which scripts begin a moment after the page was swapped; its text then. */
export async function counting(button) {
  const element = await button.elementHandle();
  await button.page().waitForFunction((button) => button.disabled && /\d+ (s|min)\)$/.test(button.textContent), element);
  return button.textContent();
}

/** Makes an account by the pages, and signs in with it. */
export async function signUp(page, server, name, surname = "Lee") {
  const email = `${name.toLowerCase()}@example.com`;
  await page.goto("/sign-up");
  await page.getByLabel("First name").fill(name);
  await page.getByLabel("Surname").fill(surname);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("heading", { name: "Enter your code" }).waitFor();
  await page.getByLabel("Six-digit code").fill(await server.code(email));
  await page.getByRole("button", { name: "Confirm address" }).click();
  await page.getByText("Your address is confirmed").first().waitFor();
  await signIn(page, email);
  return email;
}

/** Signs in on the page where one signs in. */
export async function signIn(page, email, password = PASSWORD) {
  if (!new URL(page.url()).pathname.startsWith("/sign-in")) await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}
