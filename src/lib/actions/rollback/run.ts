import type { EnvironmentConfig } from "../../config/config.ts";
import { releaseOf } from "../../ledger/standing.ts";
import { shortRevision } from "../../release/revision.ts";
import { requireRecordedPromotion } from "../../gates/not-promoted.ts";
import { planRollout } from "../../fleet/plan.ts";
import type { RolloutResult } from "../../fleet/result.ts";
import { carryOut, type LedgerFound, lookAt, report, survey } from "../../fleet/deployment.ts";
import type { FleetPorts } from "../../fleet/ports.ts";
import type { MadeEnvironment } from "../../script/summary.ts";
import type { Lineage } from "../../source/lineage.ts";
import { whenFree } from "../../fleet/when-free.ts";
import { deployableEnvironment } from "../../fleet/hosts.ts";
import { hostsBut, type Seen } from "../../fleet/leave-out.ts";
import { releaseBefore, releaseNamed, type Target } from "./target.ts";
import type { FoundHosts } from "../../fleet/out-of-reach.ts";
import { rollbackLine } from "./typed.ts";
import { requireOpen, tellUnknown, type WayBack, wayBack } from "./way-back.ts";

export interface RollbackOptions {
  readonly environment: string;
  /** A deployment's number, a sha, a branch; the release before where undefined. */
  readonly release?: string | undefined;
  /** Go back although a contract migration came since. */
  readonly acrossContract?: boolean;
  readonly dryRun: boolean;
  readonly supersede: number | undefined;
  /** Names or ids of hosts that stay as they are. */
  readonly without?: readonly string[];
  /** Where somebody else is at work, until they have ended. */
  readonly wait?: boolean;
  /** Why, for whoever reads the history. */
  readonly reason?: string | undefined;
}

export interface RollbackPorts extends FleetPorts {
  /** What lies between two releases, as far as this clone knows. */
  readonly lineage: Pick<Lineage, "between" | "onBranch">;
}

/**
 * Takes the newest change of an environment back, or goes to a release that has run there: a new forward record, from
 * images that the hosts have kept, or pull by digest. The registry is not asked.
 */
export function rollback(options: RollbackOptions, ports: RollbackPorts): Promise<RolloutResult> {
  return whenFree(options, () => rollbackNow(options, ports), ports);
}

async function rollbackNow(options: RollbackOptions, ports: RollbackPorts): Promise<RolloutResult> {
  const began = ports.clock.now();
  const { supersede, reason, release: name, without = [] } = options;
  const typed = (of: string, hosts = without): string =>
    rollbackLine({ environment: of, release: name?.replace(/^#/, ""), without: hosts });
  const environment = deployableEnvironment(ports.config, options.environment, typed);
  const found = await lookAt(environment, ports, async (own) => {
    const decide = (ledger: LedgerFound): Promise<Decided> => decideWay(ledger, { environment, options }, ports);
    const type = (hosts: readonly string[]): string => typed(environment.name, hosts);
    const find = (of: EnvironmentConfig, seen: Seen): Promise<FoundHosts> =>
      hostsBut({ environment: of, without, type }, seen);
    const seen = await survey({ environment, supersede, typed: type(without), decide, find }, ports);
    const { target } = seen.decided;
    if (target.says !== undefined) ports.progress.note(target.says);
    const { staying, isOlder } = await gitOf(target, ports);
    own.done(`${environment.name}: back to ${shortRevision(target.release.revision)}`);
    return { ...seen, staying, isOlder };
  });
  const { standing, log, observed, leftOut, decided, staying, isOlder } = found;
  const { target, way, again, finish } = decided;
  tellUnknown(target, way, ports);
  const plan = planRollout(
    {
      kind: "rollback",
      environment,
      supersede: found.supersede,
      standing,
      log,
      observed,
      leftOut,
      release: releaseOf(target.release),
      rollbackOf: target.undone,
      left: target.left === undefined ? undefined : { ...target.left, isOlder },
      onlyOthers: target.onlyOthers,
      reason,
      staying,
      migrations: way.migrations,
      again,
      finish,
      mayPull: name !== undefined,
    },
    ports.config,
  );
  const took = (): number => ports.clock.now() - began;
  if (plan.running) return report({ plan, outcome: "already-running", tookMs: took() });
  if (!options.dryRun) return carryOut(plan, began, ports);
  return report({ plan, outcome: "planned", tookMs: took(), environment: environmentOf(target) });
}

interface Decided {
  readonly target: Target;
  readonly way: WayBack;
  /** The command that does this very thing: a branch may mean another release the next time, a deployment's number never. */
  readonly again: string;
  /** The command that goes on with it where it ends half-way: the same without a name would then go to what it has left. */
  readonly finish: string;
}

/** All that the ledger decides: where it goes, and whether it may. */
async function decideWay(
  found: LedgerFound,
  { environment, options }: { readonly environment: EnvironmentConfig; readonly options: RollbackOptions },
  ports: RollbackPorts,
): Promise<Decided> {
  const { name } = environment;
  const target =
    options.release === undefined
      ? releaseBefore(found, name)
      : await releaseNamed({ ...found, name: options.release, environment: name }, ports);
  const wants = `a rollback goes to deployment ${target.release.number}`;
  await requireRecordedPromotion(target.release, environment, { ledger: ports.ledger, wants });
  const way = wayBack(target, found.standing);
  const across = options.acrossContract === true ? " --across-contract" : "";
  const { without = [] } = options;
  const to = (release?: number): string => rollbackLine({ environment: name, release: release?.toString(), without });
  const again = to(options.release === undefined ? undefined : target.release.number);
  if (across === "") requireOpen({ environment: name, target, again }, way, ports.config);
  return { target, way, again: `${again}${across}`, finish: `${to(target.release.number)}${across}` };
}

/** With which that release has served: the hosts have kept it. */
function environmentOf({ release, log }: Target): MadeEnvironment | undefined {
  return log.deployments.find(({ intent }) => intent.number === release.number)?.outcome?.environment;
}

/** Git is asked for something to say, and nobody waits longer for that. */
const gitMs = 5_000;

interface GitSays {
  /** Migration files that stay in the database although their release goes. */
  readonly staying: readonly string[];
  /** Whether what is left is older than what is gone to. */
  readonly isOlder: boolean;
}

/** Git may know neither release, be missing or hang: that stops nobody from going back. */
async function gitOf({ release, left }: Target, { lineage, clock }: RollbackPorts): Promise<GitSays> {
  if (left === undefined) return { staying: [], isOlder: false };
  const over = new AbortController();
  const late = clock.sleep(gitMs, over.signal).then(
    () => undefined,
    () => undefined,
  );
  const asked = lineage.between(release.revision, left.revision).catch(() => undefined);
  const between = await Promise.race([asked, late]);
  over.abort();
  if (between === undefined || "unknown" in between) return { staying: [], isOlder: false };
  return { staying: between.migrations, isOlder: between.commits === 0 && between.dropped > 0 };
}
