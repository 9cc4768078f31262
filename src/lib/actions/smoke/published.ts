import type { Config } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { shortDigest } from "../../image/digest.ts";
import type { Evidence } from "../../ledger/evidence.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { both } from "../../progress/both.ts";
import { type Progress, step } from "../../progress/progress.ts";
import { shortRevision } from "../../release/revision.ts";
import { resolveRelease } from "../../resolve/resolve-release.ts";
import type { ResolvedRelease, ResolvePorts } from "../../resolve/types.ts";
import { type AttestedSmokePorts, smokeAndAttest } from "../../stack/attested-smoke.ts";
import { smokeLine } from "../../stack/faults.ts";
import { planPublishedSmoke } from "../../stack/plan.ts";
import type { SmokeResult } from "../../stack/result.ts";

export interface SmokePublishedOptions {
  /** A sha, a version, a tag, a branch, an environment's name. */
  readonly release: string;
  readonly dryRun: boolean;
  /** The stack stays, whether it passes or not. */
  readonly keep: boolean;
}

export interface SmokePublishedPorts extends Omit<AttestedSmokePorts, "attest">, ResolvePorts {
  readonly config: Config;
  readonly registry: ResolvePorts["registry"] & AttestedSmokePorts["registry"];
  readonly ledger: ResolvePorts["ledger"] & Pick<Ledger, "attest">;
  /** Fails unless the credentials are those of the registry's account and region. */
  readonly checkAccount: () => Promise<unknown>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Pulls the images of a published release by digest, and has them pass what the compose files and checks of this folder ask:
 * the smoke test of a promotion, by itself. That it passed goes on record as it does there.
 * @throws ThreadsError what resolveRelease throws; SERVICES_DIFFER, RECORD_TOO_LARGE (refused), checks
 */
export async function smokePublishedRelease(
  options: SmokePublishedOptions,
  ports: SmokePublishedPorts,
): Promise<SmokeResult> {
  const { config, registry } = ports;
  const resolved = await look(options, ports);
  const { published } = resolved;
  const plan = planPublishedSmoke(config, published, registry.host);
  if (options.dryRun) return { outcome: "planned", ...plan, next: [lineFor(plan.revision, options)], advice: [] };
  let unrecorded: ThreadsError | undefined;
  const { report } = await smokeAndAttest(published, {
    ...ports,
    smoke: (what) => ports.smoke({ ...what, keep: options.keep }),
    attest: async (evidence) => (unrecorded = await notAttested(evidence, resolved, ports)),
  });
  const { kept } = report;
  return {
    outcome: "passed",
    revision: plan.revision,
    tree: plan.tree,
    dirty: false,
    images: report.images.map(({ service, id, reference }) => ({ service, id, reference })),
    checks: report.checks,
    durations: report.durations,
    migrations: published.release.migrations ?? null,
    tagged: [],
    leftovers: report.leftovers,
    kept,
    saved: null,
    bundle: published.digest,
    recorded: unrecorded === undefined,
    next: kept === null ? [] : [`threads smoke down ${kept.project}`],
    advice:
      unrecorded === undefined ? [] : [`not on record, so that a promotion tests it again: ${unrecorded.message}`],
  };
}

function lineFor(revision: string, { keep }: SmokePublishedOptions): string {
  return `${smokeLine({ build: false, revision })}${keep ? " --keep" : ""}`;
}

/** Which release is meant. */
async function look(options: SmokePublishedOptions, ports: SmokePublishedPorts): Promise<ResolvedRelease> {
  const { progress } = ports;
  const { release: ref } = options;
  const again = (revision: string): string => lineFor(revision, options);
  const resolved = await step(progress, "Look at the registry", async (task) => {
    const found = await both(ports.checkAccount, () => resolveRelease({ ref, again }, ports));
    const { release, digest } = found.published;
    task.done(`Found ${shortRevision(release.revision)} ${shortDigest(digest)}`);
    return found;
  });
  const { how, says, warnings } = resolved;
  if (how !== "explicit") progress.note(says);
  for (const text of warnings) progress.warn(text);
  return resolved;
}

/** A host that only pulls may write no record: what was seen is true all the same. @returns why it is not on record */
async function notAttested(
  evidence: Evidence,
  { published }: ResolvedRelease,
  { ledger, signal }: SmokePublishedPorts,
): Promise<ThreadsError | undefined> {
  try {
    await ledger.attest(published.digest, evidence);
    return undefined;
  } catch (error) {
    if (signal.aborted || !(error instanceof ThreadsError)) throw error;
    return error;
  }
}
