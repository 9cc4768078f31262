import type { PromotePorts } from "../../../src/lib/actions/promote/ports.ts";
import type { StackReport } from "../../../src/lib/stack/result.ts";
import type { CheckConfig } from "../../../src/lib/config/config.ts";
import { openPromotion } from "../../../src/lib/wire/promotion.ts";
import { withoutPulse } from "../../fakes/hurried-clock.ts";
import type { Process } from "./world.ts";

/** What promote needs beyond publish, with the real adapters; but git knows nothing, so that no bundle is compared with it, and the smoke test always passes. */
export async function promotePorts({ ports, aws }: Process): Promise<PromotePorts> {
  const noGit = { run: () => Promise.reject(new Error("git was asked")) };
  const world = {
    ...ports,
    config: () => Promise.resolve(ports.config),
    aws: () => Promise.resolve(aws),
    cancelNow: new AbortController().signal,
    processes: noGit,
    patience: withoutPulse,
    env: {},
    runtime: { node: "24.21.0", wanted: ">=22.13", threads: "0.0.0" },
  };
  return {
    ...(await openPromotion(world)),
    lineage: {
      onBranch: () => Promise.resolve({ has: "unknown", ref: undefined }),
      authors: () => Promise.resolve([]),
      between: () => Promise.resolve({ unknown: "there is no repository here" }),
    },
    source: ports.source,
    provenance: () => Promise.resolve({ state: "same" }),
    readAhead: () => undefined,
    docker: ports.docker,
    smoke: () => Promise.resolve(passed(ports.config.checks)),
  };
}

/** The report of a smoke test in which every check has passed. */
export function passed(checks: readonly Pick<CheckConfig, "path" | "status">[]): StackReport {
  return {
    project: "threads-smoke-1",
    images: [],
    checks: checks.map(({ path, status }) => ({ path, status, ok: true, detail: "as expected", tookMs: 12.3 })),
    durations: { buildMs: 1, upMs: 2, checksMs: 3, downMs: 4 },
    migrations: undefined,
    leftovers: [],
    kept: null,
  };
}
