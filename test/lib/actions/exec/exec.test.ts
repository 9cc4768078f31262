import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import type { ExecOptions } from "../../../../src/lib/actions/exec/options.ts";
import type { ExecResult } from "../../../../src/lib/actions/exec/result.ts";
import { exec } from "../../../../src/lib/actions/exec/run.ts";
import { showHistory } from "../../../../src/lib/actions/history/show.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderExec } from "../../../../src/lib/output/render/exec.ts";
import { renderPast } from "../../../../src/lib/output/render/past.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  fleet.publish("one");
  const options = { environment: "prod", release: sha("one"), dryRun: false, force: false, supersede: undefined };
  await deploy(options, fleet.freshPorts());
  for (const host of fleet.hosts) host.seen.length = 0;
});
afterEach(() => fleet.close());

const run = (line: string, change: Partial<ExecOptions> = {}): Promise<ExecResult> =>
  exec(
    { environment: "prod", host: undefined, words: line.split(" "), timeoutMs: 300_000, dryRun: false, ...change },
    fleet.ports(),
  );
const seen = (): string[][] => fleet.hosts.map((host) => host.seen);
const records = (): [string, Record<string, unknown>][] =>
  [...fleet.ssm.parameters.store.entries()]
    .filter(([name]) => name.includes("/execs/"))
    .map(([name, value]) => [name, JSON.parse(value) as Record<string, unknown>]);
const first = (): Fleet["hosts"][number] => fleet.hosts[0]!;
const last = (): Fleet["hosts"][number] => fleet.hosts[1]!;
const history = () =>
  showHistory(
    { environment: "prod", deployment: undefined, all: true, limit: undefined, before: undefined },
    fleet.freshPorts(),
  );

describe("a command", () => {
  test("runs on one host, and its own output and exit code come back", async () => {
    first().onExec = () => ({ stdout: "a\nb", stderr: "oops" });
    const result = await run("web ls -l");
    expect(result).toMatchObject({
      outcome: "succeeded",
      environment: "prod",
      host: { id: first().id },
      service: "web",
      container: "threads-web-1",
      command: ["ls", "-l"],
      exitCode: 0,
      stdout: "a\nb",
      stderr: "oops",
      recorded: true,
      next: [],
      advice: [],
    });
    expect(seen()).toEqual([["exec web: ls -l"], []]);
  });

  test("that fails is told with its exit code, and what docker means by it", async () => {
    first().onExec = () => ({ code: 3, stdout: "half" });
    expect(await run("web false")).toMatchObject({ outcome: "failed", exitCode: 3, stdout: "half", advice: [] });
    first().onExec = () => ({ code: 127 });
    const { advice } = await run("web nosuch");
    expect(advice).toEqual([expect.stringContaining("no such program")]);
  });

  test("that takes too long is told, with the line that gives it longer", async () => {
    first().onExec = () => ({ code: 124, end: "timed-out", stdout: "half" });
    const result = await run("web sleep 99", { timeoutMs: 20_000 });
    expect(result).toMatchObject({ outcome: "timed-out", exitCode: null, stdout: "half" });
    expect(result.next).toEqual(["threads exec -e prod --timeout 80 web -- sleep 99"]);
  });

  test("that says more than SSM hands on is told to be cut off, and where all of it can be had", async () => {
    first().onExec = () => ({ stdout: "x".repeat(30_000) });
    const { stdout, stdoutBytes, advice, next } = await run("web cat log");
    expect([stdout?.length, stdoutBytes]).toEqual([23_000, 30_000]);
    expect(advice).toEqual([expect.stringMatching(/^stdout is cut off after 23000 of 30000 bytes: SSM .* 24,000/)]);
    expect(next).toEqual([`aws ssm start-session --target ${first().id}`]);
  });

  test("runs in a service that threads.yml does not release, once the host has said that it is there", async () => {
    const { containers } = first();
    containers.push({ ...containers[0]!, service: "cache" });
    expect(await run("cache redis-cli info")).toMatchObject({ outcome: "succeeded", recorded: true });
    expect(seen()).toEqual([["status", "exec cache: redis-cli info"], []]);
  });

  test("goes to the first host that is online", async () => {
    first().online = false;
    expect((await run("web ls")).host.id).toBe(last().id);
  });

  test("goes to the host that is named, by its id", async () => {
    expect((await run("web ls", { host: last().id })).host.id).toBe(last().id);
  });

  test("goes to the one host of a service that runs once, also where that is not the first", async () => {
    fleet.addHost("i-00000000000000000", "prod");
    expect((await run("celery-beat ls")).host.id).toBe(first().id);
    expect((await run("celery-beat ls", { dryRun: true })).host.id).toBe(first().id);
  });

  test("goes on without a ledger, in which it only looks where such a service runs", async () => {
    fleet.ssm.fail("GetParameter", { type: "AccessDeniedException" });
    fleet.ssm.fail("GetParametersByPath", { type: "AccessDeniedException" });
    expect((await run("celery-beat ls")).outcome).toBe("succeeded");
  });
});

