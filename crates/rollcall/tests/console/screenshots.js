// Pictures of every page at 1280 and 390 pixels, light and dark, of the example organization: `just screenshots`.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, signIn, visitor } from "./browser.js";
import { open, own } from "./pages.js";
import { filled, places } from "./places.js";
import { start } from "./server.js";

const folder = process.argv[2] ?? "target/screenshots";
const only = process.argv[3];
mkdirSync(folder, { recursive: true });
const server = await start({}, true);
const browser = await launch();
try {
  const [, email, password] = server.said.match(/sign in as (\S+) with the password (\S+)/);
  const first = await visitor(browser, server);
  await signIn(first.page, email, password);
  const known = await places(first, server);
  const state = await first.context.storageState();
  await first.context.close();
  for (const [width, height] of [[1280, 860], [390, 844]]) {
    for (const colorScheme of ["light", "dark"]) {
      const look = { viewport: { width, height }, colorScheme };
      for (const [paths, storageState, who] of [[open, undefined, "open"], [own, state, "own"]]) {
        const { page, context } = await visitor(browser, server, { ...look, storageState });
        for (const path of paths) {
          const name = `${who}${path.split("?")[0].replaceAll(/[/{}]+/g, "-")}`.replace(/-$/, "") || who;
          const query = path.includes("{declined}") ? "-declined" : "";
          if (only && !`${name}${query}`.includes(only)) continue;
          await page.goto(filled(path, known));
          await page.screenshot({ path: join(folder, `${name}${query}-${width}-${colorScheme}.png`), fullPage: true });
        }
        await context.close();
      }
    }
  }
  console.log(`the pictures are in ${folder}`);
} finally {
  await browser.close();
  await server.end();
}
