import { afterEach, beforeEach, expect, test } from "vitest";
import { parseOverrides } from "../../../../src/lib/gates/overrides.ts";
import { gates } from "../../../../src/lib/actions/gates/run.ts";
import type { PromoteOptions, PromotePorts } from "../../../../src/lib/actions/promote/ports.ts";
import { promote } from "../../../../src/lib/actions/promote/run.ts";
import type { Clock } from "../../../../src/lib/clock/clock.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { type Progress, silentProgress } from "../../../../src/lib/progress/progress.ts";
import { hurriedClock } from "../../../fakes/hurried-clock.ts";
import { verifiedReleases } from "./verified-releases.ts";
import { services } from "./world.ts";

const minute = 60_000;
const waitMs = 5 * minute;

const own = verifiedReleases();
/** Clock time of every look at a scan after the first, by repository. */
let looks: Map<string, number[]>;
let said: string[];
beforeEach(() => {
  looks = new Map(services.map((service) => [`threads/${service}`, []]));
  said = [];
});
afterEach(async () => {
  await own.world.sandbox.settings({ scans: [] });
  await own.world.ports.ledger.lift("prod", { user: "ada", host: "laptop" }, "2026-11-22T10:00:00Z");
});

/** The registry says this of the scans from now on, a status for each service, or one for all. */
const scansAre = (statuses: string | Record<string, string>, findings: object[] = []): Promise<void> => {
  const scans = Object.entries(own.release.release.images).map(([service, { digest }]) => {
    const status = typeof statuses === "string" ? statuses : (statuses[service] ?? "COMPLETE");
    return { imageDigest: digest, status, findings: status === "COMPLETE" ? findings : [] };
  });
  return own.world.sandbox.settings({ scans });
};

/** Ports with a clock on which `during` happens in every pause; it is told how many there were before. */
const waiting = (during: (pauses: number) => unknown, wait = waitMs): PromotePorts => {
  const clock = hurriedClock();
  let pauses = 0;
  const sleep: Clock["sleep"] = async (ms, signal) => {
    // Nothing but a turn of the event loop.
    if (ms === 0) return clock.sleep(ms, signal);
    await during(pauses);
    pauses += 1;
    await clock.sleep(ms, signal);
  };
  const ports = own.world.withGates({ scan: { block: ["CRITICAL"], allow: [], waitMs: wait } });
  return {
    ...ports,
    clock: { ...clock, sleep },
    progress: listening(ports.progress),
    scans: {
      ...ports.scans,
      again: (scan) => {
        looks.get(scan.repository)?.push(clock.now());
        return ports.scans.again(scan);
      },
    },
  };
};
const listening = (progress: Progress): Progress => ({
  ...progress,
  tasks: (tasks, options) =>
    silentProgress.tasks(
      tasks.map((task) => ({
        ...task,
        run: (step) => task.run({ update: (text) => said.push(text), done: (text) => step.done(text) }),
      })),
      options,
    ),
});

const run = (ports: PromotePorts, change: Partial<PromoteOptions> = {}) =>
  promote({ release: own.revision, environment: "prod", dryRun: false, ...change }, ports);
const unexpected = (): never => {
  throw new Error("nothing was to be waited for");
};
const looksAt = (service: string): readonly number[] => looks.get(`threads/${service}`) ?? [];
const tagged = async (): Promise<boolean> => (await own.world.tagsOf("web", `prod-${own.revision}`)).length > 0;

test("a scan that ends meanwhile is waited for, each image asked every five seconds at most", async () => {
  await scansAre({ web: "IN_PROGRESS", nginx: "PENDING" });
  const ended = [{ web: "IN_PROGRESS" }, { web: "IN_PROGRESS" }, "COMPLETE"];
  const ports = waiting((pauses) => scansAre(ended[pauses] ?? "COMPLETE"));
  expect(await run(ports)).toMatchObject({
    outcome: "promoted",
    gates: expect.arrayContaining([expect.objectContaining({ gate: "scan", state: "passed" })]),
  });
  expect([looksAt("web").length, looksAt("nginx").length]).toEqual([3, 1]);
  const pauses = looksAt("web").map((at, index, all) => at - (all[index - 1] ?? at - 5_000));
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5_000);
  expect(said).toEqual(
    expect.arrayContaining(["web and nginx, 0 s of 5 min", expect.stringMatching(/^web, \d+ s of 5 min$/)]),
  );
});

test("a scan that nobody has begun yet is waited for too, and never taken for clean", async () => {
  const ports = waiting((pauses) => (pauses === 1 ? scansAre("COMPLETE") : undefined));
  expect((await run(ports)).outcome).toBe("promoted");
  expect(looksAt("web")).toHaveLength(2);
});

