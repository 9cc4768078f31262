import type { EnvironmentConfig } from "../config/config.ts";
import type { StatsReport } from "../script/stats-report.ts";
import type { Heard } from "./answer.ts";
import type { Member } from "./target.ts";

/** What the application's containers take of each member: a port. It only looks. */
export interface MemberStats {
  /**
   * Samples for so long, and sums it up. @param signal ends it before that, on the members too
   * @returns by the member's id, one for each. @throws ThreadsError refused where no answer can be seen; the signal's reason
   */
  sample(members: readonly Member[], durationMs: number, signal: AbortSignal): Promise<Heard<StatsReport>>;
}

export type MemberStatsOf = (environment: EnvironmentConfig) => Promise<MemberStats>;
