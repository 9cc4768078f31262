import { lifecycleWarnings, type LifecycleWarning } from "../../../registry/lifecycle/warnings.ts";
import { isDeployable } from "../../../fleet/hosts.ts";
import { list } from "../../../text/words.ts";
import { type Check, type DoctorFinding, ok, unseen } from "../check.ts";
import { type NeededOnEcs, neededOnEcs, nothingOnEcs } from "../ecs-images.ts";
import { type NeededImage, neededImages } from "../protected.ts";

export const lifecycleCheck: Check = {
  id: "lifecycle",
  title: "lifecycle policies",
  look: async (ports) => {
    const environments = (await ports.environments()).filter(isDeployable);
    const deploymentLogs = await Promise.all(
      environments.map(async ({ name }) => ({ name, deploymentLog: await ports.deploymentLog(name) })),
    );
    const [repo, source] = await Promise.all([ports.repo(), ports.lifecycle()]);
    const onEcs = await neededOnEcs(ports, { repo, source });
    const needed = [
      ...deploymentLogs.flatMap(({ name, deploymentLog }) => neededImages(name, deploymentLog)),
      ...onEcs.images,
    ];
    // By AWS's clock where a ledger was read: a machine's own may be wrong.
    const times = deploymentLogs.map(({ deploymentLog }) => deploymentLog.serverTime);
    const now = times.length === 0 ? ports.clock.now() : Math.max(...times);
    const warnings = await lifecycleWarnings({ protected: needed, now, thorough: true, repo }, source);
    return [judgeLifecycle(needed, warnings, onEcs), ...onEcs.unknown.map(judgeUnknown)];
  },
};

/** Fails for what is needed now and is gone or goes within days; warns of everything else, and of what nobody can tell. */
export function judgeLifecycle(
  needed: readonly NeededImage[],
  warnings: readonly LifecycleWarning[],
  { lost: absent, notes: said, unknown }: NeededOnEcs = nothingOnEcs,
): DoctorFinding {
  const notes = [...absent, ...said];
  const count = new Set(needed.map(({ repository, digest }) => `${repository}@${digest}`)).size;
  if (warnings.length === 0 && unknown.length > 0) {
    const where = list(unknown.map(({ environment }) => environment));
    const says = `none takes any of the ${count} images that are known to be needed, and what ECS needs in ${where} is not known`;
    return { state: "warn", says, details: notes };
  }
  if (warnings.length === 0 && absent.length > 0)
    return {
      state: "warn",
      says: "ECS would start what is no longer in the registry",
      details: notes,
      advice: ["deploy a release whose images are all there"],
    };
  if (needed.length === 0) return ok("nothing was ever deployed, so there is nothing to keep", notes);
  if (warnings.length === 0)
    return ok(`none takes any of the ${count} images that are deployed or rollback targets`, notes);
  const vital = new Set(
    needed.filter((image) => image.vital).map(({ repository, digest }) => `${repository}@${digest}`),
  );
  const lost = warnings.filter(({ urgent, repository, digest }) => urgent && vital.has(`${repository}@${digest}`));
  const worst = lost.length > 0 ? lost : warnings;
  return {
    state: lost.length > 0 ? "fail" : "warn",
    says: `${warnings.length} of ${count} images that are deployed or rollback targets ${warnings.length === 1 ? "does" : "do"} not stay`,
    details: [...warnings.map(({ text }) => text), ...notes],
    next: [...new Set(worst.flatMap(({ next }) => next.slice(0, 1)))],
    advice: [...new Set(worst.flatMap(({ advice }) => advice))],
  };
}

function judgeUnknown({ environment, failure }: NeededOnEcs["unknown"][number]): DoctorFinding {
  const found = unseen(failure);
  const says = `which images ECS needs in ${environment} is not known, so that no policy is safe: ${found.says}`;
  return { ...found, of: environment, says };
}
