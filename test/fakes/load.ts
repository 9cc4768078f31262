import type { Measured } from "../../src/lib/config/measured.ts";
import type { RunLoad } from "../../src/lib/load/load.ts";

/** A load that asks nobody, and measured this of everything. */
export function measuring(total: Measured): RunLoad {
  return ({ targets, requests }) =>
    Promise.resolve({
      total,
      targets: targets.map(() => ({ ...total, seconds: [] })),
      requests: requests.map(() => total),
      latencies: [],
      errors: [],
      releases: {},
      seconds: [],
      lateMs: 0,
      tookMs: 1_000,
    });
}
