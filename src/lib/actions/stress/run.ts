import type { Clock } from "../../clock/clock.ts";
import type { Config } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { hostedEnvironment, registeredHosts } from "../../fleet/hosts.ts";
import type { MemberStatsOf } from "../../fleet/member-stats.ts";
import type { Sight, TargetOf } from "../../fleet/target.ts";
import type { Author } from "../../ledger/author.ts";
import { evidenceOf, requireAttestable } from "../../ledger/evidence.ts";
import type { Intent, Ledger } from "../../ledger/ledger.ts";
import { type Standing, standing } from "../../ledger/standing.ts";
import type { LoadNow, LoadReport, RunLoad } from "../../load/load.ts";
import { type Progress, step } from "../../progress/progress.ts";
import { count, latency } from "../../text/words.ts";
import { shownBefore } from "./before.ts";
import { deploymentsIn } from "./deployments-in.ts";
import { doubtsAfter, doubtsBefore } from "./doubts.ts";
import { judged } from "./judge.ts";
import { type Addresses, placesOf } from "./places.ts";
import { planStress, requireConfirmed, type StressPlan, stressLine, type Typed } from "./plan.ts";
import type { Stressed, StressMeasured, StressResult } from "./result.ts";
import { seenUnderLoad, widest } from "./seen.ts";
import { sampling } from "./sampling.ts";

export interface StressOptions extends Typed {
  readonly environment: string;
  readonly dryRun: boolean;
}

export interface StressPorts {
  readonly config: Pick<Config, "app" | "checks" | "stress" | "runtime" | "environments" | "file">;
  readonly addresses: Addresses;
  readonly runLoad: RunLoad;
  readonly targetOf: TargetOf<Sight>;
  readonly statsOf: MemberStatsOf;
  readonly ledger: Pick<Ledger, "deploymentLog" | "attest" | "revisionRecords">;
  readonly author: Author;
  /** Of this CLI. */
  readonly version: string;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Asks what was deployed to an environment at a constant rate, and holds what it does to a budget. Where it keeps that, and
 * nothing but that release can have answered, it is put on record.
 * @throws ThreadsError NOTHING_DEPLOYED, NO_HOSTS, NO_URL, NOTHING_TO_ASK, NOT_CONFIRMED (refused)
 */
export async function stress(options: StressOptions, ports: StressPorts): Promise<StressResult> {
  const { config, ledger, progress } = ports;
  const environment = hostedEnvironment(config, options.environment, (name) => stressLine(name, options));
  const { name } = environment;
  const target = await ports.targetOf(environment);
  const [hosts, log] = await Promise.all([registeredHosts(environment, target), ledger.deploymentLog(name)]);
  const readAt = ports.clock.now();
  const stands = standing(log.deployments, log.serverTime);
  const current = requireDeployed(stands, name);
  const plan = planStress(options, placesOf(environment, hosts, ports), config);
  const { number: deployment, revision, bundle } = current;
  const about = { environment: name, deployment, revision, bundle: bundle.digest, ...plan.asked };
  if (options.dryRun) {
    const sure = environment.requiresPromotion ? name : undefined;
    return { outcome: "planned", ...about, next: [stressLine(name, { ...options, sure })], advice: [] };
  }
  requireConfirmed(environment, options, plan);
  // Minutes later the record must be writable.
  requireAttestable(evidenceOf(seenUnderLoad(about, widest(about.requests), current), ports));
  const [before, doubts] = await step(progress, `Look at ${name}`, () =>
    Promise.all([shownBefore(name, stands.previous, ledger), doubtsBefore({ target, hosts, stands, current }, ports)]),
  );
  for (const doubt of doubts) progress.warn(`this will not be on record: ${doubt}`);
  // Deployments are dated by the server.
  const startedMs = ports.clock.now() + log.serverTime - readAt;
  const stats = sampling({ environment, hosts, durationMs: plan.load.durationMs }, ports);
  try {
    const report = await underLoad(plan, name, ports);
    const startedAt = new Date(startedMs).toISOString();
    const measured = { ...judged(plan, report), startedAt, deployments: [], before, stats: [] };
    const again = stressLine(name, options);
    const [result, sampled] = await Promise.all([
      conclude({ about, measured, report, doubts, stands, current, again }, ports),
      step(progress, "Read what containers took", () => stats.told()),
    ]);
    return { ...result, stats: sampled };
  } finally {
    await stats.drop();
  }
}

function requireDeployed({ current }: Standing, environment: string): Intent {
  if (current !== undefined) return current;
  throw new ThreadsError("NOTHING_DEPLOYED", {
    message: `nothing was ever deployed to ${environment}`,
    next: [`threads deploy -e ${environment} HEAD`],
  });
}

function underLoad({ load }: StressPlan, environment: string, ports: StressPorts): Promise<LoadReport> {
  const { rate, durationMs } = load;
  return step(ports.progress, `Put ${environment} under load`, async (drawn) => {
    const report = await ports.runLoad(load, {
      signal: ports.signal,
      onTick: (now) => drawn.update(tickText(now, durationMs)),
    });
    drawn.done(`Put ${environment} under load: ${rate} requests a second`);
    return report;
  });
}

/** `12 s of 60 s · 2400 requests · p50 12 ms · p99 40 ms · 0 errors` */
function tickText({ elapsedMs, total }: LoadNow, durationMs: number): string {
  const { requests, errors, p50Ms, p99Ms } = total;
  const times = p50Ms === null || p99Ms === null ? [] : [`p50 ${latency(p50Ms)}`, `p99 ${latency(p99Ms)}`];
  const since = `${Math.round(Math.min(elapsedMs, durationMs) / 1000)} s of ${durationMs / 1000} s`;
  return [since, count(requests, "request"), ...times, count(errors, "error")].join(" · ");
}

type Ended = Exclude<StressResult, { readonly outcome: "planned" }>;

interface Measurement {
  readonly about: Stressed;
  readonly measured: StressMeasured;
  readonly report: LoadReport;
  readonly doubts: readonly string[];
  readonly stands: Standing;
  readonly current: Intent;
  /** The command as it was typed. */
  readonly again: string;
}

/** What is kept, and nobody doubts, goes on record. */
async function conclude(measurement: Measurement, ports: StressPorts): Promise<Ended> {
  const { about, measured, report, stands, current, again } = measurement;
  const { environment } = about;
  if (ports.signal.aborted)
    return { outcome: "interrupted", ...about, ...measured, recorded: false, report: null, next: [again], advice: [] };
  const log = await ports.ledger.deploymentLog(environment);
  const found = { ...about, ...measured, deployments: deploymentsIn(log, measured), recorded: false, report: null };
  const newest = log.deployments[0]?.intent;
  const doubts = [...measurement.doubts, ...doubtsAfter(report, { stands, current, newest })];
  const advice = [...new Set(doubts)].map((doubt) => `not on record: ${doubt}`);
  if (measured.limits.some(({ ok }) => !ok)) {
    const next = [`threads logs -e ${environment} --since 10m`, `threads status -e ${environment}`];
    return { outcome: "failed", ...found, next, advice };
  }
  if (doubts.length > 0) return { outcome: "doubted", ...found, next: [`threads status -e ${environment}`], advice };
  await ports.ledger.attest(current.bundle.digest, evidenceOf(seenUnderLoad(about, measured, current), ports));
  return { outcome: "passed", ...found, recorded: true, next: [], advice: [] };
}