describe("what is written down of a command", () => {
  test("is who, when, where and what, and nothing of its output", async () => {
    first().onExec = () => ({ stdout: "the password is hunter22" });
    await run("web printenv PASSWORD");
    const [[name, record] = ["", {}], ...others] = records();
    expect(others).toEqual([]);
    expect(name).toMatch(/^\/threads\/prod\/execs\/[0-9a-f]{16}$/);
    expect(record).toMatchObject({
      schema: 1,
      host: { id: first().id, name: first().id },
      service: "web",
      command: ["printenv", "PASSWORD"],
      by: { user: "ada", host: "laptop" },
      at: expect.stringMatching(/^\d{4}-/),
    });
    expect(JSON.stringify(record)).not.toContain("hunter22");
  });

  test("is shown by history --all, beside what else was decided", async () => {
    await fleet.clock.sleep(1_000);
    await run("web sh -c ls");
    const result = await history();
    expect(result).toMatchObject({
      events: [
        { event: "exec", host: first().id, service: "web", command: ["sh", "-c", "ls"], by: { user: "ada" } },
        { event: "deploy", number: 1, host: null, service: null, command: null },
        { event: "promotion" },
      ],
    });
    expect(renderPast(result, plainPaint)[0]).toMatch(/exec in web .*ada on laptop .*i-\d+: sh -c ls$/);
  });

  test("is the beginning of a command that has no room in a record", async () => {
    await run("web echo", { words: ["web", "echo", "x".repeat(5_000), "y"] });
    expect(records()[0]?.[1]["command"]).toEqual(["echo", "x".repeat(496), "…"]);
  });

  test("stands in nobody's way where it cannot be written", async () => {
    fleet.ssm.fail("PutParameter", {
      type: "AccessDeniedException",
      message: "not authorized to perform: ssm:PutParameter",
    });
    expect(await run("web ls")).toMatchObject({ outcome: "succeeded", recorded: false });
    expect(fleet.warnings).toEqual([
      expect.stringMatching(/^the command is not in the history of prod: .*ssm:PutParameter/),
    ]);
  });

  test("is written, too, where nobody knows whether the command was sent", async () => {
    fleet.ssm.fail("SendCommand", "lose-reply");
    fleet.ssm.fail("ListCommands", { type: "AccessDeniedException" });
    await expect(run("web ls")).rejects.toMatchObject({ code: "SEND_UNKNOWN", outcome: "unknown" });
    expect(records()).toHaveLength(1);
  });
});

describe("a dry run", () => {
  test("says on which host and in which container, runs nothing and writes nothing", async () => {
    const result = await run("web rm -rf /srv", { dryRun: true });
    expect(result).toMatchObject({
      outcome: "planned",
      host: { id: first().id },
      container: "threads-web-1",
      exitCode: null,
      stdout: null,
      recorded: false,
      next: ["threads exec -e prod web -- rm -rf /srv"],
    });
    expect(seen()).toEqual([["status"], []]);
    expect(records()).toEqual([]);
    expect(renderExec(result, plainPaint).slice(0, 2)).toEqual([
      "Would run rm -rf /srv",
      `  in web (container threads-web-1) on ${first().id} of prod, for 5 min at most`,
    ]);
  });
});

