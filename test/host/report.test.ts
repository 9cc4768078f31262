import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { healthAdvice } from "../../src/lib/hosts/health-advice.ts";
import { printedSecrets } from "../fakes/printed-secrets.ts";
import { revisions, said, StubHost } from "./host.ts";

// What of a failed deployment leaves a host: its reason, and no value of the environment. How compose reads a value is
// asked of compose itself in test/e2e/host-secrets.test.ts.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => host.withOldRelease());
afterAll(() => host.close());

const { next } = revisions;
const seldom = { pause: 0.2 };
const lines = (text: string): string[] => text.trim().split("\n");

describe("the reason", () => {
  test("is the guilty container's own log, taken before the way back, which is one line", async () => {
    host.set("unhealthy", `celery ${next}\n`);
    host.set(`log-${next}`, "starting\n\u001B[2KFATAL: PAYMENT_URL is not set\n");
    host.set("health", "1 curl: not found\n1 curl: not found\n");
    const ran = await host.run(host.deployScript(2, next, seldom));
    const told = lines(ran.stderr);
    expect(told).toContain("celery | FATAL: PAYMENT_URL is not set");
    expect(told.filter((line) => line === "celery | 1 curl: not found")).toHaveLength(1);
    expect(told.at(-2)).toMatch(/^then: back on [0-9a-f]{12}$/);
    expect(told.at(-1)).toMatch(/^the whole log is on the host: .*\/log\/2\.log$/);
    expect(ran.stderr).not.toContain("\u001B");
    expect(ran.stderr).not.toMatch(/nginx \||going back/);
    // What the CLI shows, and then one line of SSM's own.
    expect(told.slice(-19)).toContain("celery | FATAL: PAYMENT_URL is not set");
  });

  test("is the check itself, where it cannot run: the CLI reads that from what leaves the host", async () => {
    host.set("unhealthy", `celery ${next}\n`);
    host.set("health", "127 /bin/sh: 1: curl: not found\n");
    const ran = await host.run(host.deployScript(2, next, seldom));
    expect(healthAdvice(lines(ran.stderr))).toEqual([
      "curl is not in the image: the health check is broken, and not celery",
    ]);
  });

  test("docker's own words stand in the sentence", async () => {
    host.set("fail-up", `${next}\n`);
    const ran = await host.run(host.deployScript(2, next, seldom));
    expect(said(ran)["message"]).toBe("the new release did not come up: Error response from daemon: driver failed");
  });

  test("without a container to blame, each of them has its last words", async () => {
    host.set("answers-status", "502");
    const ran = await host.run(host.deployScript(2, next, seldom));
    expect(ran.stderr).toContain("web | the password is [redacted]");
  });

  test("asking each of them for its last words is not what the way back waits for", async () => {
    host.set("answers-status", "502");
    host.program("timeout", `echo "$*" >>${join(host.state, "limits")}; exec /usr/bin/timeout "$@"`);
    await host.run(host.deployScript(2, next, { ...seldom, deadlineMs: 600_000 }));
    const limit = /-k 15 (\d+) env -i .* logs --no-color/.exec(host.read("limits"))?.[1];
    expect(Number(limit)).toBeLessThanOrEqual(10);
  });

  test("a refusal before anything ran says no more than its sentence", async () => {
    await host.run(host.deployScript(3, next));
    const ran = await host.run(host.deployScript(2, next));
    expect(lines(ran.stderr)).toHaveLength(2);
  });
});

/** What the host's own programs make of a text that an application with these values has printed. */
function masked(values: Readonly<Record<string, string>>, ...printed: readonly string[]): string {
  const environment = JSON.stringify({ services: { values: { environment: values } } }, undefined, 2);
  const folder = fileURLToPath(new URL("../../src/lib/script/", import.meta.url));
  const forms =
    'awk -f "$1/json.awk" -f "$1/secrets.awk" <<<"$2" | awk -f "$1/forms.awk" | sort -t "$(printf \'\\t\')" -k1,1nr';
  const program = `export LC_ALL=C; awk -f "$1/mask.awk" <(${forms}) <(printf '%s\\n' "$3")`;
  return execFileSync("bash", ["-c", program, "mask", folder, environment, printed.join("\n")], { encoding: "utf8" });
}

