import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { parseSummary } from "../../src/lib/script/summary.ts";
import { revisions, StubHost } from "./host.ts";

// What runs once beside both slots: a release that changes nothing of it costs it nothing, and compose is not even asked.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => {
  host.reset();
  host.inSlots = true;
});
afterAll(() => host.close());

/** @param model text of base.yml. @returns whether compose was asked to bring it up */
async function deploy(number: number, revision: string, model = "db\n"): Promise<boolean> {
  const script = host.deployScript(number, revision);
  host.set("bundle/model/base.yml", model);
  host.set("calls", "");
  expect(parseSummary((await host.run(script)).stdout)).toMatchObject({ ok: true });
  return / -p app-base .* up /.test(host.read("calls"));
}

test("it is brought up once, and left alone by releases that change nothing of it, there and back", async () => {
  expect(await deploy(1, revisions.old)).toBe(true);
  expect(await deploy(2, revisions.next)).toBe(false);
  expect(await deploy(3, revisions.old)).toBe(false);
});

test("a variable counts only where it reads that", async () => {
  for (const [variable, reads] of [
    ["OTHER", false],
    ["REVISION", true],
  ] as const) {
    host.reset();
    host.inSlots = true;
    const model = `# \${${variable}:-none}\ndb\n`;
    expect(await deploy(1, revisions.old, model)).toBe(true);
    expect(await deploy(2, revisions.next, model)).toBe(reads);
  }
});

const container = join(host.state, "containers", "base-1");
test.each<readonly [string, () => void]>([
  ["the host's environment has changed", () => writeFileSync(join(host.home, "threads.env"), "SECRET_KEY=other\n")],
  [
    "it has ended",
    () => writeFileSync(container, readFileSync(container, "utf8").replace("|running|0|", "|exited|1|")),
  ],
  ["somebody took it away", () => rmSync(container)],
  ["its record is torn", () => writeFileSync(join(host.root, "base", "made"), "")],
])("it is brought up where %s", async (_, change) => {
  await host.withOldRelease();
  change();
  expect(await deploy(2, revisions.next)).toBe(true);
});

test("it is brought up where it has another definition, and where an environment file of the host has other words", async () => {
  await host.withOldRelease();
  expect(await deploy(2, revisions.next, "# another\ndb\n")).toBe(true);
  host.reset();
  host.inSlots = true;
  const file = join(host.home, "other.env");
  const model = `db\n  - path: ${file}\n`;
  writeFileSync(file, "A=1\n");
  expect(await deploy(1, revisions.old, model)).toBe(true);
  expect(await deploy(2, revisions.next, model)).toBe(false);
  writeFileSync(file, "A=2\n");
  expect(await deploy(3, revisions.third, model)).toBe(true);
});
