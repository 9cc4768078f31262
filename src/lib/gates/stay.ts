import { unfold } from "../ledger/folded.ts";
import type { DeploymentLog, Deployment, HowFar, Intent } from "../ledger/ledger.ts";
import type { PublishedRelease } from "../release/release.ts";

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

/** Everything that was read, as the gates look at it. Of what is folded only the bundle is known, not its images. */
export function deploymentsIn({
  deployments,
  folded,
}: Pick<DeploymentLog, "deployments" | "folded">): readonly Deployment[] {
  return [...deployments, ...folded.map(unfold)];
}

/**
 * How far back an environment's deployments must be read to judge a release's stays: until its newest is there from its
 * beginning, and one is long enough. Where none is, any older one might be.
 * @param now milliseconds since the epoch, by the server's clock
 */
export function saysStays(
  what: { readonly same: (intent: Intent) => boolean; readonly soakMs: number },
  now: number,
): Exclude<HowFar, number> {
  const { same, soakMs } = what;
  return (read) => {
    const deployments = deploymentsIn(read);
    const stays = staysOf(deployments, same);
    const [newest] = stays;
    if (newest === undefined) return false;
    const another = deployments.some(
      (one) => one.intent.number < newest.intent.number && !same(one.intent) && !leftAlone(one),
    );
    return another && stays.some((stay) => lengthOf(stay, now) >= soakMs);
  };
}

/** How long it has lasted, in milliseconds. @param now milliseconds since the epoch, by the server's clock */
export function lengthOf({ since, until }: Stay, now: number): number {
  return (until ?? now) - since;
}

/** The same bundle, or another bundle that pins the same images. */
export function sameRelease({ digest, release }: PublishedRelease): (intent: Intent) => boolean {
  const pins = Object.entries(release.images);
  return ({ bundle, images }) =>
    bundle.digest === digest ||
    (Object.keys(images).length === pins.length &&
      pins.every(([service, pin]) => images[service]?.digest === pin.digest));
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
