import { lifecycleWarnings, type LifecycleWarning } from "../../../registry/lifecycle/warnings.ts";
import { hasHosts } from "../../../fleet/hosts.ts";
import { type Check, type DoctorFinding, ok } from "../check.ts";
import { type NeededImage, neededImages } from "../protected.ts";

export const lifecycleCheck: Check = {
  id: "lifecycle",
  title: "lifecycle policies",
  look: async (ports) => {
    const environments = (await ports.environments()).filter(hasHosts);
    const deploymentLogs = await Promise.all(
      environments.map(async ({ name }) => ({ name, deploymentLog: await ports.deploymentLog(name) })),
    );
    const needed = deploymentLogs.flatMap(({ name, deploymentLog }) => neededImages(name, deploymentLog));
    const now = Math.max(0, ...deploymentLogs.map(({ deploymentLog }) => deploymentLog.serverTime));
    const [repo, source] = await Promise.all([ports.repo(), ports.lifecycle()]);
    const warnings = await lifecycleWarnings({ protected: needed, now, thorough: true, repo }, source);
    return [judgeLifecycle(needed, warnings)];
  },
};

/** Fails for what is needed now and is gone or goes within days; warns of everything else. */
export function judgeLifecycle(needed: readonly NeededImage[], warnings: readonly LifecycleWarning[]): DoctorFinding {
  if (needed.length === 0) return ok("nothing was ever deployed, so there is nothing to keep");
  const count = new Set(needed.map(({ repository, digest }) => `${repository}@${digest}`)).size;
  if (warnings.length === 0) return ok(`none takes any of the ${count} images that are deployed or rollback targets`);
  const vital = new Set(
    needed.filter((image) => image.vital).map(({ repository, digest }) => `${repository}@${digest}`),
  );
  const lost = warnings.filter(({ urgent, repository, digest }) => urgent && vital.has(`${repository}@${digest}`));
  const worst = lost.length > 0 ? lost : warnings;
  return {
    state: lost.length > 0 ? "fail" : "warn",
    says: `${warnings.length} of ${count} images that are deployed or rollback targets ${warnings.length === 1 ? "does" : "do"} not stay`,
    details: warnings.map(({ text }) => text),
    next: [...new Set(worst.flatMap(({ next }) => next.slice(0, 1)))],
    advice: [...new Set(worst.flatMap(({ advice }) => advice))],
  };
}
