import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { spawnCli } from "../e2e/spawned-cli.ts";
import { requireBuild } from "./built.ts";
import { openProject, type Project } from "./project.ts";

requireBuild();

// What a command leaves of its run, and what is made of that.

let project: Project;
beforeAll(async () => {
  project = await openProject();
});
afterAll(() => project[Symbol.asyncDispose]());
beforeEach(() => rmSync(join(project.repository.root, ".threads"), { recursive: true, force: true }));

const runs = (): string => join(project.repository.root, ".threads", "runs");
const records = (): string[] => (existsSync(runs()) ? readdirSync(runs()).filter((name) => name !== ".gitignore") : []);

async function typed(
  line: string,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const cli = spawnCli(project.repository.root, line.split(" "), { entry: "run", env: project.env });
  return { code: await cli.ended, stdout: cli.stdout(), stderr: cli.stderr() };
}

it("a rollback leaves its steps, what each host has written, and its result; a failure leaves that, and report shows both", async () => {
  expect((await typed("rollback -e prod --reason broken")).code).toBe(0);
  expect((await typed("promote -e prod --override nothing")).code).not.toBe(0);
  // By their commands: names tell the second, and both may have begun in one.
  const of = (command: string): string => records().find((name) => name.includes(`-${command}-`)) ?? "";
  const [done, failed] = [of("rollback"), of("promote")];
  const file = (name: string, run = done): string => readFileSync(join(runs(), run, name), "utf8");
  expect(JSON.parse(file("run.json"))).toMatchObject({
    command: "rollback",
    environment: "prod",
    argv: ["-e", "prod", "--reason", "broken"],
    head: project.newest.release.revision,
  });
  const result = JSON.parse(file("result.json")) as { exitCode: number; result: { release: { revision: string } } };
  expect(result).toMatchObject({ exitCode: 0, result: { outcome: "deployed", kind: "rollback" } });
  const events = file("events.ndjson")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string });
  expect(new Set(events.map(({ event }) => event))).toEqual(new Set(["begin", "update", "warn", "end"]));
  expect(readdirSync(join(runs(), done, "logs"))).toHaveLength(2);
  expect(JSON.parse(file("result.json", failed))).toMatchObject({
    exitCode: expect.any(Number),
    result: { code: expect.any(String) },
  });

  const { json } = await project.threads("report", done);
  expect(json).toMatchObject({ outcome: "reported", revision: result.result.release.revision });
  const page = join(project.repository.root, ".threads", "report.html");
  const { code, stdout } = await typed(`report ${done} --output ${page}`);
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(`report: ${page}`) });
  expect(readFileSync(page, "utf8")).toContain(`href="runs/${done}/logs/`);
});

it("git takes the checkout for as clean as before", async () => {
  await typed("freeze -e dev --reason outage");
  expect(records()).toHaveLength(1);
  expect(project.repository.git("status", "--porcelain")).toBe("");
});

it.each(["status -e prod", "deploy -e prod --dry-run", "history -e prod", "report", "deploy --nope"])(
  "%s leaves none",
  async (line) => {
    await typed(line);
    expect(records()).toEqual([]);
  },
);

it("where it cannot be written there is one warning, and the command does what it does", async () => {
  writeFileSync(join(project.repository.root, ".threads"), "");
  const { code, stderr } = await typed("freeze -e staging --reason outage");
  expect(code).toBe(0);
  expect(stderr.match(/this run is not on record/g)).toHaveLength(1);
});
