// The whole life of a team in two browsers, once with scripts and once without.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PASSWORD, counting, launch, signUp, visitor } from "./browser.js";
import { start } from "./server.js";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

const press = (page, name) => page.getByRole("button", { name, exact: true }).first().click();
const says = (page, text) => page.locator(".notice").getByText(text).first().waitFor();

async function addChannel(page, server, address, seen) {
  await page.getByRole("link", { name: "E-mail" }).click();
  await page.locator("#add-value").fill(address);
  await press(page, "Add channel");
  await page.getByRole("heading", { name: address }).waitFor();
  const code = await server.code(address, seen);
  await page.getByLabel("Six-digit code").fill("000000" === code ? "111111" : "000000");
  await press(page, "Verify");
  await page.locator("[aria-invalid=true]").waitFor();
  await page.getByLabel("Six-digit code").fill(`${code.slice(0, 3)} ${code.slice(3)}`);
  await press(page, "Verify");
  await says(page, "The channel is proved.");
  seen.push(code);
}

for (const scripts of [true, false]) {
  test(`a team lives ${scripts ? "with" : "without"} scripts`, { timeout: 150_000 }, async () => {
    const server = await start();
    try {
      const ann = await visitor(browser, server, { scripts });
      const ben = await visitor(browser, server, { scripts });
      const seen = [];
      await signUp(ann.page, server, "Ann");
      seen.push(await server.code("ann@example.com"));
      await ann.page.getByText("Four steps").waitFor();
      const step = async (place) => {
        await ann.page.goto("/");
        const marks = await ann.page.locator(".steps > li").evaluateAll((steps) => steps.map(({ className }) => className));
        assert.deepEqual(marks, [0, 1, 2, 3].map((index) => (index < place ? "done" : index === place ? "now" : "")));
        assert.equal(await ann.page.locator(".steps .button").count(), 1, "one thing to do next");
      };
      await step(0);

      // A channel of one's own, a test of it, and what the receiver said.
      await ann.page.getByRole("link", { name: "Add a channel", exact: true }).click();
      await addChannel(ann.page, server, "ann@example.com", seen);
      await press(ann.page, "Send a test");
      await says(ann.page, "The test arrived");
      await ann.page.locator(".attempts").first().waitFor();

      await step(1);

      // A team, somebody who is invited, and who accepts in another browser.
      await ann.page.goto("/teams");
      await ann.page.getByLabel("Name").fill("Platform");
      await press(ann.page, "Create team");
      await says(ann.page, "The team is there");
      const team = new URL(ann.page.url()).pathname;
      const invite = async (address) => {
        await ann.page.goto(team);
        await ann.page.getByLabel("Address or number").fill(address);
        await press(ann.page, "Send invitation");
        await says(ann.page, address);
      };
      await step(2);
      await invite("ben@example.com");
      await step(3);
      const link = async (to, before = "") => {
        const wanted = ({ text }) => text.includes("/invitation?token=") && !(before && text.includes(before));
        return (await server.message(to, wanted)).text.match(/(\/invitation\?token=\S+)/)[1];
      };
      await ben.page.goto(await link("ben@example.com"));
      await ben.page.getByText("Ann Lee invites you").waitFor();
      await ben.page.getByLabel("First name").fill("Ben");
      await ben.page.getByLabel("Surname").fill("Ode");
      await ben.page.getByLabel("Password").fill(PASSWORD);
      await press(ben.page, "Create account and join");
      await says(ben.page, "Welcome to Platform");
      await ben.page.goto("/channels/add");
      await addChannel(ben.page, server, "ben.ode@example.net", seen);

      // A channel of the team.
      await ann.page.goto(`${team}/channels/add`);
      await addChannel(ann.page, server, "oncall@example.com", seen);
      await ann.page.goto("/");
      await ann.page.locator("#main").getByText("All is well").waitFor();

      // Somebody who has to be reminded; the link before no longer works.
      await invite("cleo@example.com");
      const first = await link("cleo@example.com");
      await ann.page.getByRole("button", { name: "Remind cleo@example.com" }).click();
      await says(ann.page, "A reminder is on its way");
      const again = ann.page.getByRole("button", { name: "Remind cleo@example.com" });
      await ann.page.getByText("again possible").waitFor();
      if (scripts) {
        assert.match(await counting(again), /^Remind \(1[45] min\)$/);
      } else {
        await again.click();
        await says(ann.page, /Try again in 1[45] minutes/);
      }
      const second = await link("cleo@example.com", first.split("=")[1]);
      const cleo = await visitor(browser, server, { scripts });
      await cleo.page.goto(first);
      await cleo.page.getByText("no longer holds").waitFor();
      await cleo.page.goto(second);
      await press(cleo.page, "Decline the invitation");
      await cleo.page.getByRole("heading", { name: "This invitation was declined" }).waitFor();
      await cleo.context.close();

      // Another team, a move, another role, and leaving.
      await ann.page.goto("/teams");
      await ann.page.getByLabel("Name").fill("Payments");
      await press(ann.page, "Create team");
      await says(ann.page, "The team is there");
      await ann.page.goto(team);
      const row = ann.page.locator("li.row", { hasText: "Ben Ode" });
      const more = () => row.getByLabel("Change Ben Ode").click();
      await more();
      await row.getByLabel("Role").selectOption("manager");
      await press(row, "Set role");
      await says(ann.page, "Ben Ode has a new role");
      await more();
      await row.getByLabel("Move to").selectOption({ label: "Payments" });
      await press(row, "Move");
      await says(ann.page, "Ben Ode is in this team now");
      await ben.page.goto("/teams");
      await ben.page.getByRole("link", { name: "Payments" }).click();
      await ben.page.getByLabel("Change Ben Ode").click();
      await press(ben.page, "Leave the team");
      await says(ben.page, "You have left the team");
      await ben.page.goto("/account/leave");
      await ben.page.getByLabel("Why do you leave?").fill("The trial is over");
      await ben.page.getByLabel("I know that this cannot be undone").check();
      await press(ben.page, "Delete my account");
      await says(ben.page, "Your account is gone");
      await ann.page.goto("/audit-log?action=customer.deleted");
      await ann.page.locator("td").getByText("Former member").first().waitFor();
      if (scripts) await press(ann.page, "Sign out");
      for (const { faults } of [ann, ben, cleo]) assert.deepEqual(faults, []);
      await Promise.all([ann, ben].map(({ context }) => context.close()));
    } finally {
      await server.end();
    }
  });
}
