import { ThreadsError } from "../../errors/threads-error.ts";
import { hostedEnvironment } from "../../fleet/hosts.ts";
import { evidenceOf, requireAttestable } from "../../ledger/evidence.ts";
import type { DeploymentLog, Intent } from "../../ledger/ledger.ts";
import { standing } from "../../ledger/standing.ts";
import { step } from "../../progress/progress.ts";
import { readRelease } from "../../registry/bundle.ts";
import { imageGone } from "../../registry/image-gone.ts";
import { shortRevision } from "../../release/revision.ts";
import { resolveRelease } from "../../resolve/resolve-release.ts";
import { judged } from "./judge.ts";
import { lastDeployment } from "./last.ts";
import { type Performed, perform } from "./perform.ts";
import { phasesOf } from "./phases.ts";
import { planRehearsal, type RehearsalPlan, rehearseLine, type Typed } from "./plan.ts";
import type { RehearsePorts } from "./ports.ts";
import type { RehearsalMeasured, RehearseResult } from "./result.ts";
import { seenInRehearsal, widest } from "./seen.ts";

export interface RehearseOptions extends Typed {
  readonly environment: string;
  /** A sha, a version, a tag, a branch, an environment's name; HEAD where undefined. */
  readonly release: string | undefined;
  readonly dryRun: boolean;
}

/**
 * The deployment of a release to an environment, and the way back, in a sandbox that has what the environment runs now, under
 * load. Of the environment itself nothing but its ledger is read; what is kept there goes on record.
 * @throws ThreadsError what resolveRelease throws; NOTHING_DEPLOYED, NOTHING_TO_REHEARSE, NOTHING_TO_ASK, STAGE_NOT_SET (refused)
 */
export async function rehearse(options: RehearseOptions, ports: RehearsePorts): Promise<RehearseResult> {
  const began = ports.clock.now();
  const { plan, log } = await look(options, ports);
  const line = rehearseLine(plan.environment.name, plan.to.release.revision, options);
  if (options.dryRun) return { outcome: "planned", ...plan.about, next: [line], advice: [] };
  // Minutes later the record must be writable.
  requireAttestable(evidenceOf(seenInRehearsal(plan, widest()), ports));
  const performed = await onStage(plan, ports);
  return conclude({ plan, log, performed, tookMs: ports.clock.now() - began, line }, ports);
}

interface Looked {
  readonly plan: RehearsalPlan;
  readonly log: DeploymentLog;
}

/** All that is asked of the real world. */
function look(options: RehearseOptions, ports: RehearsePorts): Promise<Looked> {
  const { config, ledger, registry, progress } = ports;
  const { release: ref } = options;
  const environment = hostedEnvironment(config, options.environment, (name) => rehearseLine(name, ref ?? "HEAD"));
  const { name } = environment;
  const again = (revision: string): string => rehearseLine(name, revision, options);
  return step(progress, `Look at ${name}`, async (own) => {
    const [resolved, log] = await Promise.all([resolveRelease({ ref, again }, ports), ledger.deploymentLog(name)]);
    const current = requireDeployed(standing(log.deployments, log.serverTime).current, name);
    const { repository, digest } = current.bundle;
    const from = await readRelease(registry, repository, digest);
    if (from === undefined) throw imageGone(repository, digest);
    const { published: to, says, warnings } = resolved;
    progress.note(says);
    for (const warning of warnings) progress.warn(warning);
    own.done(`${name}: ${shortRevision(to.release.revision)} over ${shortRevision(current.revision)}`);
    const facts = { typed: options, environment, from, to, current, freeBytes: ports.freeBytes() };
    return { plan: planRehearsal(facts, config), log };
  });
}

function requireDeployed(current: Intent | undefined, environment: string): Intent {
  if (current !== undefined) return current;
  throw new ThreadsError("NOTHING_DEPLOYED", {
    message: `nothing was ever deployed to ${environment}: there is nothing that a deployment could disturb`,
    next: [`threads deploy -e ${environment} HEAD`],
  });
}

/** Whatever happens, nothing of it stays. */
async function onStage(plan: RehearsalPlan, ports: RehearsePorts): Promise<Performed> {
  const { environment, hosts, from, to } = plan;
  const stage = await ports.openStage({ environment, hosts, releases: [from, to] });
  try {
    return await perform(plan, stage, ports);
  } finally {
    await stage.close();
  }
}

interface Ended extends Looked {
  readonly performed: Performed;
  readonly tookMs: number;
  /** The command as it was typed. */
  readonly line: string;
}

async function conclude({ plan, log, performed, tookMs, line }: Ended, ports: RehearsePorts): Promise<RehearseResult> {
  const { report, locks, memory, lateMs, ...ended } = performed;
  const { last, timings } = lastDeployment(log.deployments);
  const phases = phasesOf({ ...ended, slices: report.seconds, last: timings });
  const verdict = judged(plan, { report, phases, locks, ...ended });
  const { total, errors } = report;
  const measured: RehearsalMeasured = {
    ...verdict,
    total,
    errors,
    phases,
    locks,
    memory,
    last,
    lateMs,
    tookMs,
  };
  const about = { ...plan.about, ...measured };
  const name = plan.environment.name;
  if (verdict.says !== "") return { outcome: "failed", recorded: false, ...about, next: [line], advice: [] };
  const { revision } = plan.to.release;
  await ports.ledger.attest(plan.to.digest, evidenceOf(seenInRehearsal(plan, measured), ports));
  const onwards = plan.environment.requiresPromotion
    ? `threads promote ${revision} -e ${name}`
    : `threads deploy -e ${name} ${revision}`;
  return { outcome: "passed", recorded: true, ...about, next: [onwards], advice: [] };
}
