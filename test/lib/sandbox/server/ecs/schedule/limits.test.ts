import * as fc from "fast-check";
import { expect, test } from "vitest";
import { boundsOf } from "../../../../../../src/lib/sandbox/server/ecs/schedule/bounds.ts";
import { world } from "./world.ts";

// What holds of every rollout: however tasks fare, whatever is deployed and scaled in the middle of it.

const seconds = { min: 1, max: 60 };
const fate = fc.record(
  {
    runs: fc.integer(seconds),
    healthy: fc.integer(seconds),
    unhealthy: fc.integer(seconds),
    ends: fc.integer(seconds),
    stops: fc.integer({ min: 0, max: 30 }),
  },
  { requiredKeys: [] },
);
const step = fc.oneof(
  fc.record({ kind: fc.constant("deploy" as const), fate }),
  fc.record({ kind: fc.constant("pass" as const), count: fc.integer({ min: 1, max: 90 }) }),
);
const limits = fc.constantFrom([0, 100], [50, 100], [50, 150], [100, 200], [100, 134], [0, 200]);

test("never more tasks than the upper limit, and no stop that leaves too few healthy ones", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      limits,
      fc.boolean(),
      fc.array(step, { minLength: 1, maxLength: 8 }),
      (desired, [minimumHealthyPercent = 0, maximumPercent = 0], checked, steps) => {
        const w = world(desired, { configuration: { minimumHealthyPercent, maximumPercent }, checked });
        const { lower, upper } = boundsOf(desired, w.service.configuration);
        let release = 1;
        w.deploy("web:1");
        const tick = (): void => {
          const before = new Set(w.tasks.filter((task) => task.desiredStatus === "STOPPED").map(({ id }) => id));
          w.tick();
          expect(w.alive()).toBeLessThanOrEqual(upper);
          // Of those that the scheduler stopped just now, some were healthy: then enough are left.
          const stopped = w.tasks.filter(
            (task) =>
              !before.has(task.id) && task.stopCode === "ServiceSchedulerInitiated" && wasHealthy(task, checked),
          );
          const kept = w.healthy() >= lower || stopped.length === 0;
          expect(kept ? "enough" : `${w.healthy()} of ${lower}`).toBe("enough");
        };
        const wasHealthy = (task: (typeof w.tasks)[number], looked: boolean): boolean =>
          looked && task.lastStatus === "RUNNING" && task.healthStatus === "HEALTHY";
        for (const one of steps) {
          if (one.kind === "deploy") w.deploy(`web:${(release += 1)}`, one.fate);
          else for (let n = 0; n < one.count; n += 1) tick();
        }
      },
    ),
    { numRuns: 150 },
  );
});

test("a release whose tasks are well always comes about, whatever was deployed before it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 6 }),
      fc.constantFrom([0, 100], [50, 100], [100, 200]),
      fc.array(step, { maxLength: 6 }),
      (desired, [minimumHealthyPercent = 0, maximumPercent = 0], steps) => {
        const w = world(desired, { configuration: { minimumHealthyPercent, maximumPercent } });
        w.deploy("web:1");
        for (const [n, one] of steps.entries()) {
          if (one.kind === "deploy") w.deploy(`web:${n + 2}`, one.fate);
          else w.pass(one.count);
        }
        const { id } = w.deploy("good:1");
        w.until(() => w.history(id)?.finishedAt !== undefined);
        expect(w.history(id)?.status).toBe("SUCCESSFUL");
        expect([w.alive(), w.healthy("good:1")]).toEqual([desired, desired]);
      },
    ),
    { numRuns: 100 },
  );
});
