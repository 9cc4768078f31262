import type { EnvironmentConfig } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { carryOut, type LedgerFound, lookAt, report, type Survey, survey } from "../../fleet/deployment.ts";
import { deployableEnvironment, hostText } from "../../fleet/hosts.ts";
import { everyHost } from "../../fleet/leave-out.ts";
import { namedHost } from "../../fleet/named-host.ts";
import type { Observed } from "../../fleet/target.ts";
import { byReach, type LeftOut } from "../../fleet/out-of-reach.ts";
import { planRollout } from "../../fleet/plan.ts";
import type { FleetPorts } from "../../fleet/ports.ts";
import type { RolloutResult } from "../../fleet/result.ts";
import type { RolloutPlan } from "../../fleet/rollout-plan.ts";
import { whenFree } from "../../fleet/when-free.ts";
import { requireRecordedPromotion } from "../../gates/not-promoted.ts";
import { contractsOnTop } from "../../ledger/contracts.ts";
import { type Hold, holdText, liftFlag } from "../../ledger/hold.ts";
import type { Intent } from "../../ledger/ledger.ts";
import { releaseOf } from "../../ledger/standing.ts";
import { commandText } from "../../process/processes.ts";
import { shortRevision } from "../../release/revision.ts";
import type { Lineage } from "../../source/lineage.ts";
import { list } from "../../text/words.ts";

export interface ConvergeOptions {
  readonly environment: string;
  /** Name or id of the one host to bring; every host where undefined. */
  readonly host: string | undefined;
  readonly dryRun: boolean;
  /** Number of an unfinished deployment to take over. */
  readonly supersede: number | undefined;
  /** Where somebody else is at work, until they have ended. */
  readonly wait?: boolean;
}

export interface ConvergePorts extends FleetPorts {
  readonly lineage: Pick<Lineage, "between">;
}

/**
 * Brings hosts to what the ledger says, the newest release that came to every host: those that run it already are left as they
 * are. It brings nothing new, so no migration runs, and neither a freeze nor a hold is in its way.
 */
export function converge(options: ConvergeOptions, ports: ConvergePorts): Promise<RolloutResult> {
  return whenFree(options, () => convergeNow(options, ports), ports);
}

async function convergeNow(options: ConvergeOptions, ports: ConvergePorts): Promise<RolloutResult> {
  const began = ports.clock.now();
  const { supersede, host, dryRun } = options;
  const line = (of: string, at = host): string =>
    commandText({ file: "threads", args: ["converge", "-e", of, ...(at === undefined ? [] : ["--host", at])] });
  const environment = deployableEnvironment(ports.config, options.environment, (of) => line(of));
  const { name } = environment;
  const typed = line(name);
  const found = await lookAt(environment, ports, async (own) => {
    const decide = (ledger: LedgerFound): Promise<Intent> => decideOn(ledger, environment, ports);
    const seen = await survey({ environment, supersede, typed, decide, find: everyHost }, ports);
    own.done(`${name}: ${shortRevision(seen.decided.revision)}, by the ledger`);
    return seen;
  });
  const hosts = found.observed.map((one) => one.host);
  const one =
    host === undefined
      ? undefined
      : namedHost(hosts, { host, environment: name, type: (other) => line(name, other) }).id;
  const plan = planFor({ found, environment, one, typed }, ports);
  const took = (): number => ports.clock.now() - began;
  if (plan.running) return report({ plan, outcome: "already-running", tookMs: took() });
  if (dryRun) return report({ plan, outcome: "planned", tookMs: took() });
  return carryOut(plan, began, ports);
}

