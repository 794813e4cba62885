// What stands in the addresses of pages: a team, links of invitations in each of their states. Made from the example
// organization by its root, through the pages, and found in the mailbox.
import { PASSWORD, signIn, signUp, visitor } from "./browser.js";
import { fresh, open, own } from "./pages.js";

/** Fills the names in braces in. */
export function filled(path, known) {
  return path.replaceAll(/\{(\w+)\}/g, (_, name) => known[name]);
}

/** The first team of who is signed in, and links of invitations by what has become of them. */
export async function places({ page, context }, server) {
  await page.goto("/teams");
  const href = await page.locator(".rows a.title").first().getAttribute("href");
  const link = async (address) => {
    const { text } = await server.message(address, ({ text }) => text.includes("/invitation?token="));
    return text.match(/\/invitation\?token=(\S+)/)[1];
  };
  const invite = async (team, name) => {
    await page.goto(team);
    await page.getByLabel("Address or number").fill(`${name}@example.com`);
    await page.getByRole("button", { name: "Send invitation" }).click();
    await page.getByText(`on its way to ${name}@example.com`).first().waitFor();
    return link(`${name}@example.com`);
  };
  const payments = await page.getByRole("link", { name: "Payments" }).getAttribute("href");
  const links = {};
  for (const name of ["ida", "jon", "kai", "max", "noa"]) links[name] = await invite(href, name);
  server.expire("max@example.com");
  await page.getByRole("button", { name: "Withdraw the invitation of kai@example.com" }).click();
  await page.getByText("is withdrawn").first().waitFor();
  const known = await invite(payments, "cleo");
  const member = await context.browser().newContext({ baseURL: server.base });
  const joining = await member.newPage();
  await joining.goto(`/invitation?token=${links.noa}`);
  await joining.getByLabel("First name").fill("Noa");
  await joining.getByLabel("Surname").fill("Wolfeschlegelsteinhausenbergerdorff");
  await joining.getByLabel("Password").fill(PASSWORD);
  await joining.getByRole("button", { name: "Create account and join" }).click();
  await joining.getByText("Welcome to Platform").first().waitFor();
  await member.close();
  const stranger = await context.browser().newContext({ baseURL: server.base });
  const declining = await stranger.newPage();
  await declining.goto(`/invitation?token=${links.jon}`);
  await declining.getByRole("button", { name: "Decline the invitation" }).click();
  await declining.getByText("This invitation was declined").waitFor();
  await stranger.close();
  return {
    team: href.split("/").pop(),
    payments: payments.split("/").pop(),
    invitation: links.ida,
    declined: links.jon,
    withdrawn: links.kai,
    expired: links.max,
    accepted: links.noa,
    known,
  };
}

/** Everybody whose pages there are: the paths, and the cookies that open them. `server` holds the example organization. */
export async function readers(browser, server) {
  const [, email, password] = server.said.match(/sign in as (\S+) with the password (\S+)/);
  const ann = await visitor(browser, server);
  await signIn(ann.page, email, password);
  const known = await places(ann, server);
  const newcomer = await visitor(browser, server);
  await signUp(newcomer.page, server, "Nia");
  const states = await Promise.all([ann, newcomer].map(({ context }) => context.storageState()));
  await Promise.all([ann, newcomer].map(({ context }) => context.close()));
  return {
    known,
    everybody: [
      { who: "open", paths: open, state: undefined },
      { who: "own", paths: own, state: states[0] },
      { who: "fresh", paths: fresh, state: states[1] },
    ],
  };
}
