import type { EnvironmentConfig } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { lookAt } from "../../fleet/deployment.ts";
import { registeredHosts } from "../../fleet/hosts.ts";
import type { FleetPorts } from "../../fleet/ports.ts";
import { signOfLife } from "../../fleet/sign-of-life.ts";
import type { Digest } from "../../image/digest.ts";
import type { Deployment, DeploymentResult, Intent } from "../../ledger/ledger.ts";
import { resultOf, standing } from "../../ledger/standing.ts";
import type { Step } from "../../progress/progress.ts";
import { shortRevision } from "../../release/revision.ts";
import { type Behind, judgeApproval } from "./approve.ts";
import { judgePauseApproval } from "./approve-pause.ts";

/** What an unfinished deployment had set out to do, as the deployment that goes on with it says it. */
export interface Resumed {
  readonly release: string;
  /** Of that very release: a name may mean another one meanwhile. */
  readonly bundle: Digest;
  /** Ids of the hosts that it goes on without. */
  readonly without: readonly string[];
  /** The unfinished deployment, where its deployer is dead and its time not over. */
  readonly supersede: number | undefined;
  readonly liftHold: number | undefined;
  /** The steps in which it gets its requests; undefined where it gets all at once. */
  readonly weights: readonly number[] | undefined;
  readonly intent: Intent;
}

interface Wanted {
  readonly environment: EnvironmentConfig;
  /** The unfinished deployment that may be taken over whoever is at work. */
  readonly supersede: number | undefined;
  /** The step that is approved, where one is. */
  readonly approves: number | undefined;
}

/**
 * The newest deployment of an environment that has not come to its end: its release, and the hosts that are left.
 * @returns that a step which is approved is behind already. @throws ThreadsError NOTHING_TO_RESUME, WEIGHTS_STEP (refused)
 */
export function unfinished(
  { environment, supersede, approves }: Wanted,
  ports: Pick<FleetPorts, "ledger" | "targetOf" | "signal" | "progress" | "checkAccount">,
): Promise<Resumed | Behind> {
  const look = async (own: Step): Promise<Resumed | Behind> => {
    const [target] = await Promise.all([ports.targetOf(environment), ports.checkAccount()]);
    const [log, lease, hosts] = await Promise.all([
      ports.ledger.deploymentLog(environment.name),
      // Whoever cannot read it is told when it is taken.
      ports.ledger.lease(environment.name).catch(() => undefined),
      registeredHosts(environment, target),
    ]);
    const approval = { environment: environment.name, step: approves ?? 0 };
    const { latest, unsettled, underWay } = standing(log.deployments, log.serverTime);
    const open = openOf(latest, unsettled);
    const judge = (): Behind | undefined =>
      environment.ecs === undefined
        ? judgeApproval(approval, log, lease)
        : judgePauseApproval(approval, { latest, open }, lease);
    const behind = approves === undefined ? undefined : judge();
    if (behind !== undefined) return behind;
    const found = requireUnfinished(latest, unsettled, { environment, now: log.serverTime });
    const { number, revision, bundle, leftOut = [], liftsHold, weights } = found.intent;
    own.done(`${environment.name}: goes on with deployment ${number} of ${shortRevision(revision)}`);
    const isDead = async (): Promise<boolean> =>
      signOfLife(found, { observed: await target.look(hosts, ports.signal), lease, now: log.serverTime }).state ===
      "dead";
    const takesOver = underWay !== undefined && supersede === undefined && (await isDead());
    return {
      release: revision,
      bundle: bundle.digest,
      // One that is gone for good needs no leaving out.
      without: leftOut.filter((id) => hosts.some((host) => host.id === id)),
      supersede: takesOver ? number : supersede,
      liftHold: liftsHold,
      weights: weights?.steps,
      intent: found.intent,
    };
  };
  return lookAt(environment, ports, look, `Read what did not end in ${environment.name}`);
}

function isLeftOpen(result: DeploymentResult): boolean {
  return result === "interrupted" || result === "paused";
}

function openOf(latest: Deployment | undefined, unsettled: Deployment | undefined): Deployment | undefined {
  return latest?.outcome === undefined || isLeftOpen(latest.outcome.result) ? latest : unsettled;
}

/** What has ended, well or not, left hosts that agree: there is nothing to go on with. */
function requireUnfinished(
  latest: Deployment | undefined,
  unsettled: Deployment | undefined,
  { environment: { name }, now }: { readonly environment: EnvironmentConfig; readonly now: number },
): Deployment {
  const found = openOf(latest, unsettled);
  if (found?.intent.kind === "deploy") return found;
  const status = `threads status -e ${name}`;
  if (found !== undefined)
    throw new ThreadsError("NOTHING_TO_RESUME", {
      message: `nothing to resume: what has not ended in ${name} is a rollback (deployment ${found.intent.number})`,
      next: [`threads rollback -e ${name} ${found.intent.revision}`, status],
    });
  const last =
    latest === undefined
      ? `nothing was ever deployed to ${name}`
      : `deployment ${latest.intent.number} of ${shortRevision(latest.intent.revision)} to ${name} has ended: ${resultOf(latest, now)}`;
  const other =
    latest === undefined || latest.outcome?.result === "succeeded"
      ? []
      : [`threads deploy -e ${name} ${latest.intent.revision}`];
  throw new ThreadsError("NOTHING_TO_RESUME", {
    message: `nothing to resume: ${last}`,
    next: [...other, status, `threads history -e ${name}`],
  });
}
