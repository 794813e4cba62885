// The real program on a port of its own, with its data in a folder that goes with it.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
export const program = process.env.ROLLCALL_PROGRAM ?? join(root, "target/debug/rollcall");

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts a server; `settings` are ROLLCALL_* without the prefix. `demo` fills it first and tells who may sign in. */
export async function start(settings = {}, demo = false) {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-console-"));
  const port = await freePort();
  const base = `http://localhost:${port}`;
  const env = {
    PATH: process.env.PATH,
    ROLLCALL_DATA_DIR: folder,
    ROLLCALL_LISTEN: `127.0.0.1:${port}`,
    ROLLCALL_PUBLIC_URL: base,
    ROLLCALL_RATE_LIMITS: "off",
    ROLLCALL_LOG: "warn",
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [`ROLLCALL_${name}`, value])),
  };
  let said = "";
  if (demo) {
    await new Promise((resolve, reject) => {
      const filling = spawn(program, ["demo"], { env });
      filling.stdout.on("data", (data) => { said += data; });
      filling.stderr.pipe(process.stderr);
      filling.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`the demo ended with ${code}`))));
    });
  }
  const plans = demo ? ["--plans-file", join(folder, "plans.toml")] : [];
  const serving = spawn(program, ["serve", ...plans], { env, stdio: ["ignore", "ignore", "inherit"] });
  for (let tries = 0; ; tries += 1) {
    try {
      if ((await fetch(`${base}/readyz`)).ok) break;
    } catch (error) {
      if (tries > 200) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    base,
    said,
    /** Asks the API; a refusal is an answer too. */
    ask(method, path, body, token) {
      const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
      return fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
    },
    /** The newest message in the mailbox for a receiver that `wanted` is true of. */
    async message(to, wanted = () => true) {
      for (let tries = 0; tries < 300; tries += 1) {
        const answer = await fetch(`${base}/mailbox/messages?to=${encodeURIComponent(to)}`);
        const found = (await answer.json()).data.find(wanted);
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`no message for ${to}`);
    },
    /** The newest code for a receiver; `seen` are codes that were used before. */
    async code(to, seen = []) {
      const found = await this.message(to, ({ text }) => codeIn(text) && !seen.includes(codeIn(text)));
      return codeIn(found.text);
    },
    /** Makes the invitation of an address as old as one that nobody answered for eight days. */
    expire(address) {
      const program = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=10) as base:
    sql = "update invitation set created_at = created_at - :age, expires_at = expires_at - :age where channel = :address"
    assert base.execute(sql, {"age": 8 * 86400 * 1000000, "address": sys.argv[2]}).rowcount == 1`;
      const done = spawnSync("python3", ["-c", program, join(folder, "rollcall.db"), address], { encoding: "utf8" });
      if (done.status !== 0) throw new Error(done.stderr);
    },
    async end() {
      serving.kill("SIGTERM");
      await new Promise((resolve) => serving.on("exit", resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function codeIn(text) {
  return text.match(/^\s*(\d{6})\s*$/m)?.[1] ?? text.match(/(?<![\w.-])(\d{6})(?![\w-])/)?.[1];
}