describe.each([{ dryRun: false }, { dryRun: true }])("refused, with dryRun $dryRun:", ({ dryRun }) => {
  const dry = dryRun ? " --dry-run" : "";

  test("a service that there is not, with the one that was meant", async () => {
    await expect(run("wbe ls -l", { dryRun })).rejects.toMatchObject({
      code: "UNKNOWN_SERVICE",
      exitCode: 2,
      message: expect.stringContaining("only web, celery, celery-beat, nginx; did you mean web?"),
      next: [`threads exec -e prod${dry} web -- ls -l`],
    });
    expect([seen(), records()]).toEqual([[["status"], []], []]);
  });

  test("a service that does not run there", async () => {
    first().containers.find(({ service }) => service === "web")!.state = "exited";
    await expect(run("web ls", { dryRun })).rejects.toMatchObject({
      code: "NOT_RUNNING",
      exitCode: 3,
      message: expect.stringContaining("it is exited (exit code 137)"),
    });
    await expect(run("celery-beat ls", { dryRun, host: last().id })).rejects.toMatchObject({
      code: "NOT_RUNNING",
      message: expect.stringContaining("it has no container there"),
    });
  });

  test("a host on which nothing was ever deployed, and one whose Docker does not answer", async () => {
    const fresh = fleet.addHost("i-00000000000000009", "prod");
    await expect(run("web ls", { dryRun, host: fresh.id })).rejects.toMatchObject({ code: "NOT_RUNNING" });
    first().docker = false;
    await expect(run("web ls", { dryRun })).rejects.toMatchObject({ code: "HOST_NOT_READY", exitCode: 3 });
  });

  test("a host that there is not, with the one that was meant", async () => {
    await expect(run("web ls", { dryRun, host: "i-00000000000000003" })).rejects.toMatchObject({
      code: "UNKNOWN_HOST",
      exitCode: 2,
      message: expect.stringMatching(/only i-\d+1 and i-\d+2; did you mean i-\d+1\?/),
      next: [first(), last()].map(({ id }) => `threads exec -e prod --host ${id}${dry} web -- ls`),
    });
  });

  test("a host that is offline, with those that are not", async () => {
    first().online = false;
    await expect(run("web ls", { dryRun, host: first().id })).rejects.toMatchObject({
      code: "HOST_OFFLINE",
      exitCode: 3,
      next: expect.arrayContaining([`threads exec -e prod --host ${last().id}${dry} web -- ls`]),
    });
    last().online = false;
    await expect(run("web ls", { dryRun })).rejects.toMatchObject({
      code: "HOST_OFFLINE",
      message: expect.stringContaining(`${first().id} and ${last().id} are not online`),
    });
  });

  test("the offline host of a service that runs nowhere else", async () => {
    first().online = false;
    const failure = run("celery-beat ls", { dryRun });
    await expect(failure).rejects.toMatchObject({ code: "HOST_OFFLINE", next: expect.not.arrayContaining([/--host/]) });
  });

  test("no command, and one that is too long for SSM", async () => {
    await expect(run("web", { dryRun })).rejects.toMatchObject({ code: "NO_COMMAND", exitCode: 2 });
    await expect(run("", { dryRun, words: [] })).rejects.toMatchObject({ code: "NO_COMMAND", exitCode: 2 });
    const words = ["web", "echo", "x".repeat(20_000)];
    await expect(run("", { dryRun, words })).rejects.toMatchObject({ code: "USAGE" });
  });

  test("an environment without hosts", async () => {
    await expect(run("web ls", { dryRun, environment: "dev" })).rejects.toMatchObject({
      code: "ENVIRONMENT_WITHOUT_HOSTS",
      next: ["staging", "prod"].map((name) => `threads exec -e ${name}${dry} web -- ls`),
    });
    await expect(run("web ls", { dryRun, environment: "staging" })).rejects.toMatchObject({ code: "NO_HOSTS" });
    expect(seen()).toEqual([[], []]);
  });
});

test("two hosts of one name are told by their ids", async () => {
  for (const host of fleet.hosts) Object.assign(host, { name: "app" });
  await expect(run("web ls", { host: "app" })).rejects.toMatchObject({
    code: "UNKNOWN_HOST",
    next: [first(), last()].map(({ id }) => `threads exec -e prod --host ${id} web -- ls`),
  });
});

describe("what nobody knows", () => {
  test.each([
    ["Execution Timed Out", "NO_ANSWER", 7],
    ["Terminated", "HOST_SILENT", 3],
    ["Undeliverable", "HOST_SILENT", 3],
  ])("SSM says %s: %s", async (status, code, exitCode) => {
    first().onExec = () => ({ status });
    await expect(run("web ls")).rejects.toMatchObject({ code, exitCode });
  });
});

describe("Ctrl-C", () => {
  test("cancels the command on its host", async () => {
    const begun = new Promise<void>((resolve) => {
      first().onExec = () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    const running = run("web sleep 999");
    await begun;
    fleet.press();
    await expect(running).rejects.toMatchObject({ code: "INTERRUPTED", exitCode: 130 });
    expect(fleet.ssm.calls).toContain("CancelCommand");
    expect(records()).toHaveLength(1);
  });

  test("where it cannot be cancelled says when it ends by itself", async () => {
    first().onExec = () => {
      fleet.press();
      return new Promise(() => undefined);
    };
    fleet.ssm.fail("CancelCommand", { type: "AccessDeniedException" });
    await expect(run("web sleep 999")).rejects.toMatchObject({
      code: "NO_ANSWER",
      outcome: "unknown",
      message: expect.stringContaining("ends by itself after 300 s at the latest"),
    });
  });

  test("before anything was sent sends nothing", async () => {
    fleet.press();
    await expect(run("web ls")).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(seen()).toEqual([[], []]);
  });
});
