import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

// bin/run.js under a Node that is too old, which hands over to the one that the project pins: here a shell script.

const home = mkdtempSync(join(tmpdir(), "threads-hand-over-"));
const pinned = join(home, "node_modules/node/bin/node");
for (const folder of ["bin", "node_modules/node/bin"]) mkdirSync(join(home, folder), { recursive: true });
copyFileSync(fileURLToPath(new URL("../../../bin/run.js", import.meta.url)), join(home, "bin/run.js"));
writeFileSync(join(home, "package.json"), '{"type":"module"}');
const old = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.0.0" } })`;
afterAll(() => rmSync(home, { recursive: true }));

function start(script: string): { child: ReturnType<typeof spawn>; begun: Promise<void>; ended: Promise<unknown> } {
  writeFileSync(pinned, `#!/bin/sh\n${script}\n`);
  chmodSync(pinned, 0o755);
  const loaded = `data:text/javascript,${encodeURIComponent(old)}`;
  const child = spawn(process.execPath, ["--import", loaded, join(home, "bin/run.js"), "deploy"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return {
    child,
    begun: new Promise((resolve) => child.stdout.once("data", () => resolve())),
    ended: new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal))),
  };
}

test("its exit code is ours", async () => {
  expect(await start("exit 7").ended).toBe(7);
});

test.each(["TERM", "INT", "HUP"])("what %s has ended did not succeed", async (name) => {
  expect(await start(`kill -${name} $$; sleep 60`).ended).toBe(`SIG${name}`);
});

test("a signal is passed on, and what is made of it decides", async () => {
  const { child, begun, ended } = start("trap 'exit 130' TERM; echo begun; for n in $(seq 400); do sleep 0.05; done");
  await begun;
  child.kill("SIGTERM");
  expect(await ended).toBe(130);
});
