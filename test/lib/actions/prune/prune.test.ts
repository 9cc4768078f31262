import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { leftoversCheck } from "../../../../src/lib/actions/doctor/checks/leftovers.ts";
import type { CheckPorts } from "../../../../src/lib/actions/doctor/ports.ts";
import { prune } from "../../../../src/lib/actions/prune/run.ts";
import type { Leftovers } from "../../../../src/lib/compose/leftovers.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderPrune } from "../../../../src/lib/output/render/prune.ts";
import { silentProgress } from "../../../../src/lib/progress/progress.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "prune-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nothing: Leftovers = { stacks: [], images: [], folders: [] };
const some = (): Leftovers => ({ stacks: ["app-smoke-1"], images: ["app-web:x"], folders: [folder] });

function ports(found: Leftovers, fails: readonly string[] = [], next: readonly string[] = []) {
  const asked: string[] = [];
  const ask = async (what: string): Promise<void> => {
    asked.push(what);
    if (fails.includes(what)) throw new ThreadsError("DOCKER_DOWN", { message: "no answer", next });
  };
  const compose = { remove: (name: string) => ask(name), untag: ([name = ""]: readonly string[]) => ask(name) };
  const signal = new AbortController().signal;
  return { asked, ports: { compose, signal, progress: silentProgress, leftovers: () => Promise.resolve(found) } };
}

test("without --yes it only says what would go", async () => {
  const { asked, ports: given } = ports(some());
  const result = await prune({ yes: false }, given);
  expect(result).toMatchObject({ outcome: "planned", next: ["threads prune --yes"], ...some() });
  expect(asked).toEqual([]);
  expect(existsSync(folder)).toBe(true);
  expect(renderPrune(result, plainPaint)).toEqual([
    "Would remove 3 leftovers of killed runs",
    "  stack app-smoke-1",
    "  image app-web:x",
    `  folder ${folder}`,
    "  next: threads prune --yes",
  ]);
});

test("with --yes it goes, stacks before the images that they hold", async () => {
  const { asked, ports: given } = ports(some());
  const result = await prune({ yes: true }, given);
  expect(result).toMatchObject({ outcome: "pruned", failed: [], next: [] });
  expect(asked).toEqual(["app-smoke-1", "app-web:x"]);
  expect(existsSync(folder)).toBe(false);
});

test("what cannot be removed is named, and the rest goes all the same", async () => {
  const { ports: given } = ports(some(), ["app-smoke-1"]);
  const result = await prune({ yes: true }, given);
  expect(result).toMatchObject({ outcome: "partly-pruned", failed: [{ what: "app-smoke-1", says: "no answer" }] });
  expect(existsSync(folder)).toBe(false);
  expect(renderPrune(result, plainPaint)[0]).toBe("✖ Removed 2 of 3 leftovers of killed runs");
  expect(renderPrune(result, plainPaint)).toContain("  app-smoke-1 is still there: no answer");
  expect(result.next).toEqual(["docker compose -p app-smoke-1 down -v --remove-orphans -t 2"]);
});

test("what is to be typed then is the cure that the failure names, once, else what removes it by hand", async () => {
  const start = "sudo systemctl start docker";
  const inTheWay = "/dev/null/threads-smoke-1";
  const found = { stacks: ["app-smoke-1"], images: ["app-web:x"], folders: [inTheWay] };
  const cured = await prune({ yes: true }, ports(found, ["app-smoke-1", "app-web:x"], [start]).ports);
  expect(cured.next).toEqual([start, `sudo rm -rf -- ${inTheWay}`]);
  const byHand = await prune({ yes: true }, ports(found, ["app-web:x"]).ports);
  expect(byHand.next).toEqual(["docker image rm app-web:x", `sudo rm -rf -- ${inTheWay}`]);
});

test("where nothing was left, that is said", async () => {
  const result = await prune({ yes: true }, ports(nothing).ports);
  expect(result.outcome).toBe("nothing-to-prune");
  expect(renderPrune(result, plainPaint)).toEqual(["✔ Killed runs have left nothing on this machine"]);
});

test("doctor names it, with the command that removes it", async () => {
  const look = (found: Leftovers) => leftoversCheck.look({ leftovers: () => Promise.resolve(found) } as CheckPorts);
  expect(await look(nothing)).toMatchObject([{ state: "ok" }]);
  expect(await look(some())).toEqual([
    {
      state: "warn",
      says: "left 1 stack, 1 image and 1 folder on this machine",
      details: ["app-smoke-1", "app-web:x", folder],
      next: ["threads prune --yes"],
    },
  ]);
});
