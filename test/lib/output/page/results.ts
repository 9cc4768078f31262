import type { StressResult } from "../../../../src/lib/actions/stress/result.ts";
import type { Measured } from "../../../../src/lib/config/measured.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import type { Ended } from "../../../../src/lib/output/page/stress-page.ts";

const measured = (requests: number, change: Partial<Measured> = {}): Measured => ({
  requests,
  errors: 0,
  p50Ms: 9.42,
  p90Ms: 41.3,
  p99Ms: 187.6,
  maxMs: 1204,
  ...change,
});

const mib = 1024 * 1024;
const points = (cpuPercent: number, memoryBytes: number) =>
  Array.from({ length: 20 }, (_, n) => ({ second: 3 * n, cpuPercent: cpuPercent + (n % 4), memoryBytes }));
const serviceStats = (service: string, cpu: number, memory: number) => ({
  service,
  samples: 20,
  cpuPercent: { mean: cpu + 1.5, peak: cpu + 9 },
  memoryBytes: { mean: memory, peak: memory },
  points: points(cpu, memory),
});

/** Sixty seconds of which the sixth tenth is bad, at two hosts, while somebody deploys; a path that is no HTML. */
export function aStressResult(change: Partial<Ended> = {}): Extract<StressResult, Ended> {
  const seconds = Array.from({ length: 60 }, (_, n) => {
    const isBad = n >= 30 && n < 36;
    const [p50Ms, p99Ms] = isBad ? [310, 1200 - n] : [9 + (n % 5), 120 + ((n * 37) % 60)];
    return { requests: 200, errors: isBad ? 3 : 0, p50Ms, p99Ms, maxMs: p99Ms + 4 };
  });
  const latencies = Array.from({ length: 32 }, (_, n) => ({
    overMs: Number((10 ** (n / 10)).toPrecision(3)),
    upToMs: Number((10 ** ((n + 1) / 10)).toPrecision(3)),
    count: Math.round(3000 * Math.exp(-(((n - 9) / 4) ** 2)) + (n > 24 ? 60 : 0)),
  }));
  return {
    outcome: "failed",
    recorded: false,
    report: null,
    environment: "staging",
    deployment: 12,
    revision: "ceec8014909d".padEnd(40, "0"),
    bundle: digestOf("two"),
    rate: 200,
    durationMs: 60_000,
    budget: "p99=200ms,errors=0",
    requests: [{ method: "GET", path: "/?a=<b>&c", share: 100 }],
    targets: [
      { host: "staging-1", url: "http://127.0.0.1:8001" },
      { host: "staging-2", url: "http://127.0.0.1:8002" },
    ],
    total: measured(12_000, { errors: 18 }),
    startedAt: "2026-11-28T05:00:00.000Z",
    tookMs: 60_000,
    limits: [
      { limit: "p99=200ms", ok: true, says: "" },
      { limit: "errors=0", ok: false, says: "18 errors are more than 0" },
    ],
    errors: [{ says: "status 502", count: 18 }],
    byRequest: [{ method: "GET", path: "/?a=<b>&c", ...measured(12_000, { errors: 18 }) }],
    byTarget: [
      {
        host: "staging-1",
        ...measured(6000),
        seconds: seconds.map((one) => ({ ...one, errors: 0, p50Ms: 9, p99Ms: 140 })),
      },
      { host: "staging-2", ...measured(6000, { errors: 18 }), seconds },
    ],
    seconds,
    latencies,
    deployments: [
      {
        number: 13,
        kind: "deploy",
        revision: "94e6079ac460".padEnd(40, "0"),
        begunAt: "2026-11-28T05:00:28.000Z",
        endedAt: "2026-11-28T05:00:40.000Z",
        steps: [
          { step: "pull", begunAt: "2026-11-28T05:00:28.200Z", tookMs: 1_800 },
          { step: "migrate", begunAt: "2026-11-28T05:00:30.000Z", tookMs: 400 },
          { step: "switch", begunAt: "2026-11-28T05:00:30.400Z", tookMs: 6_100 },
          { step: "retire", begunAt: "2026-11-28T05:00:36.500Z", tookMs: 3_400 },
        ],
      },
    ],
    stats: [
      {
        host: "staging-1",
        silence: null,
        samples: 20,
        missed: 1,
        services: [
          serviceStats("web", 61.4, 154 * mib),
          {
            ...serviceStats("celery", 8.2, 96 * mib),
            points: points(8.2, 96 * mib).filter(({ second }) => second < 28 || second > 36),
          },
        ],
      },
      {
        host: "staging-2",
        silence: "offline: SSM has lost the connection",
        samples: null,
        missed: null,
        services: null,
      },
    ],
    lateMs: 1.2,
    before: {
      revision: "94e6079ac460".padEnd(40, "0"),
      rate: 200,
      durationMs: 60_000,
      at: "2026-11-27T21:00:00.000Z",
      ...measured(12_000),
    },
    next: [],
    advice: ["not on record: 94e6079ac460 was being deployed meanwhile (#13), and may have answered"],
    ...change,
  };
}
