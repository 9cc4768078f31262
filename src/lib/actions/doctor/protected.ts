import type { DeploymentLog, Intent } from "../../ledger/ledger.ts";
import { releases, saysStanding, standing } from "../../ledger/standing.ts";
import type { ProtectedImage } from "../../registry/lifecycle/warnings.ts";
import { pulledImages } from "../../release/release.ts";

/** An image that an environment needs, and how badly. */
export interface NeededImage extends ProtectedImage {
  /** It runs, or a rollback would go to it: without it something breaks. The others are kept for a second rollback. */
  readonly vital: boolean;
}

/** How many releases below the current one are looked after. */
const rollbackTargets = 3;

/** The images and bundles that an environment runs, is being given, or may be rolled back to. */
export function neededImages(
  environment: string,
  { deployments, serverTime }: Pick<DeploymentLog, "deployments" | "serverTime">,
): readonly NeededImage[] {
  const { current, previous, underWay } = standing(deployments, serverTime);
  const others = releases(deployments).filter(
    ({ bundle }) => bundle.digest !== current?.bundle.digest && bundle.digest !== previous?.bundle.digest,
  );
  const below = others.slice(0, rollbackTargets - (previous === undefined ? 0 : 1));
  return [
    ...imagesOf(underWay, `is being deployed to ${environment}`, true),
    ...imagesOf(current, `runs in ${environment}`, true),
    ...imagesOf(previous, `rollback target of ${environment}`, true),
    ...below.flatMap((intent) => imagesOf(intent, `ran in ${environment} before`, false)),
  ];
}

/** Whether older deployments need no other images. */
export function saysNeeded(read: Pick<DeploymentLog, "deployments" | "folded">): boolean {
  return saysStanding(read) && releases(read.deployments).length > rollbackTargets;
}

function imagesOf(intent: Intent | undefined, because: string, vital: boolean): NeededImage[] {
  if (intent === undefined) return [];
  return [...Object.values(pulledImages(intent)), intent.bundle].map(({ repository, digest }) => ({
    repository,
    digest,
    because,
    vital,
  }));
}
