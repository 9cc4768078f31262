import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DeploymentLogScript } from "../../src/lib/script/host-scripts.ts";
import { type DeploymentLogReport, parseDeploymentLogReport } from "../../src/lib/script/log-report.ts";
import { revisions, said, StubHost } from "./host.ts";

// deployment-log.sh under a real bash: what a host's script has written in a deployment, piece by piece.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => host.withOldRelease());
afterAll(() => host.close());

const { next } = revisions;
const log = (number: number): string => join(host.root, "log", `${number}.log`);

async function read(number: number, change: Partial<DeploymentLogScript> = {}): Promise<DeploymentLogReport> {
  const ran = await host.run(host.deploymentLogScript(number, change));
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: "" });
  const report = parseDeploymentLogReport(ran.stdout, "look");
  if (report === undefined) throw new Error(`no report: ${ran.stdout}`);
  return report;
}
const texts = (report: DeploymentLogReport): string[] => report.lines.map(({ text }) => text);

test("all that the script has written in a deployment comes, and that nobody is at work on it", async () => {
  const report = await read(1);
  expect(texts(report)).toEqual(readFileSync(log(1), "utf8").trimEnd().split("\n"));
  const { size } = report;
  expect(report).toMatchObject({ end: "read", offset: size, working: false });
  expect(texts(await read(1, { grep: "== (switch|verify)$" })).length).toBe(2);
});

test("in pieces, where it is longer than SSM hands on", async () => {
  const lines = Array.from(
    { length: 900 },
    (_, n) => `${n} ${Array.from({ length: 9 }, () => Math.random()).join(" ")}`,
  );
  writeFileSync(log(1), `${lines.join("\n")}\n`);
  const all: string[] = [];
  let [offset, size, looks] = [0, 1, 0];
  for (; offset < size; looks += 1) {
    const report = await read(1, { offset });
    all.push(...texts(report));
    ({ offset, size } = report);
  }
  expect(all).toEqual(lines);
  expect(looks).toBeGreaterThan(2);
});

test("a deployment that this host has seen nothing of has none", async () => {
  expect(await read(7)).toMatchObject({ end: "none", lines: [] });
});

test("of one that is at work the line that is being written waits until it is whole", async () => {
  host.set("hang-migrate", "");
  const { child, ended } = host.start(host.deployScript(2, next));
  for (
    const deadline = Date.now() + 30_000;
    !(existsSync(log(2)) && readFileSync(log(2), "utf8").includes("== migrate"));
  ) {
    if (Date.now() > deadline) throw new Error("it does not migrate");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  appendFileSync(log(2), "whole\nha");
  const report = await read(2);
  expect(report.working).toBe(true);
  expect(texts(report).at(-1)).toBe("whole");
  appendFileSync(log(2), "lf\n");
  expect(texts(await read(2, { offset: report.offset }))).toEqual(["half"]);
  process.kill(-child.pid!, "SIGKILL");
  await ended;
  appendFileSync(log(2), "the end");
  expect(texts(await read(2, { offset: report.offset }))).toEqual(["half", "the end"]);
});

describe("no value of the environment leaves the host", () => {
  test("in it", async () => {
    host.set("fail-migrate", "denied for hunter22\n");
    expect((await host.run(host.deployScript(2, next))).code).toBe(14);
    expect(readFileSync(log(2), "utf8")).toContain("hunter22");
    const report = await read(2);
    expect(texts(report)).toContain("denied for [redacted]");
    expect(texts(report).join("\n")).not.toContain("hunter22");
  });

  test("nor anything, where compose cannot read the file", async () => {
    host.set("bad-environment", "");
    expect(await read(1)).toMatchObject({ end: "hidden", lines: [] });
  });

  test("nor one that was made for a deployment that failed, and is gone", async () => {
    const aws = (value: string): void => host.program("aws", `printf '%s\\n' '["/app/prod/SECRET_KEY",1,"${value}"]'`);
    aws("first-secret");
    const from = { envFrom: "/app/prod/" };
    expect(said(await host.run(host.deployScript(2, next, from)))).toMatchObject({ ok: true });
    aws("other-secret");
    host.set("fail-migrate", "denied for other-secret\n");
    expect((await host.run(host.deployScript(3, revisions.third, from))).code).toBe(14);
    expect(texts(await read(3))).toContain("denied for [redacted]");
    // Without what was masked in time nobody knows what to hide.
    rmSync(join(host.root, "log", "3.masked"));
    expect(await read(3)).toMatchObject({ end: "hidden", lines: [] });
    // Its environment is still there.
    expect((await read(2)).end).toBe("read");
  });
});

test("a report is believed of its own order only", () => {
  const line = '{"threads":1,"action":"log","nonce":"look","end":"none","message":""}\n\n';
  expect(parseDeploymentLogReport(line, "look")).toMatchObject({ end: "none", lines: [] });
  expect(parseDeploymentLogReport(line, "other")).toBeUndefined();
  expect(parseDeploymentLogReport(line.replace('"log"', '"logs"'), "look")).toBeUndefined();
});