describe("values of the environment file", () => {
  test.each(printedSecrets)("%s", (_, value, printed) => {
    const told = masked({ KEY: value }, `before ${printed} after`);
    expect(told).toMatch(/before .*\[redacted\].* after/);
    expect(told).not.toContain(printed);
    expect(told).not.toContain(value);
  });

  test.each([0, 1, 2])("in the Base64 of something longer, %i bytes in", (skip) => {
    const coded = Buffer.from(`${"x".repeat(skip)}p@ss/w0rd-4711:and more`).toString("base64");
    const told = masked({ KEY: "p@ss/w0rd-4711" }, coded, coded.replaceAll("+", "-").replaceAll("/", "_"));
    // No twelve digits in a row are left of it.
    for (let at = 4; at + 12 < 20; at += 1) expect(told).not.toContain(coded.slice(at, at + 12));
  });

  test("the longest first: no rest of a value stays behind another one", async () => {
    writeFileSync(join(host.home, "threads.env"), "SECRET_KEY=hunter22\nB=hunter22-and-the-real-tail\n");
    host.set("fail-migrate", "B is hunter22-and-the-real-tail\n");
    const ran = await host.run(host.deployScript(2, next));
    expect(ran.stderr).toContain("B is [redacted]\n");
  });

  test("before anything is cut off: no half of a value at the edge", async () => {
    const long = `start-${"0123456789".repeat(60)}-end`;
    writeFileSync(join(host.home, "threads.env"), `KEY=${long}\n`);
    host.set("fail-migrate", `${long} ${"x".repeat(90)}\n`.repeat(30));
    const ran = await host.run(host.deployScript(2, next));
    const told = ran.stdout + ran.stderr;
    expect(told).not.toMatch(/0123456789|-end/);
    expect(told.length).toBeLessThan(9_000);
  });

  test("words that are no secrets stay, and so do short ones within longer ones", () => {
    const told = masked({ DEBUG: "production", LEVEL: "INFO", PIN: "4711" }, "production INFO x4711x id-4711");
    expect(told).toContain("production INFO x4711x id-[redacted]");
  });

  test("in the sentence too", async () => {
    writeFileSync(join(host.home, "threads.env"), "SECRET_KEY=hunter2-secret\n");
    host.set("fail-pull", "127.0.0.1:5000/app/nginx\n");
    host.set("pull-says", "denied for hunter2-secret\n");
    const ran = await host.run(host.deployScript(2, next));
    expect(said(ran)["message"]).toMatch(/^could not pull .*: denied for \[redacted\]$/);
  });

  test("where compose cannot read the file, nothing that a program has printed leaves", async () => {
    host.set("fail-migrate", "hunter2-secret\n");
    host.set("was-well", "");
    host.set("bad-environment", 'line 1: unexpected character "!" in variable name "PW hunter2-secret"\n');
    const ran = await host.run(host.deployScript(2, next));
    expect(ran.code).toBe(14);
    expect(ran.stdout + ran.stderr).not.toContain("hunter2");
    expect(ran.stderr).toMatch(/nothing that a program has printed is shown\nthe whole log is on the host/);
  });

  test("nor does why there was no way back", async () => {
    host.set("fail-up", `${revisions.old}\n${next}\n`);
    host.set("was-well", "");
    host.set("bad-environment", "");
    const ran = await host.run(host.deployScript(2, next));
    expect(said(ran)).toMatchObject({ code: 16, message: "the new release did not come up" });
    expect(ran.stderr).toMatch(/^then: going back to [0-9a-f]{12} failed$/m);
    expect(ran.stderr).not.toContain("driver failed");
  });
});

test("whether the host's own environment file is another one than what serves came up with is told of a release that failed", async () => {
  host.set("fail-up", `${next}\n`);
  const failing = async (number: number) => said(await host.run(host.deployScript(number, next, seldom)));
  expect(await failing(2)).toMatchObject({ ok: false, environmentTried: null, environmentChanged: false });
  writeFileSync(join(host.home, "threads.env"), "SECRET_KEY=other\n");
  expect(await failing(3)).toMatchObject({ ok: false, environmentChanged: true });
});
