import { authorText } from "../ledger/author.ts";
import { holdOf, liftFlag } from "../ledger/hold.ts";
import type { Deployment } from "../ledger/ledger.ts";
import { dated, span, utc } from "../text/words.ts";
import type { GateFacts } from "./gate-facts.ts";
import { lengthOf, sameRelease, staysOf } from "./stay.ts";
import { blocked, missing, notConfigured, passed, type GateVerdict, waiting } from "./verdict.ts";

/** Whether the digests were deployed to the environment of `verified`, and came up. */
export function judgeVerified(facts: GateFacts): GateVerdict {
  const { environment, published, deployments } = facts;
  const where = environment.gates.verified;
  if (where === undefined || deployments === undefined) return notConfigured;
  const deploy = deployTo(where, published, deployments);
  const same = sameRelease(published);
  const [stay] = staysOf(deployments, same);
  if (stay === undefined) {
    const tried = deployments.find(({ intent }) => same(intent));
    if (tried === undefined) return missing(`these digests were never deployed to ${where}`, deploy);
    const how = tried.outcome?.result ?? "has not ended";
    return missing(`deployment ${tried.intent.number} of these digests to ${where} ${wordsFor(how)}`, deploy);
  }
  const by = `deployment ${stay.intent.number} by ${authorText(stay.intent.by)}, ${dated(utc(stay.since))}`;
  if (stay.undone)
    return blocked(
      `${where} was rolled back from it by ${stay.replacedBy === undefined ? "somebody" : authorText(stay.replacedBy.by)}, ${dated(utc(stay.until ?? stay.since))} (${by})`,
      deploy,
      `threads history -e ${where}`,
    );
  return passed(
    stay.until === undefined ? `${where} runs these digests (${by})` : `${where} ran these digests (${by})`,
  );
}

/** Whether they have run there long enough. */
export function judgeSoak({ environment, published, deployments, now }: GateFacts): GateVerdict {
  const { verified: where, soakMs } = environment.gates;
  if (soakMs === 0 || where === undefined || deployments === undefined) return notConfigured;
  const stays = staysOf(deployments, sameRelease(published));
  const longest = Math.max(0, ...stays.map((stay) => lengthOf(stay, now)));
  if (longest >= soakMs)
    return passed(`these digests have run in ${where} for ${span(longest)} (${span(soakMs)} are asked for)`);
  const running = stays.find(({ until }) => until === undefined);
  const { revision } = published.release;
  const deploy = deployTo(where, published, deployments);
  if (running !== undefined) {
    const left = soakMs - lengthOf(running, now);
    return {
      ...waiting(
        `these digests have run in ${where} for ${span(lengthOf(running, now))} of ${span(soakMs)}: ${span(left)} to go`,
        { by: "time", at: running.since + soakMs },
        `threads gates ${revision} -e ${environment.name}`,
      ),
      // Rounded up: it is over when it says so.
      advice: [`wait until ${dated(utc(running.since + soakMs + 59_999))}`],
    };
  }
  if (stays.length === 0)
    return missing(`these digests have never run in ${where}, and ${span(soakMs)} are asked for`, deploy);
  return missing(
    `these digests ran in ${where} for ${span(longest)} of ${span(soakMs)}, and do not run there now`,
    deploy,
  );
}

/** @param deployments there, newest first: what it is held with must be lifted for it */
function deployTo(
  where: string,
  { release, digest }: GateFacts["published"],
  deployments: readonly Deployment[],
): string {
  return `threads deploy -e ${where} ${release.revision}${liftFlag(holdOf(deployments), digest)}`;
}

function wordsFor(result: string): string {
  return (
    ({ interrupted: "was interrupted", partial: "left hosts that differ" } as Record<string, string>)[result] ?? result
  );
}
