import type { Clock } from "../../clock/clock.ts";
import type { Config, EnvironmentConfig } from "../../config/config.ts";
import { environmentOf } from "../../config/environment.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { undertake, type WritePart } from "../../errors/undertaking.ts";
import { shortDigest } from "../../image/digest.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import type { Author } from "../../ledger/author.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type Progress, step } from "../../progress/progress.ts";
import type { DockerImages } from "../../registry/docker-push.ts";
import type { Registry } from "../../registry/registry.ts";
import type { LifecycleWarning, ProtectedImage } from "../../registry/lifecycle-warnings.ts";
import type { Scans } from "../../registry/scan-findings.ts";
import { whileChecking } from "../../registry/while-checking.ts";
import { shortRevision } from "../../release/revision.ts";
import type { Lineage } from "../../source/lineage.ts";
import type { Source } from "../../source/source.ts";
import type { Overrides } from "../gates/judge.ts";
import { eachOnce, type Look, lookAround, type Surroundings } from "../gates/surroundings.ts";
import { type ResolvedRelease, resolveRelease } from "../resolve/resolve-release.ts";
import { awaitScans } from "./await-scans.ts";
import { requireOpen, requireUnchanged } from "./enforce.ts";
import { labelling, planPromote, type PromotePlan, targetsOf } from "./plan.ts";
import type { PromotedImage, PromotedSmoke, PromoteResult } from "./result.ts";
import { type ProductionSmoke, recorded, smokeAndAttest } from "./smoke-evidence.ts";
import { deploymentsFor, survey, type Survey } from "./survey.ts";
import { imageOf, tagAll } from "./tag-all.ts";
import { labelsFor, requireVersion } from "./tags.ts";
import { promotion } from "./undertaking.ts";

