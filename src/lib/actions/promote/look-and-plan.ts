import type { EnvironmentConfig } from "../../config/config.ts";
import { environmentOf } from "../../config/environment.ts";
import { shortDigest } from "../../image/digest.ts";
import { step } from "../../progress/progress.ts";
import { both } from "../../progress/both.ts";
import { shortRevision } from "../../release/revision.ts";
import { eachOnce, type Look, lookAround, type Surroundings } from "../../gates/surroundings.ts";
import { resolveRelease } from "../../resolve/resolve.ts";
import type { ResolvedRelease } from "../../resolve/types.ts";
import { awaitScans } from "./await-scans.ts";
import { requireUnchanged } from "./enforce.ts";
import { labelling, planPromote, type PromotePlan } from "./plan.ts";
import type { PromoteOptions, PromotePorts } from "./ports.ts";
import { deploymentsFor, type Sought, survey, type Survey } from "./survey.ts";
import { labelsFor, requireVersion } from "./tags.ts";

/** A plan, and what it was made of. */
export interface Told {
  readonly environment: EnvironmentConfig;
  readonly resolved: ResolvedRelease;
  readonly sought: Sought;
  readonly seen: Survey;
  readonly plan: PromotePlan;
}

/** Finds the release and plans its promotion. Reads only. */
export async function lookAndPlan(options: PromoteOptions, ports: PromotePorts): Promise<Told> {
  const { progress, repo } = ports;
  const again = (revision: string, name = options.environment): string => `threads promote ${revision} -e ${name}`;
  const environment = environmentOf(ports.config, options.environment, (name) =>
    again(options.release ?? "HEAD", name),
  );
  if (options.as !== undefined) requireVersion(options.as);
  const labelsOf = (revision: string): readonly string[] => labelsFor(environment.name, revision, options.as);
  const around = eachOnce((revision) => look({ revision, environment, labels: labelsOf(revision) }, ports));
  progress.note(repo.understood);
  const told = await step(progress, "Look at the registry and the gates", async (task) => {
    const resolved = await both(ports.checkAccount, () =>
      resolveRelease({ ref: options.release, again, begun: around }, ports),
    );
    const { published } = resolved;
    const { revision } = published.release;
    task.done(`Found ${shortRevision(revision)} ${shortDigest(published.digest)}`);
    const { overrides = new Map(), repeatSmoke = false } = options;
    const tagging = labelling(labelsOf(revision), ports);
    const sought = { environment, published, labelling: tagging, overrides, repeatSmoke };
    const seen = await survey(sought, await around(revision), ports);
    return { environment, resolved, sought, seen, plan: planPromote(seen.situation) };
  });
  if (told.resolved.how !== "explicit") progress.note(told.resolved.says);
  for (const text of told.resolved.warnings) progress.warn(text);
  return told;
}

function look(
  what: Pick<Look, "revision" | "environment" | "labels" | "services">,
  ports: PromotePorts,
): Promise<Surroundings> {
  return lookAround({ ...what, deployments: deploymentsFor(what.environment) }, ports);
}

/** The same after the image scans have ended; where they were waited for, all that was seen is minutes old: everything is looked at and planned afresh. */
export async function afterScans(told: Told, ports: PromotePorts): Promise<Told> {
  const scansAwaitedMs = await awaitScans(told, ports);
  if (scansAwaitedMs === undefined) return told;
  const seen = await survey({ ...told.sought, scansAwaitedMs }, await lookOnceMore(told, ports), ports);
  return { ...told, seen, plan: planPromote(seen.situation) };
}

function lookOnceMore({ environment, sought }: Told, ports: PromotePorts): Promise<Surroundings> {
  const { revision, images } = sought.published.release;
  // The release may have a service that the configuration no longer has.
  return look({ revision, environment, labels: sought.labelling.labels, services: Object.keys(images) }, ports);
}

/** After the test the world is looked at once more, and what is still to do is planned afresh. */
export async function lookAgain(told: Told, ports: PromotePorts): Promise<PromotePlan> {
  const around = await lookOnceMore(told, ports);
  const after = await survey(told.sought, around, ports);
  requireUnchanged(told.seen, after, around);
  return planPromote(after.situation);
}
