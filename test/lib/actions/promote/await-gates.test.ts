import { afterEach, beforeEach, expect, test } from "vitest";
import type { PromoteOptions, PromotePorts } from "../../../../src/lib/actions/promote/ports.ts";
import { promote } from "../../../../src/lib/actions/promote/run.ts";
import type { Clock } from "../../../../src/lib/clock/clock.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { parseOverrides } from "../../../../src/lib/gates/overrides.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderPromote } from "../../../../src/lib/output/render/promote.ts";
import { silentProgress } from "../../../../src/lib/progress/progress.ts";
import { hurriedClock } from "../../../fakes/hurried-clock.ts";
import { verifiedReleases } from "./verified-releases.ts";

const minute = 60_000;
const hour = 60 * minute;
const own = verifiedReleases();
let said: string[];
let pauses: number[];
beforeEach(() => {
  said = [];
  pauses = [];
});
afterEach(() => own.world.ports.ledger.lift("prod", { user: "ada", host: "laptop" }, "2026-11-22T10:00:00Z"));

/** Ports with a gate that wants an hour since the publication, which is `age` ago; `during` happens in every pause, and may change that. */
const maturing = (age: number, during: (grow: (ms: number) => void) => unknown): PromotePorts => {
  const clock = hurriedClock();
  let publishedAt = Date.now() - age;
  const sleep: Clock["sleep"] = async (ms, signal) => {
    // Nothing but a turn of the event loop.
    if (ms === 0) return clock.sleep(ms, signal);
    pauses.push(ms);
    await during((more) => (publishedAt -= more));
    await clock.sleep(ms, signal);
  };
  const ports = own.world.withGates({ maturityMs: hour });
  return {
    ...ports,
    clock: { ...clock, sleep },
    pushes: { pushedAt: () => Promise.resolve(publishedAt) },
    progress: {
      ...ports.progress,
      tasks: (tasks, options) =>
        silentProgress.tasks(
          tasks.map((task) => ({
            ...task,
            run: (step) => task.run({ update: (text) => said.push(text), done: (text) => step.done(text) }),
          })),
          options,
        ),
    },
  };
};
const unexpected = (): never => {
  throw new Error("nothing was to be waited for");
};
const run = (ports: PromotePorts, change: Partial<PromoteOptions> = {}) =>
  promote({ release: own.revision, environment: "prod", dryRun: false, ...change }, ports);
const tagged = async (): Promise<boolean> => (await own.world.tagsOf("web", `prod-${own.revision}`)).length > 0;

test.each([false, true])(
  "without --wait it ends as waiting, and says for what and how long; as a plan: %s",
  async (dryRun) => {
    const result = await run(maturing(hour / 2, unexpected), { dryRun });
    expect(result).toMatchObject({ outcome: "waiting", promoted: false });
    expect(result.next.slice(0, 2)).toEqual([
      `threads promote ${own.revision} -e prod --wait`,
      `threads gates ${own.revision} -e prod`,
    ]);
    expect(result.advice.join("\n")).toContain("--override maturity");
    expect(renderPromote(result, plainPaint, 200).join("\n")).toMatch(
      /^Waiting: \S+ to prod: maturity until \d+ \w+ \d{4} \d\d:\d\d UTC\n/,
    );
    expect(await tagged()).toBe(false);
    expect(own.world.smoked).toEqual([]);
  },
);

test("with --wait it looks again until all is open, and goes on", async () => {
  const ports = maturing(hour / 2, (grow) => grow(hour / 4 + minute));
  expect(await run(ports, { wait: true })).toMatchObject({ outcome: "promoted" });
  expect(await tagged()).toBe(true);
  expect(pauses).toHaveLength(2);
  // Time alone opens it: a look a minute is enough, and says when it will be.
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(60_000);
  expect(said.filter((text) => text.startsWith("maturity until "))).toHaveLength(2);
});

test("what opens in a moment is looked at in a moment", async () => {
  await run(
    maturing(hour - 5_000, (grow) => grow(hour)),
    { wait: true },
  );
  expect(pauses[0]).toBeLessThan(15_000);
});

test("a freeze that comes meanwhile ends the wait, and nothing is promoted", async () => {
  const frozen = { reason: "stop", by: { user: "bob", host: "desk" }, at: "2026-11-22T10:00:00Z" };
  const ports = maturing(0, () => own.world.ports.ledger.freeze("prod", frozen));
  await expect(run(ports, { wait: true })).rejects.toMatchObject({
    code: "GATES_SHUT",
    message: expect.stringMatching(/prod is frozen by .*bob on desk/),
  });
  expect(await tagged()).toBe(false);
});

test("it does not wait where another gate wants something done, nor for a gate that is overridden", async () => {
  const frozen = { reason: "stop", by: { user: "bob", host: "desk" }, at: "2026-11-22T10:00:00Z" };
  await own.world.ports.ledger.freeze("prod", frozen);
  await expect(run(maturing(0, unexpected), { wait: true })).rejects.toMatchObject({ code: "GATES_SHUT" });
  const overrides = parseOverrides(["freeze", "maturity"], "outage");
  expect(await run(maturing(0, unexpected), { wait: true, overrides })).toMatchObject({ outcome: "promoted" });
});

test("Ctrl-C ends the wait at once", async () => {
  const stop = new AbortController();
  const ports = maturing(0, () => stop.abort(new ThreadsError("INTERRUPTED", { message: "interrupted by SIGINT" })));
  await expect(run({ ...ports, signal: stop.signal }, { wait: true })).rejects.toMatchObject({ exitCode: 130 });
  expect(await tagged()).toBe(false);
});
