import { shortRevision } from "../release/revision.ts";
import { carryOut, type Walk } from "./carry-out-round.ts";
import type { PlannedHost } from "./rollout-plan.ts";
import type { Round } from "./rounds.ts";
import { type Trouble, troubleOf } from "./trouble.ts";
import { watchStep } from "./watch-step.ts";
import type { Weight } from "./weights.ts";
import { reached } from "./weights-fit.ts";

/**
 * Every step below 100: that part of the requests on all hosts, round after round, and then both slots beside each other. The
 * release is not recorded anywhere by then: what serves is what every way leads back to.
 * @param stopBefore why a round must not be begun
 */
export async function weighSteps(
  walk: Walk,
  stopBefore: (host: PlannedHost) => Promise<Trouble | undefined>,
): Promise<Trouble | undefined> {
  const { weights } = walk.plan;
  if (weights === undefined) return undefined;
  for (const [index, weight] of weights.steps.entries()) {
    const step = index + 1;
    if (weight === 100 || step < weights.from) continue;
    for (const hosts of walk.plan.rounds) {
      const trouble = (await stopBefore(hosts[0])) ?? (await weighRound(walk, hosts, { step, weight }));
      if (trouble !== undefined) return trouble;
    }
    const seen = await watchStep(walk, { step, weight });
    walk.weighed.push(seen);
    if (seen.verdict !== "as-good") return troubles[seen.verdict](seen.says);
  }
  return undefined;
}

/** Everything behind a release that has a part of the requests: it is worse, or nobody can say, or somebody has interrupted. */
const troubles = {
  worse: (says: string): Trouble => ({ cause: "failed", verdict: { ...nobody, says } }),
  inconclusive: (says: string): Trouble => ({ cause: "paused", verdict: { ...nobody, says } }),
  interrupted: (): Trouble => ({ cause: "interrupted" }),
} as const;
const nobody = { end: "failed", state: "both", code: 0, tail: [], warnings: [] } as const;

async function weighRound(walk: Walk, hosts: Round<PlannedHost>, share: Weight): Promise<Trouble | undefined> {
  const { plan, intent, beganAt, ports } = walk;
  const [first] = plan.hosts;
  // A host that has a part of the requests for this release has migrated.
  const isNew = reached({ release: plan.release, hosts: plan.hosts }, plan.weights?.steps ?? []) === 0;
  const migrates = isNew && share.step === plan.weights?.from && hosts[0] === first;
  const verdicts = await carryOut(walk, {
    action: "weigh",
    share,
    hosts,
    title: (name) => `Send ${share.weight} % of ${name}'s requests to ${shortRevision(intent.revision)}`,
    migrate: migrates ? plan.migrate : undefined,
    limitMs: beganAt + plan.environment.timeoutMs - ports.clock.now(),
  });
  return troubleOf(hosts, verdicts);
}
