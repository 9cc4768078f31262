import type { EnvironmentConfig } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Intent } from "../../ledger/ledger.ts";
import { releaseOf, type Standing } from "../../ledger/standing.ts";
import { shortRevision } from "../../release/revision.ts";
import { notPromoted } from "../../gates/not-promoted.ts";
import { planRollout } from "../../fleet/plan.ts";
import type { RolloutResult } from "../../fleet/result.ts";
import { carryOut, lookAt, report, survey } from "../../fleet/deployment.ts";
import type { FleetPorts } from "../../fleet/ports.ts";
import type { Lineage } from "../../source/lineage.ts";
import { hostedEnvironment } from "../../fleet/hosts.ts";

export interface RollbackOptions {
  readonly environment: string;
  readonly dryRun: boolean;
  readonly supersede: number | undefined;
  /** Why, for whoever reads the history. */
  readonly reason?: string | undefined;
}

export interface RollbackPorts extends FleetPorts {
  /** What lies between two releases, as far as this clone knows. */
  readonly lineage: Pick<Lineage, "between">;
}

/**
 * Takes the newest change of an environment back: a new forward record, from images that the hosts have kept. The
 * registry is not asked.
 */
export async function rollback(options: RollbackOptions, ports: RollbackPorts): Promise<RolloutResult> {
  const began = ports.clock.now();
  const environment = hostedEnvironment(ports.config, options.environment, (name) => `threads rollback -e ${name}`);
  const found = await lookAt(environment, ports, async (own) => {
    const typed = `threads rollback -e ${environment.name}`;
    const allow = (now: Standing): Promise<void> =>
      requirePromoted(rollbackTarget(now, environment.name), environment, ports);
    const seen = await survey({ environment, supersede: options.supersede, typed, allow }, ports);
    const target = rollbackTarget(seen.standing, environment.name);
    const staying = await addedMigrations(target, ports);
    own.done(`${environment.name}: back to ${shortRevision(target.release.revision)}`);
    return { ...seen, ...target, staying };
  });
  const { standing, observed, release, undone, staying } = found;
  const plan = planRollout(
    {
      kind: "rollback",
      environment,
      supersede: options.supersede,
      standing,
      observed,
      release: releaseOf(release),
      rollbackOf: undone,
      reason: options.reason,
      staying,
    },
    ports.config,
  );
  const took = (): number => ports.clock.now() - began;
  return options.dryRun ? report({ plan, outcome: "planned", tookMs: took() }) : carryOut(plan, began, ports);
}

/** Git is asked for something to say, and nobody waits longer for that. */
const gitMs = 5_000;

/** What stays in the database although its release goes. Git may know neither, be missing or hang: that stops nobody from going back. */
async function addedMigrations(
  { release, left }: Target,
  { lineage, clock }: RollbackPorts,
): Promise<readonly string[]> {
  const over = new AbortController();
  const late = clock.sleep(gitMs, over.signal).then(
    () => undefined,
    () => undefined,
  );
  const asked = lineage.between(release.revision, left.revision).catch(() => undefined);
  const between = await Promise.race([asked, late]);
  over.abort();
  return between === undefined || "unknown" in between ? [] : between.migrations;
}

interface Target {
  readonly release: Intent;
  /** The deployment that is taken back, and its number. */
  readonly left: Intent;
  readonly undone: number;
}

/** A deployment record says what somebody set out to do, and is no authorisation: in an environment with gates the promotion's is. */
async function requirePromoted(
  { release }: { readonly release: Intent },
  { name, requiresPromotion }: EnvironmentConfig,
  { ledger }: Pick<FleetPorts, "ledger">,
): Promise<void> {
  if (!requiresPromotion) return;
  const { number, revision, bundle } = release;
  if (await ledger.isPromoted({ environment: name, revision, bundle: bundle.digest })) return;
  throw notPromoted(
    { environment: name, revision },
    `a rollback goes to deployment ${number} of ${shortRevision(revision)}, and the ledger knows of no promotion of that to ${name}`,
    {
      next: [`threads history -e ${name}`],
      advice: ["or deploy another release of the history"],
    },
  );
}

/**
 * Where hosts may differ, back means to the last release that succeeded; otherwise to the one below it.
 * @throws ThreadsError NOTHING_TO_ROLL_BACK (refused)
 */
function rollbackTarget({ current, previous, unsettled }: Standing, environment: string): Target {
  if (unsettled !== undefined && current !== undefined)
    return { release: current, left: unsettled.intent, undone: unsettled.intent.number };
  if (current !== undefined && previous !== undefined)
    return { release: previous, left: current, undone: current.number };
  throw new ThreadsError("NOTHING_TO_ROLL_BACK", {
    message:
      current === undefined
        ? `nothing was ever deployed to ${environment}`
        : `${shortRevision(current.revision)} is the oldest release that ${environment} can go back to`,
    next: [`threads history -e ${environment}`, `threads status -e ${environment}`],
  });
}
