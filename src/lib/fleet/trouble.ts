import type { Trouble } from "./ending.ts";
import type { PlannedHost } from "./rollout-plan.ts";
import type { HostVerdict } from "./verdict.ts";

/** The worst of what became of some hosts: what failed says more than what was told to stop. */
export function troubleOf(hosts: readonly PlannedHost[], verdicts: readonly HostVerdict[]): Trouble | undefined {
  for (const end of ["failed", "superseded", "cancelled", "left"] as const) {
    const index = verdicts.findIndex((verdict) => verdict.end === end);
    const [host, verdict] = [hosts[index], verdicts[index]];
    if (host !== undefined && verdict !== undefined) return { cause: causes[end], host: host.id, verdict };
  }
  return undefined;
}

const causes = { failed: "failed", superseded: "superseded", cancelled: "interrupted", left: "left" } as const;
