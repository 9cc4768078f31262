import { hasHosts } from "../fleet/hosts.ts";
import type { MemberStatsOf } from "../fleet/member-stats.ts";
import type { hostStats } from "../hosts/stats.ts";
import { nothingRuns } from "./targets.ts";

/** What containers take of what environments run on. */
export function openMemberStats(ports: Parameters<typeof hostStats>[1]): MemberStatsOf {
  return async (environment) => {
    if (!hasHosts(environment)) throw nothingRuns(environment);
    const { hostStats: open } = await import("../hosts/stats.ts");
    return open(environment, ports);
  };
}
