import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { plainPaint } from "../../../src/lib/output/paint.ts";
import { renderSandboxDown } from "../../../src/lib/output/render/sandbox-down.ts";
import { renderSandboxUp } from "../../../src/lib/output/render/sandbox-up.ts";
import { down } from "../../../src/lib/sandbox/down.ts";
import { stateFolder } from "../../../src/lib/sandbox/state.ts";
import { up } from "../../../src/lib/sandbox/up.ts";
import { fakeEngine, type FakeEngine } from "./fake-engine.ts";
import { packageIn, portsOf, temporaryRoot } from "./world.ts";

let engine: FakeEngine;
let root: string;
beforeEach(() => {
  engine = fakeEngine();
  root = temporaryRoot(onTestFinished);
});
afterEach(() => engine.close());

const start = (dryRun: boolean, hosts?: { env: string; count: number }[]) =>
  up({ hosts, env: {}, files: packageIn(root), dryRun }, portsOf(root, engine));
const stop = (dryRun: boolean, purge = false) => down({ purge, dryRun }, portsOf(root, engine));

describe("a sandbox that is only planned", () => {
  test("is told with what would be started, and leaves no trace", async () => {
    const planned = await start(true);
    expect(planned).toMatchObject({ outcome: "planned", next: ["threads sandbox up"] });
    expect(renderSandboxUp(planned, plainPaint)[0]).toMatch(/^Would start registry, aws, .* and prod-2\.$/);
    expect(engine.containers.size).toBe(0);
    expect(existsSync(stateFolder(root))).toBe(false);
  });

  test("with other hosts says how, and where all is up already that", async () => {
    await start(false);
    expect(await start(true)).toMatchObject({ outcome: "already-up", started: [] });
    const more = await start(true, [{ env: "prod", count: 3 }]);
    expect(more).toMatchObject({
      outcome: "planned",
      started: ["prod-3"],
      next: ["threads sandbox up --hosts prod=3"],
    });
    expect(engine.containers.size).toBe(7);
  });

  test("to be taken down is told with what would go and what would stay", async () => {
    expect(await stop(true)).toMatchObject({ outcome: "nothing" });
    await start(false);
    const planned = await stop(true);
    expect(planned).toMatchObject({ outcome: "planned", removed: { containers: 7 }, next: ["threads sandbox down"] });
    expect(renderSandboxDown(planned, plainPaint)).toEqual([
      expect.stringMatching(
        /^Would remove 7 containers and 1 network of the sandbox; \d+ volumes with its data would stay\.$/,
      ),
      "  next: threads sandbox down",
    ]);
    expect(await stop(true, true)).toMatchObject({
      kept: 0,
      removed: { images: 0 },
      next: ["threads sandbox down --purge"],
    });
    expect(engine.containers.size).toBe(7);
    await stop(false);
    expect(await stop(true)).toMatchObject({ outcome: "already-down" });
  });
});

test("what has a name in the registry that is purged loses it, and nothing else does", async () => {
  const { endpoint } = await start(false);
  const { port } = new URL(endpoint);
  const own = [`127.0.0.1:${port}/threads/web:a`, `127.0.0.1:${port}/threads/nginx:a`];
  for (const name of [...own, "127.0.0.1:9/threads/web:a", "threads-web:a"]) engine.images.add(name);
  const removing = (): string[][] => engine.calls.filter(([noun, verb]) => noun === "image" && verb === "rm");
  expect(await stop(true, true)).toMatchObject({ removed: { images: 2 } });
  await stop(false);
  expect(removing()).toEqual([]);
  expect(await stop(false, true)).toMatchObject({ outcome: "purged", removed: { images: 2 } });
  expect(removing()).toEqual([["image", "rm", ...own]]);
});

test("a state that nobody can read is purged all the same", async () => {
  await start(false);
  writeFileSync(join(stateFolder(root), "sandbox.json"), "{");
  expect(await stop(false, true)).toMatchObject({ outcome: "purged", removed: { images: 0 } });
});
