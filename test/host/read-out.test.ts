import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readOutScript, type ReadOutScript } from "../../src/lib/script/read-out-script.ts";
import { renderScript } from "../../src/lib/script/render.ts";
import { revisions, type Running, StubHost } from "./host.ts";

// read-out.sh under a real bash: the log of a deployment, printed while the script of that deployment writes it.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => host.withOldRelease());
afterAll(() => host.close());

const { next } = revisions;
const log = (number: number): string => join(host.root, "log", `${number}.log`);
const lines = (text: string): string[] => text.trimEnd().split("\n");

/** Begins to read out. @returns what it has printed by now, and its end */
function readOut(number: number, change: Partial<ReadOutScript> = {}): Running & { readonly printed: () => string } {
  const fixed = { app: "app", nonce: "n", envFile: join(host.home, "threads.env"), root: host.root };
  const pace = { limitMs: 60_000, pause: 0.1, patience: 2 };
  const running = host.start(renderScript(readOutScript({ ...fixed, ...pace, number, action: "deploy", ...change })));
  let printed = "";
  running.child.stdout?.on("data", (data: Buffer) => (printed += data.toString("utf8")));
  return { ...running, printed: () => printed };
}

async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; !isSo();) {
    if (Date.now() > deadline) throw new Error("it does not come to that");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("all that a deployment writes is printed, from its first line to its last, and while it is at work", async () => {
  host.set("hang-migrate", "");
  const reading = readOut(2, { patience: 30 });
  const { child, ended } = host.start(host.deployScript(2, next));
  await until(() => reading.printed().includes("== migrate"));
  appendFileSync(log(2), "ha");
  await until(() => existsSync(log(2)));
  appendFileSync(log(2), "lf a line\n");
  await until(() => reading.printed().includes("half a line\n"));
  expect(lines(reading.printed())[0]).toMatch(/^\S+Z deployment 2: deploy /);
  process.kill(-child.pid!, "SIGKILL");
  await ended;
  appendFileSync(log(2), "without an end");
  const { code, stdout, stderr } = await reading.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).not.toContain("not shown");
});

test("of one that has ended before, all of it", async () => {
  const { code } = await host.run(host.deployScript(2, next));
  expect(code).toBe(0);
  const { stdout } = await readOut(2).ended;
  expect(stdout).toBe(readFileSync(log(2), "utf8"));
});

test("of the way back its own part alone", async () => {
  await host.run(host.deployScript(2, next));
  await host.run(host.restoreScript(2));
  const { stdout } = await readOut(2, { action: "restore" }).ended;
  expect(lines(stdout)[0]).toMatch(/Z deployment 2: restore$/);
  expect(readFileSync(log(2), "utf8").endsWith(stdout)).toBe(true);
  expect(stdout).not.toContain("deployment 2: deploy");
});

test("a deployment that never comes to this host is waited for a while, and nothing is said", async () => {
  expect(await readOut(7, { patience: 1 }).ended).toMatchObject({ code: 0, stdout: "", stderr: "" });
});

test("no value of the environment is printed", async () => {
  host.set("fail-migrate", "denied for hunter22\n");
  const reading = readOut(2, { patience: 30 });
  expect((await host.run(host.deployScript(2, next))).code).toBe(14);
  const { stdout } = await reading.ended;
  expect(stdout).toContain("denied for [redacted]");
  expect(stdout).not.toContain("hunter22");
});

test("nor anything, where compose cannot read the file", async () => {
  host.set("bad-environment", "");
  writeFileSync(log(1), "2026-11-28T08:00:00Z deployment 1: deploy abc\nhunter22\n");
  const { stdout } = await readOut(1).ended;
  expect(stdout).toBe(
    "what follows is not shown: the values that would have to be hidden cannot be read, or are gone\n",
  );
});

test("of an environment that was thrown away the log is printed as it lies here without its values", async () => {
  const head = "2026-11-28T08:00:00Z deployment 3: deploy abc\n2026-11-28T08:00:01Z == environment\n";
  writeFileSync(log(3), `${head}secret\n`);
  writeFileSync(log(3).replace(/log$/, "masked"), `${head}[redacted]\n`);
  expect((await readOut(3).ended).stdout).toBe(`${head}[redacted]\n`);
  rmSync(log(3).replace(/log$/, "masked"));
  expect((await readOut(3).ended).stdout).toContain("what follows is not shown");
});