export interface PromotePorts {
  readonly config: Config;
  readonly source: Pick<Source, "head" | "resolve" | "refs" | "history" | "difference">;
  readonly lineage: Lineage;
  readonly repo: EcrRepo;
  readonly registry: Registry;
  readonly scans: Scans;
  readonly ledger: Ledger;
  /** Which of these images a lifecycle rule would take. */
  readonly lifecycle: (images: readonly ProtectedImage[]) => Promise<readonly LifecycleWarning[]>;
  readonly docker: Pick<DockerImages, "signedIn">;
  readonly smoke: ProductionSmoke;
  /** Fails unless the credentials are those of the registry's account and region. */
  readonly checkAccount: () => Promise<unknown>;
  readonly author: Author;
  /** Of this CLI, for the records. */
  readonly version: string;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface PromoteOptions {
  /** A sha, a name of git's, an environment's name; HEAD where undefined. */
  readonly release: string | undefined;
  readonly environment: string;
  readonly dryRun: boolean;
  /** A version that everything is tagged with besides. */
  readonly as?: string | undefined;
  /** Test although evidence is there. */
  readonly repeatSmoke?: boolean;
  readonly overrides?: Overrides;
}

/**
 * Plans a promotion, tests the release by digest, and carries the plan out: the images get the tags, the bundle last.
 * The records come before the bundle's tag, which they explain. Run again, it finishes what is missing.
 *
 * With the smoke on record these are five dependent round trips: look at everything; write the images' tags and the record;
 * read the tags back; write the bundle's tag; read it back.
 */
export async function promote(options: PromoteOptions, ports: PromotePorts): Promise<PromoteResult> {
  const first = await plan(options, ports);
  const told = options.dryRun ? first : await afterScans(first, ports);
  // The lifecycle rules only warn: nothing waits for them but the report.
  const [carried, threats] = await Promise.all([carryOut(told, options, ports), warnOfLifecycle(told.sought, ports)]);
  return report(told, carried, threats);
}

interface Carried {
  readonly outcome: PromoteResult["outcome"];
  readonly images?: readonly PromotedImage[];
  readonly smoke?: PromotedSmoke | null;
}

async function carryOut(told: Told, { dryRun, as }: PromoteOptions, ports: PromotePorts): Promise<Carried> {
  if (told.plan.done) return { outcome: "already-promoted" };
  if (dryRun) return { outcome: "planned" };
  requireOpen(told.plan, told.environment.name);
  return undertake(promotion(told.plan, told.environment.name, as), async (write) => {
    const smoke = await test(told, { ...ports, write });
    const settled = told.plan.smoke ? await lookAgain(told, ports) : told.plan;
    const record = (): Promise<unknown> => ports.ledger.recordPromotion(recordOf(told, ports));
    const { images, byAnother } = await tagAll(settled, record, { ...ports, write });
    // Where the bundle had its tag from the beginning, there was something to mend, and this run did it.
    const late = byAnother && told.plan.bundle.create.length > 0;
    return { outcome: late ? "already-promoted" : "promoted", images, smoke };
  });
}

interface Told {
  readonly environment: EnvironmentConfig;
  readonly resolved: ResolvedRelease;
  readonly sought: Parameters<typeof survey>[0];
  readonly seen: Survey;
  readonly plan: PromotePlan;
}

async function plan(options: PromoteOptions, ports: PromotePorts): Promise<Told> {
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
    const resolved = await whileChecking(ports.checkAccount, () =>
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

/** Where scans were waited for, all that was seen is minutes old: everything is looked at and planned afresh. */
async function afterScans(told: Told, ports: PromotePorts): Promise<Told> {
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

async function warnOfLifecycle(sought: Told["sought"], ports: PromotePorts): Promise<readonly string[]> {
  const texts = await lifecycleTexts(sought, ports);
  for (const text of texts) ports.progress.warn(text);
  return texts;
}

/** A guard that cannot look must not stop a promotion; it says that it could not. */
async function lifecycleTexts(
  { published, labelling: tagging, environment }: Told["sought"],
  ports: PromotePorts,
): Promise<string[]> {
  const { images, bundle } = targetsOf(published, tagging);
  const because = `is being promoted to ${environment.name}`;
  try {
    const found = await ports.lifecycle([...images, bundle].map((one) => ({ ...one, because, tagsToBe: one.tags })));
    return found.map(({ text }) => text);
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.outcome === "interrupted") throw error;
    return [`whether a lifecycle rule would take these images is unknown: ${error.message}`];
  }
}

async function test(
  { plan: planned, seen }: Told,
  ports: PromotePorts & { readonly write: WritePart },
): Promise<PromotedSmoke | null> {
  if (planned.smoke) return smokeAndAttest(planned.published, ports);
  const { smoke } = seen.facts;
  const passed = planned.gates.some(({ gate, state }) => gate === "smoke" && state === "passed");
  return passed && smoke !== undefined ? recorded(smoke) : null;
}

/** After the test the world is looked at once more, and what is still to do is planned afresh. */
async function lookAgain(told: Told, ports: PromotePorts): Promise<PromotePlan> {
  const around = await lookOnceMore(told, ports);
  const after = await survey(told.sought, around, ports);
  requireUnchanged(told.seen, after, around);
  return planPromote(after.situation);
}

function recordOf({ plan: planned, environment }: Told, ports: PromotePorts): Parameters<Ledger["recordPromotion"]>[0] {
  const state = (gate: PromotePlan["gates"][number]): string =>
    gate.gate === "smoke" && planned.smoke ? "passed" : gate.state;
  return {
    schema: 1,
    environment: environment.name,
    revision: planned.published.release.revision,
    bundle: planned.published.digest,
    tags: planned.labels,
    gates: Object.fromEntries(planned.gates.map((gate) => [gate.gate, state(gate)])),
    overrides: planned.gates.flatMap(({ gate, says, reason }) =>
      reason === null ? [] : [{ gate, reason, says: says.slice(0, 200) }],
    ),
    by: ports.author,
    at: new Date(ports.clock.now()).toISOString(),
    version: ports.version,
  };
}

function report(
  { environment, resolved, plan: planned }: Told,
  { outcome, ...done }: Carried,
  threats: readonly string[],
): PromoteResult {
  const { published, labels, bundle, gates, ships } = planned;
  const images = planned.images.map((image) => ({
    ...imageOf(image),
    outcome: image.create.length > 0 ? ("create" as const) : ("present" as const),
  }));
  return {
    outcome,
    promoted: outcome !== "planned",
    revision: published.release.revision,
    says: resolved.says,
    environment: environment.name,
    tag: labels.at(-1) ?? "",
    tags: labels,
    bundle: { repository: bundle.repository, tag: bundle.tags.at(-1) ?? "", digest: bundle.digest },
    images: done.images ?? images,
    gates:
      done.smoke?.evidence === "run" ? gates.map((gate) => (gate.gate === "smoke" ? passedNow(gate) : gate)) : gates,
    ships,
    smoke: done.smoke ?? null,
    warnings: [...resolved.warnings, ...threats],
  };
}

function passedNow(gate: PromotePlan["gates"][number]): PromotePlan["gates"][number] {
  return { ...gate, state: "passed", says: "passed on these digests just now", next: [] };
}
