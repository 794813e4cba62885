// What stands in the addresses of pages: a team, links of invitations. Made by somebody who is signed in, through the pages.

/** Fills the names in braces in. */
export function filled(path, known) {
  return path.replaceAll(/\{(\w+)\}/g, (_, name) => known[name]);
}

/** The first team of who is signed in, and the links of an open and of a declined invitation to it. */
export async function places({ page, context }, server) {
  await page.goto("/teams");
  const href = await page.locator(".rows a.title").first().getAttribute("href");
  const links = [];
  for (const name of ["ida", "jon"]) {
    await page.goto(href);
    await page.getByLabel("Address or number").fill(`${name}@example.com`);
    await page.getByRole("button", { name: "Send invitation" }).click();
    await page.getByText(`on its way to ${name}@example.com`).first().waitFor();
    const { text } = await server.message(`${name}@example.com`, ({ text }) => text.includes("/invitation?token="));
    links.push(text.match(/\/invitation\?token=(\S+)/)[1]);
  }
  const stranger = await context.browser().newContext({ baseURL: server.base });
  const declining = await stranger.newPage();
  await declining.goto(`/invitation?token=${links[1]}`);
  await declining.getByRole("button", { name: "Decline the invitation" }).click();
  await declining.getByText("This invitation was declined").waitFor();
  await stranger.close();
  return { team: href.split("/").pop(), invitation: links[0], declined: links[1] };
}
