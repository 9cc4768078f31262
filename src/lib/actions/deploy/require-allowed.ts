import { ThreadsError } from "../../errors/threads-error.ts";
import { type Freeze, requireThawed } from "../../ledger/freeze.ts";
import { type Hold, holdText, liftFlag } from "../../ledger/hold.ts";
import type { DeploymentLog } from "../../ledger/ledger.ts";
import { releases, type Standing } from "../../ledger/standing.ts";
import type { RolloutPlan } from "../../fleet/rollout-plan.ts";
import type { Ships } from "../../fleet/ships.ts";
import type { Progress } from "../../progress/progress.ts";
import { shortRevision } from "../../release/revision.ts";
import { count } from "../../text/words.ts";

/** What may stand between a release and an environment. */
export interface Obstacles {
  readonly freeze: Freeze | undefined;
  readonly standing: Standing;
  readonly log: Pick<DeploymentLog, "deployments">;
  /** The difference to what runs there, by git's word. */
  readonly ships: Ships;
}

export interface Permissions {
  /** The rollback whose hold may be lifted. */
  readonly liftHold: number | undefined;
  /** Whether what runs may be newer. */
  readonly allowOlder: boolean;
}

interface Asked extends Permissions {
  /** Then nothing is refused yet, and the refusal says so. */
  readonly dryRun: boolean;
}

/** A freeze stops everything, a hold every release but the one that runs. @throws ThreadsError FROZEN, HELD, OLDER_RELEASE (refused) */
export function requireAllowed(plan: RolloutPlan, found: Obstacles, asked: Asked): void {
  try {
    const { current, previous, unsettled } = found.standing;
    requireThawed(plan.environment.name, found.freeze, current !== undefined && (previous ?? unsettled) !== undefined);
    requireUnheld(plan, found.standing.hold, asked);
    requireNewer(plan, found, asked);
  } catch (error) {
    if (!asked.dryRun || !(error instanceof ThreadsError)) throw error;
    throw error.with({ message: `it would be refused: ${error.message}` });
  }
}

function requireUnheld(
  { environment, release, again }: RolloutPlan,
  hold: Hold | undefined,
  { liftHold }: Permissions,
): void {
  const flag = liftFlag(hold, release.bundle.digest);
  if (hold === undefined || flag === "" || liftHold === hold.rollback.number) return;
  const { name } = environment;
  const other = liftHold === undefined ? "" : `; --lift-hold ${liftHold} names another hold`;
  throw new ThreadsError("HELD", {
    message: `${holdText(name, hold)}${other}`,
    next: [`${again.replace(/ --lift-hold \d+/, "")}${flag}`, `threads status -e ${name}`],
    advice: ["lift it once this release is known to be well; a rollback is always allowed"],
  });
}

/** Older is what has nothing of its own: a release that leaves something out and brings something else goes to the side. */
function requireNewer(plan: RolloutPlan, { standing, log, ships }: Obstacles, { allowOlder }: Permissions): void {
  const { environment, release, again } = plan;
  const { from, commits, dropped, unknown } = ships;
  // What has begun to come was allowed to when it began.
  const hasBegun = standing.unsettled?.intent.bundle.digest === release.bundle.digest;
  if (allowOlder || hasBegun || from === null || unknown !== null || commits > 0 || dropped === 0) return;
  const ran = releases(log.deployments).find(({ bundle }) => bundle.digest === release.bundle.digest);
  const back = ran === undefined ? [] : [`threads rollback -e ${environment.name} ${ran.number}`];
  throw new ThreadsError("OLDER_RELEASE", {
    message: `${shortRevision(release.revision)} is older than ${shortRevision(from.revision)}, which ${environment.name} runs (deployment ${from.number}): it has ${count(dropped, "commit")} less`,
    next: [...back, `${again} --allow-older`],
    advice: ran === undefined ? [] : ["it has run there: a rollback brings it back without a migration"],
  });
}

/** What a deployment is allowed to do, and nobody may find out later. */
export function tellLineage(
  { environment, release }: RolloutPlan,
  { ships: { from, commits, dropped, unknown } }: Obstacles,
  progress: Pick<Progress, "warn">,
): void {
  if (from === null) return;
  const [it, there] = [
    shortRevision(release.revision),
    `${shortRevision(from.revision)}, which ${environment.name} runs`,
  ];
  if (unknown !== null) progress.warn(`whether ${it} is older than ${there}, git cannot tell: ${unknown}`);
  else if (dropped > 0)
    progress.warn(
      commits > 0 ? `${it} leaves out ${count(dropped, "commit")} of ${there}` : `${it} is older than ${there}`,
    );
}

/** What to say of a hold that is named and does not stand: it needs no lifting. */
export function tellUnheld(hold: Hold | undefined, { liftHold }: Permissions, progress: Pick<Progress, "note">): void {
  if (liftHold !== undefined && hold === undefined)
    progress.note(`no hold stands: --lift-hold ${liftHold} lifts nothing`);
}
