import type { Deployment, Intent } from "../ledger/ledger.ts";

/** A time during which an environment ran a release, from the success of its deployment until another release came. */
export interface Stay {
  /** The deployment that brought it. */
  readonly intent: Intent;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly since: number;
  /** Undefined while it is running. */
  readonly until: number | undefined;
  /** What came instead. */
  readonly replacedBy: Intent | undefined;
  /** It was not followed by the next release but taken back: `threads rollback` named it. */
  readonly undone: boolean;
}

/**
 * Every time that an environment ran a release, newest first.
 * @param deployments newest first. @param same whether a deployment is of the release that is asked for
 */
export function staysOf(deployments: readonly Deployment[], same: (intent: Intent) => boolean): readonly Stay[] {
  const stays: Stay[] = [];
  let open: Stay | undefined;
  for (const deployment of deployments.toReversed()) {
    const { intent, outcome } = deployment;
    if (same(intent)) {
      // A second deployment of the same release does not interrupt the first.
      if (outcome?.result === "succeeded") open ??= begun(deployment);
      continue;
    }
    if (open === undefined || leftAlone(deployment)) continue;
    stays.push(ended(open, deployment));
    open = undefined;
  }
  if (open !== undefined) stays.push(open);
  return stays.toReversed();
}

function begun({ intent, outcome, endedAt }: Deployment): Stay {
  const since = Date.parse(endedAt ?? outcome?.finishedAt ?? intent.startedAt);
  return { intent, since, until: undefined, replacedBy: undefined, undone: false };
}

function ended(stay: Stay, { intent, recordedAt }: Deployment): Stay {
  const until = Date.parse(recordedAt ?? intent.startedAt);
  const undone = intent.kind === "rollback" && (intent.rollbackOf ?? 0) >= stay.intent.number;
  return { ...stay, until, replacedBy: intent, undone };
}

/** Nothing was switched, or every host is back. */
function leftAlone({ outcome }: Deployment): boolean {
  return outcome?.result === "failed" || outcome?.result === "rolled-back";
}
