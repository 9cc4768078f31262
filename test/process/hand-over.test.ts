import { spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";

// bin/run.js under a Node that is too old, which hands over to the one that the project pins: here a shell script.

const home = mkdtempSync(join(tmpdir(), "threads-hand-over-"));
const pinned = join(home, "node_modules/node/bin/node");
for (const folder of ["bin", "node_modules/node/bin"]) mkdirSync(join(home, folder), { recursive: true });
const scripts = new URL("../../bin/", import.meta.url);
copyFileSync(new URL("run.js", scripts), join(home, "bin/run.js"));
writeFileSync(join(home, "package.json"), '{"type":"module"}');
/** A module that makes Node say that it is of this version. */
const pretending = (version: string): string =>
  `data:text/javascript,${encodeURIComponent(
    `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`,
  )}`;
afterAll(() => rmSync(home, { recursive: true }));

function start(script: string): { child: ReturnType<typeof spawn>; begun: Promise<void>; ended: Promise<unknown> } {
  writeFileSync(pinned, `#!/bin/sh\n${script}\n`);
  chmodSync(pinned, 0o755);
  const child = spawn(process.execPath, ["--import", pretending("20.0.0"), join(home, "bin/run.js"), "deploy"], {
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

describe("without the pinned Node", () => {
  const bare = mkdtempSync(join(tmpdir(), "threads-bare-"));
  mkdirSync(join(bare, "bin"));
  for (const file of ["run.js", "require-node.js"]) copyFileSync(new URL(file, scripts), join(bare, "bin", file));
  writeFileSync(join(bare, "package.json"), '{"type":"module","engines":{"node":">=22.13"}}');
  afterAll(() => rmSync(bare, { recursive: true }));
  const said = (script: string, version: string): string => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--import", pretending(version), join(bare, "bin", script)],
      {
        encoding: "utf8",
      },
    );
    return `${String(status)} ${stderr}`;
  };

  test.each(["run.js", "require-node.js"])("%s says what to type, and why", (script) => {
    expect(said(script, "20.0.0")).toMatch(/^2 ✖ threads needs Node 22\.13 or newer, this is v.*\n  next: npm ci\n$/);
    mkdirSync(join(bare, "node_modules/node"), { recursive: true });
    expect(said(script, "20.0.0")).toMatch(/^2 [^]*\n  next: npm rebuild node\n$/);
    rmSync(join(bare, "node_modules"), { recursive: true });
  });

  test("an installed package says what the project needs, and takes the Node that the project has", () => {
    const project = mkdtempSync(join(tmpdir(), "threads-installed-"));
    onTestFinished(() => rmSync(project, { recursive: true }));
    const installed = join(project, "node_modules/@threads-release/cli");
    cpSync(join(bare, "bin"), join(installed, "bin"), { recursive: true });
    writeFileSync(join(installed, "package.json"), '{"type":"module"}');
    const run = () =>
      spawnSync(process.execPath, ["--import", pretending("20.0.0"), join(installed, "bin/run.js")], {
        encoding: "utf8",
      });
    expect(run().stderr).toMatch(/^✖ threads needs Node 22\.13 .*\n  next: npm install --save-dev node@24\n$/);
    mkdirSync(join(project, "node_modules/node/bin"), { recursive: true });
    writeFileSync(join(project, "node_modules/node/bin/node"), "#!/bin/sh\necho the new one\n", { mode: 0o755 });
    expect(run().stdout).toBe("the new one\n");
  });

  test.each([
    ["22.12.9", 2],
    ["9.99.0", 2],
    ["22.13.0", 0],
    ["100.0.0", 0],
  ])("Node %s: %i", (version, code) => {
    expect(Number(said("require-node.js", version).split(" ")[0])).toBe(code);
  });
});