/** @throws ThreadsError NOTHING_DEPLOYED, HELD, NOT_PROMOTED, ACROSS_CONTRACT (refused) */
async function decideOn(
  { standing }: LedgerFound,
  environment: EnvironmentConfig,
  { ledger }: Pick<FleetPorts, "ledger">,
): Promise<Intent> {
  const { current, unsettled, unsettledBefore, tried, hold } = standing;
  const { name } = environment;
  if (current === undefined)
    throw new ThreadsError("NOTHING_DEPLOYED", {
      message: `the ledger knows of no release that came to every host of ${name}`,
      next: [...(unsettled === undefined ? [] : [`threads deploy -e ${name} --resume`]), `threads status -e ${name}`],
    });
  requireGoneBack(name, current, hold);
  await requireRecordedPromotion(current, environment, {
    ledger,
    wants: `converge brings deployment ${current.number}`,
  });
  const open = [...(unsettled === undefined ? [] : [unsettled, ...unsettledBefore]), ...tried];
  const { added } = contractsOnTop({ added: [], dropped: [], isKnown: true }, open);
  if (added.length > 0)
    throw new ThreadsError("ACROSS_CONTRACT", {
      message: `${shortRevision(current.revision)}, which the ledger says, is from before ${list(added)}, which a deployment that did not end has brought; the database may lack what it needs`,
      next: [`threads deploy -e ${name} --resume`, `threads rollback -e ${name} --across-contract`],
    });
  return current;
}

/** What a rollback takes back is still the ledger's word while that has not come to its end: hosts are not brought there again. */
function requireGoneBack(name: string, current: Intent, hold: Hold | undefined): void {
  const lift = liftFlag(hold, current.bundle.digest);
  if (hold === undefined || hold.isComplete || lift === "") return;
  throw new ThreadsError("HELD", {
    message: `${holdText(name, hold)}; converge would bring hosts to ${shortRevision(current.revision)} again`,
    next: [
      `threads rollback -e ${name} ${hold.rollback.revision}`,
      `threads deploy -e ${name} ${current.revision} --force${lift}`,
      `threads status -e ${name}`,
    ],
  });
}

interface Wanted {
  readonly found: Survey<Intent>;
  readonly environment: EnvironmentConfig;
  /** Id of the one host to bring. */
  readonly one: string | undefined;
  readonly typed: string;
}

/** Hosts that cannot be reached are left out, and with --host all but those that run the release already. */
function planFor(wanted: Wanted, { config }: Pick<FleetPorts, "config">): RolloutPlan {
  const { found, environment, one, typed } = wanted;
  const { standing, log, observed, decided } = found;
  const { reached, leftOut } = byReach(observed);
  const planOf = (those: readonly Observed[], without: readonly LeftOut[]): RolloutPlan =>
    planRollout(
      {
        kind: "deploy",
        environment,
        release: releaseOf(decided),
        standing,
        log,
        observed: those,
        leftOut: without,
        onlyOthers: true,
        converges: true,
        supersede: found.supersede,
        reason: "converge: hosts to what the ledger says",
        migrations: { added: [], dropped: [] },
        again: typed,
        mayPull: true,
      },
      config,
    );
  const mute = observed.filter(({ host }) => host.id === one && leftOut.some(({ id }) => id === one));
  // Where nobody can be asked, or not the one that is meant, the plan says why.
  if (reached.length === 0 || mute.length > 0) return planOf(mute.length > 0 ? mute : observed, []);
  const all = planOf(reached, leftOut);
  if (one === undefined) return all;
  const others = all.hosts.filter(({ id, stays }) => id !== one && !stays);
  requireFirst({ all, others, one, standing, singletons: config.runtime.singletons });
  const named = others.map(({ id, name }) => ({ id, name, why: "--host names another" }));
  const those = reached.filter(({ host }) => !others.some(({ id }) => id === host.id));
  return planOf(those, [...leftOut, ...named]);
}

/** What runs once is on the first host of a deployment: for the sake of another host it is not moved. */
function requireFirst(facts: {
  readonly all: RolloutPlan;
  readonly others: RolloutPlan["hosts"];
  readonly one: string;
  readonly standing: Survey<Intent>["standing"];
  readonly singletons: readonly string[];
}): void {
  const { all, others, one, standing, singletons } = facts;
  const leader = standing.current?.hosts[0];
  const [first] = all.hosts;
  if (singletons.length === 0 || one === leader) return;
  if (first !== undefined && first.id === leader && !others.includes(first)) return;
  const { name } = all.environment;
  const where = first !== undefined && first.id === leader ? hostText(first) : (leader ?? "none");
  throw new ThreadsError("HOST_NOT_READY", {
    message: `${list(singletons)} of ${name} should run on ${where}, which does not run the release: one host alone would get it a second time`,
    next: [`threads converge -e ${name}`, `threads status -e ${name}`],
  });
}
