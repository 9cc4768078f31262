import { expect, test } from "vitest";
import type { StressResult } from "../../../../src/lib/actions/stress/result.ts";
import type { Measured } from "../../../../src/lib/config/measured.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { renderStress } from "../../../../src/lib/output/render/stress.ts";
import { printed } from "./printed.ts";

const [one, two] = ["94e6079ac460".padEnd(40, "0"), "ceec8014909d".padEnd(40, "0")];
const measured = (requests: number, change: Partial<Measured> = {}): Measured => ({
  requests,
  errors: 0,
  p50Ms: 9.42,
  p90Ms: 41.3,
  p99Ms: 187.6,
  maxMs: 1204,
  ...change,
});
const about = {
  environment: "staging",
  deployment: 12,
  revision: two,
  bundle: digestOf("two"),
  rate: 200,
  durationMs: 60_000,
  budget: "p99=200ms,errors=0",
  requests: [
    { method: "GET", path: "/", share: 75 },
    { method: "GET", path: "/api/posts/", share: 25 },
  ],
  targets: [
    { host: "staging-1", url: "http://127.0.0.1:8001" },
    { host: "staging-2", url: "http://127.0.0.1:8002" },
  ],
  next: [],
  advice: [],
};
const ended = (change: object = {}): StressResult => ({
  outcome: "passed",
  recorded: true,
  ...about,
  total: measured(12_000),
  tookMs: 60_000,
  limits: [
    { limit: "p99=200ms", ok: true, says: "" },
    { limit: "errors=0", ok: true, says: "" },
  ],
  errors: [],
  byRequest: [
    { method: "GET", path: "/", ...measured(9000) },
    { method: "GET", path: "/api/posts/", ...measured(3000, { p50Ms: null, p90Ms: null, p99Ms: null, maxMs: null }) },
  ],
  byTarget: [
    { host: "staging-1", ...measured(6000), seconds: [] },
    { host: "staging-2", ...measured(6000, { p50Ms: 0.84 }), seconds: [] },
  ],
  startedAt: "2026-11-28T05:00:00.000Z",
  seconds: [],
  latencies: [],
  deployments: [],
  stats: [],
  report: null,
  lateMs: 1.2,
  before: { revision: one, rate: 200, durationMs: 60_000, at: "2026-11-27T21:00:00.000Z", ...measured(12_000) },
  ...change,
});
const text = (result: StressResult, columns = 100): Promise<string> => printed(result, renderStress, columns);

test("what was kept is told for all, each request, each host, and beside the release before", async () => {
  expect(await text(ended())).toMatchInlineSnapshot(`
    "✔ ceec8014909d in staging (#12) has kept its budget: 12000 requests in 60 s, 200 a second
                           requests  errors  p50      p90      p99     max
      all                  12000     0       9.42 ms  41.3 ms  188 ms  1.20 s
      /                    9000      0       9.42 ms  41.3 ms  188 ms  1.20 s
      /api/posts/          3000      0       -        -        -       -
      staging-1            6000      0       9.42 ms  41.3 ms  188 ms  1.20 s
      staging-2            6000      0       0.84 ms  41.3 ms  188 ms  1.20 s
      94e6079ac460 before  12000     0       9.42 ms  41.3 ms  188 ms  1.20 s
      94e6079ac460 was at 200 a second for 60 s, 27 Nov 2026 21:00 UTC
      ✔ p99=200ms
      ✔ errors=0
      on record for gates that ask for it
    "
  `);
});

test("what was not kept is told with what was measured, and the errors by their kinds", async () => {
  const limits = [{ limit: "errors=0", ok: false, says: "4 errors are more than 0" }];
  const errors = [
    { says: "status 502", count: 3 },
    { says: "connection refused", count: 1 },
  ];
  const next = ["threads logs -e staging --since 10m"];
  const total = measured(12_000, { errors: 4 });
  const alone = { byRequest: [], byTarget: [], before: null, recorded: false };
  expect(await text(ended({ outcome: "failed", limits, errors, total, next, ...alone }))).toMatchInlineSnapshot(`
    "✖ ceec8014909d in staging (#12) has not kept its budget: 12000 requests in 60 s, 200 a second
           requests  errors  p50      p90      p99     max
      all  12000     4       9.42 ms  41.3 ms  188 ms  1.20 s
      ✖ errors=0: 4 errors are more than 0
      status 502: 3 times
      connection refused: once
      next: threads logs -e staging --since 10m
    "
  `);
});

test("what was kept, but proves nothing, says why", async () => {
  const advice = ["not on record: staging-2 is not seen to run what was deployed"];
  const alone = { byRequest: [], byTarget: [], before: null, recorded: false };
  expect(await text(ended({ outcome: "doubted", ...alone, advice }))).toMatchInlineSnapshot(`
    "? ceec8014909d in staging (#12) has kept its budget, which proves nothing: 12000 requests in 60 s,
      200 a second
           requests  errors  p50      p90      p99     max
      all  12000     0       9.42 ms  41.3 ms  188 ms  1.20 s
      ✔ p99=200ms
      ✔ errors=0
      not on record: staging-2 is not seen to run what was deployed
    "
  `);
});

test("a plan tells whom it would ask for what, how often", async () => {
  expect(await text({ outcome: "planned", ...about, next: ["threads stress -e staging"] })).toMatchInlineSnapshot(`
    "Would put ceec8014909d in staging (#12) under load: 200 requests a second for 60 s
      at http://127.0.0.1:8001, http://127.0.0.1:8002
         75 % GET /
         25 % GET /api/posts/
      to keep p99=200ms,errors=0
      meanwhile asking each host what its containers take
      next: threads stress -e staging
    "
  `);
});

test("what containers took is told by service over all hosts, and of whom it is not known", async () => {
  const took = (service: string, cpu: number, mib: number) => ({
    service,
    samples: 20,
    cpuPercent: { mean: cpu, peak: cpu + 9 },
    memoryBytes: { mean: mib * 2 ** 20, peak: mib * 2 ** 20 },
    points: [],
  });
  const nothing = { samples: null, missed: null, services: null };
  const stats = [
    {
      host: "staging-1",
      silence: null,
      samples: 20,
      missed: 2,
      services: [took("web", 61.2, 154), took("beat", 0.2, 60)],
    },
    { host: "staging-2", silence: null, samples: 20, missed: 0, services: [took("web", 41.2, 146)] },
    ...["3", "4"].map((n) => ({ host: `staging-${n}`, silence: "offline: SSM has lost the connection", ...nothing })),
  ];
  const shown = await text(ended({ stats, before: null }));
  expect(shown.slice(shown.indexOf("staging-2"), shown.indexOf("  ✔ p99"))).toMatchInlineSnapshot(`
    "staging-2    6000      0       0.84 ms  41.3 ms  188 ms  1.20 s
            CPU    peak   memory   peak
      web   51 %   70 %   150 MiB  154 MiB
      beat  0.2 %  9.2 %  60 MiB   60 MiB
      what containers took is not known of staging-3 and staging-4: offline: SSM has lost the connection
      docker did not answer 2 of 20 samples on staging-1
    "
  `);
});
