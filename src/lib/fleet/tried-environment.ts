import { environmentChange } from "../ledger/environment-change.ts";
import { list } from "../text/words.ts";
import { hostText } from "./hosts.ts";
import type { PlannedHost } from "./rollout-plan.ts";
import type { MemberVerdict } from "./verdict.ts";

/** How the environment with which a release failed differs from the one before, by names; none where it does not, or nobody knows. */
export function triedLines(host: PlannedHost | undefined, tried: MemberVerdict["tried"]): readonly string[] {
  if (host?.before === undefined || tried === undefined) return [];
  const { environmentTried: made, environmentChanged } = tried;
  if (environmentChanged === true)
    return [`the environment file of ${hostText(host)} is another one than what ran there came up with`];
  if (made !== undefined && host.environment === undefined)
    return [`its environment was made from ${made.from}: what ran there has the host's own file`];
  const change = environmentChange(host.environment, made);
  const parts = (["changed", "added", "removed"] as const).flatMap((how) =>
    change === undefined || change[how].length === 0 ? [] : [`${how} ${list(change[how])}`],
  );
  return parts.length === 0 ? [] : [`its environment differs from that of what ran there: ${parts.join("; ")}`];
}
