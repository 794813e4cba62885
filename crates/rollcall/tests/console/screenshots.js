// Pictures of every page at 1280 and 390 pixels, light and dark, of the example organization: `just screenshots`.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, visitor } from "./browser.js";
import { filled, readers } from "./places.js";
import { start } from "./server.js";

const folder = process.argv[2] ?? "target/screenshots";
const only = process.argv[3];
const locale = process.argv[4] ?? "en";
mkdirSync(folder, { recursive: true });

/** `own-teams-team-channels`, with what a question asks for behind it. */
function named(who, path) {
  const [place, question = ""] = path.split("?");
  const asked = question.replace("token=", "").replace(/email=.*/, "");
  return `${who}${place}/${asked}`.replaceAll(/[^\w.]+/g, "-").replace(/-+$/, "");
}

const server = await start({}, true);
const browser = await launch();
try {
  const { known, everybody } = await readers(browser, server);
  for (const [width, height] of [[1280, 860], [390, 844]]) {
    for (const colorScheme of ["light", "dark"]) {
      for (const { who, paths, state } of everybody) {
        const { page, context } = await visitor(browser, server, { viewport: { width, height }, colorScheme, locale, storageState: state });
        for (const path of paths.filter((path) => !only || named(who, path).includes(only))) {
          await page.setViewportSize({ width, height });
          await page.goto(filled(path, known));
          // As high as the page, so that what stays at an edge of the window is at the edge of the picture.
          const whole = await page.evaluate(() => document.documentElement.scrollHeight);
          await page.setViewportSize({ width, height: Math.max(height, whole) });
          await page.screenshot({ path: join(folder, `${named(who, path)}-${width}-${colorScheme}.png`) });
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
