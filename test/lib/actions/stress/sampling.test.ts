import { beforeEach, expect, test } from "vitest";
import { type Sampling, sampling } from "../../../../src/lib/actions/stress/sampling.ts";
import { hostedEnvironment } from "../../../../src/lib/fleet/hosts.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { Answer } from "../../../../src/lib/fleet/answer.ts";
import type { MemberStats } from "../../../../src/lib/fleet/member-stats.ts";
import type { StatsReport } from "../../../../src/lib/script/stats-report.ts";
import { aConfig } from "../../../fakes/config.ts";
import { manualClock } from "../../../fakes/manual-clock.ts";

// What is asked beside a load, whatever comes of it.

const hosts = ["i-1", "i-2"].map((id) => ({ id, name: `name of ${id}`, online: true }));
const services = [
  {
    service: "web",
    samples: 3,
    cpuPercent: { mean: 40, peak: 90 },
    memoryBytes: { mean: 1024, peak: 2048 },
    points: [{ second: 2, cpuPercent: 40, memoryBytes: 2048 }],
  },
];
const report = { end: "sampled", message: "", samples: 3, missed: 1, services } as const;
const nothing = { samples: null, missed: null, services: null };

let time: ReturnType<typeof manualClock>;
let interrupt: AbortController;
/** The signal by which hosts are told to end it. */
let asked: AbortSignal | undefined;
beforeEach(() => {
  time = manualClock();
  interrupt = new AbortController();
  asked = undefined;
});

function begun(sample: MemberStats["sample"]): Sampling {
  const config = aConfig({ environments: { prod: { hosts: { tag: "env=prod" } } } });
  const environment = hostedEnvironment(config, "prod", (name) => name);
  const statsOf = () =>
    Promise.resolve<MemberStats>({
      sample: (members, durationMs, signal) => {
        asked = signal;
        return sample(members, durationMs, signal);
      },
    });
  return sampling({ environment, hosts, durationMs: 60_000 }, { statsOf, clock: time.clock, signal: interrupt.signal });
}
/** Never answers, until nobody listens. */
const silent: MemberStats["sample"] = (_members, _durationMs, signal) =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
const silences = (silence: string): object[] => hosts.map(({ name }) => ({ host: name, silence, ...nothing }));

test("each host is told of: what its containers took, or why that is not known", async () => {
  const answers: [string, Answer<StatsReport>][] = [
    ["i-1", { report }],
    ["i-2", { silence: "offline" }],
  ];
  const sampled = begun((members, durationMs) => {
    expect([members, durationMs]).toEqual([hosts, 60_000]);
    return Promise.resolve(new Map(answers));
  });
  expect(await sampled.told()).toEqual([
    { host: "name of i-1", silence: null, samples: 3, missed: 1, services },
    { host: "name of i-2", silence: "offline", ...nothing },
  ]);
});

test("whatever goes wrong is why nothing is known, and no error: with what to type", async () => {
  const error = new ThreadsError("HOST_DOCUMENT", { message: "no document", next: ["threads doctor --fix"] });
  expect(await begun(() => Promise.reject(error)).told()).toEqual(silences("no document: threads doctor --fix"));
  expect(await begun(() => Promise.reject(new Error("odd"))).told()).toEqual(silences("odd"));
});

test("hosts that do not tell are waited for a moment, and told to end it", async () => {
  const told = begun(silent).told();
  await time.tick(19_999);
  expect(asked?.aborted).toBe(false);
  await time.tick(1);
  expect(asked?.aborted).toBe(true);
  expect(await told).toEqual(silences("no answer within 20 s after the load"));
});

test("a Ctrl-C ends it at once", async () => {
  const sampled = begun(silent);
  await time.tick(0);
  interrupt.abort(new Error("Ctrl-C"));
  expect(asked?.aborted).toBe(true);
  expect(await sampled.told()).toEqual(silences("interrupted before it told"));
});

test("a load that fails ends it, too", async () => {
  const sampled = begun(silent);
  await time.tick(0);
  await sampled.drop();
  expect(asked?.aborted).toBe(true);
});