test("a continuous scan has ended when it is ACTIVE", async () => {
  await scansAre("PENDING");
  expect((await run(waiting(() => scansAre("ACTIVE")))).outcome).toBe("promoted");
});

test("a scan that never ends is waited for up to the deadline, and told then to whoever has more patience", async () => {
  await scansAre("IN_PROGRESS");
  const ports = waiting(() => undefined);
  const startedAt = ports.clock.now();
  expect(await run(ports)).toMatchObject({
    outcome: "waiting",
    promoted: false,
    gates: expect.arrayContaining([
      expect.objectContaining({
        gate: "scan",
        says: "the scan of web and nginx is still running, after 5 min of waiting",
        opensBy: "the registry's scan",
      }),
    ]),
    next: expect.arrayContaining([`threads promote ${own.revision} -e prod --wait`]),
    advice: expect.arrayContaining(["the promotion waits up to 5 min for the scan"]),
  });
  expect(ports.clock.now() - startedAt).toBe(waitMs);
  expect(await tagged()).toBe(false);
});

test("a finding in one image ends the waiting for the other", async () => {
  await scansAre("IN_PROGRESS");
  const critical = [{ name: "CVE-2026-7", severity: "CRITICAL" }];
  const ports = waiting(() => scansAre({ nginx: "COMPLETE", web: "PENDING" }, critical));
  await expect(run(ports)).rejects.toMatchObject({
    code: "GATES_SHUT",
    message: expect.stringContaining("CVE-2026-7 (CRITICAL, nginx)"),
  });
  expect(looksAt("web")).toHaveLength(1);
});

test.each(["FAILED", "UNSUPPORTED_IMAGE", "SCAN_ELIGIBILITY_EXPIRED", "LIMIT_EXCEEDED"])(
  "%s is not waited for, nor what runs beside it",
  async (status) => {
    await scansAre({ web: status, nginx: "IN_PROGRESS" });
    await expect(run(waiting(unexpected))).rejects.toMatchObject({ code: "GATES_SHUT", exitCode: 3 });
  },
);

test("nothing is waited for in vain: with wait 0, behind another shut gate, where it is overridden", async () => {
  await scansAre("IN_PROGRESS");
  expect((await run(waiting(unexpected, 0))).outcome).toBe("waiting");
  const frozen = { reason: "stop", by: { user: "bob", host: "desk" }, at: "2026-11-22T10:00:00Z" };
  await own.world.ports.ledger.freeze("prod", frozen);
  await expect(run(waiting(unexpected))).rejects.toMatchObject({ code: "GATES_SHUT" });
  const overrides = parseOverrides(["freeze", "scan"], "outage");
  expect((await run(waiting(unexpected), { overrides })).outcome).toBe("promoted");
  await scansAre("IN_PROGRESS");
  expect((await run(waiting(unexpected))).outcome).toBe("already-promoted");
});

test("gates and a dry run do not wait, but say that promote would", async () => {
  await scansAre("IN_PROGRESS");
  const shown = expect.arrayContaining([
    expect.objectContaining({
      gate: "scan",
      state: "missing",
      says: "the scan of web and nginx is still running",
      next: [`threads promote ${own.revision} -e prod`],
      advice: ["the promotion waits up to 5 min for the scan"],
    }),
  ]);
  expect(await run(waiting(unexpected), { dryRun: true })).toMatchObject({ outcome: "planned", gates: shown });
  const asked = { release: own.revision, environment: "prod" };
  expect(await gates(asked, waiting(unexpected))).toMatchObject({ outcome: "shut", gates: shown });
});

test("what happened while it waited counts: a freeze", async () => {
  await scansAre("IN_PROGRESS");
  const frozen = { reason: "stop", by: { user: "bob", host: "desk" }, at: "2026-11-22T10:00:00Z" };
  const ports = waiting(async () => {
    await own.world.ports.ledger.freeze("prod", frozen);
    await scansAre("COMPLETE");
  });
  await expect(run(ports)).rejects.toMatchObject({
    code: "GATES_SHUT",
    message: expect.stringMatching(/freeze: prod is frozen by .*bob on desk.*: stop/),
  });
  expect(await tagged()).toBe(false);
});

test("Ctrl-C ends the waiting at once", async () => {
  await scansAre("IN_PROGRESS");
  const stop = new AbortController();
  // This pause has no end but the signal's.
  const sleep: Clock["sleep"] = (_, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as Error));
      stop.abort(new ThreadsError("INTERRUPTED", { message: "interrupted by SIGINT" }));
    });
  const ports = waiting(unexpected);
  const interrupted = { ...ports, clock: { ...ports.clock, sleep }, signal: stop.signal };
  await expect(run(interrupted)).rejects.toMatchObject({ code: "INTERRUPTED", exitCode: 130 });
  expect(await tagged()).toBe(false);
});
