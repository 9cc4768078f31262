import type { Config, EnvironmentConfig } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { authorText } from "../../ledger/author.ts";
import type { RecordedRelease } from "../../ledger/ledger.ts";
import type { Standing } from "../../ledger/standing.ts";
import { shortRevision } from "../../release/revision.ts";
import { hostText } from "../status/fleet.ts";
import { absentServices, runsRelease } from "../status/judge.ts";
import type { Observed } from "../status/observe.ts";

/** What a deployment will do, before it does it. */
export interface RolloutPlan {
  readonly kind: "deploy" | "rollback";
  readonly environment: EnvironmentConfig;
  readonly number: number;
  readonly release: RecordedRelease;
  /** In the order in which they are switched; the first one migrates and runs the singletons. */
  readonly hosts: readonly PlannedHost[];
  /** One-shot service run on the first host. */
  readonly migrate: string | undefined;
  readonly rollbackOf: number | undefined;
  readonly supersedes: number | undefined;
  /** Every host runs exactly this already, all of it well, and the ledger says so. */
  readonly running: boolean;
  /** The command that undoes it afterwards, undefined where there is nothing to go back to. */
  readonly undo: string | undefined;
  readonly steps: readonly string[];
}

export interface PlannedHost {
  readonly id: string;
  readonly name: string;
  readonly before: string | undefined;
}

export interface Intention {
  readonly kind: "deploy" | "rollback";
  readonly environment: EnvironmentConfig;
  readonly release: RecordedRelease;
  readonly standing: Standing;
  readonly observed: readonly Observed[];
  readonly rollbackOf?: number;
  /** The unfinished deployment to take over. */
  readonly supersede: number | undefined;
}

/** @throws ThreadsError DEPLOYMENT_UNDER_WAY, WRONG_SUPERSEDE (conflict), HOST_SILENT (refused) */
export function planRollout(intention: Intention, config: Config): RolloutPlan {
  const { kind, environment, release, standing, observed } = intention;
  requireFree(intention);
  const silent = observed.find((one) => one.summary === undefined);
  if (silent !== undefined)
    throw new ThreadsError("refused", {
      code: "HOST_SILENT",
      message: `${hostText(silent.host)} of ${environment.name} gives ${silent.silence ?? "no answer"}`,
      next: [`threads status -e ${environment.name}`],
    });
  const hosts = inOrder(intention);
  const migrate = kind === "deploy" ? config.runtime.migrate : undefined;
  return {
    kind,
    environment,
    number: standing.nextNumber,
    release,
    hosts,
    migrate,
    rollbackOf: intention.rollbackOf,
    supersedes: standing.underWay === undefined ? undefined : intention.supersede,
    running: isRunning(intention, hosts, config),
    undo: undoCommand(intention),
    steps: describe({ kind, release, hosts, migrate, singletons: config.runtime.singletons }),
  };
}

function undoCommand({ kind, environment, release, standing }: Intention): string | undefined {
  const { current, previous } = standing;
  const other = [current, previous].find(
    (intent) => intent?.bundle.digest !== release.bundle.digest && intent !== undefined,
  );
  if (other === undefined) return undefined;
  return kind === "deploy"
    ? `threads rollback -e ${environment.name}`
    : `threads deploy -e ${environment.name} ${other.revision}`;
}

/** Somebody else's unfinished deployment stands in the way unless it is named. */
export function requireFree({
  kind,
  environment,
  standing,
  supersede,
}: Pick<Intention, "kind" | "environment" | "standing" | "supersede">): void {
  const { underWay } = standing;
  if (underWay === undefined || underWay.number === supersede) return;
  throw new ThreadsError("conflict", {
    code: "DEPLOYMENT_UNDER_WAY",
    message: `${authorText(underWay.by)} is deploying ${shortRevision(underWay.revision)} to ${environment.name} since ${underWay.startedAt} (deployment ${underWay.number})`,
    next: [
      `threads status -e ${environment.name}`,
      `threads ${kind} -e ${environment.name} --supersede ${underWay.number}   # if it is dead`,
    ],
  });
}

/** The host that migrates and runs the singletons stays the same one: a moving beat would tick twice. */
function inOrder({ observed, standing }: Intention): readonly PlannedHost[] {
  const leader = standing.current?.hosts[0];
  const hosts = observed.map(({ host, summary }) => ({
    id: host.id,
    name: host.name,
    before: summary?.current?.revision,
  }));
  return [...hosts.filter((host) => host.id === leader), ...hosts.filter((host) => host.id !== leader)];
}

function isRunning({ release, standing, observed }: Intention, hosts: readonly PlannedHost[], config: Config): boolean {
  if (standing.current?.bundle.digest !== release.bundle.digest || standing.unsettled !== undefined) return false;
  const ids = hosts.map((host) => host.id);
  return observed.every(({ host, summary }) => {
    const absent = absentServices(config.runtime.singletons, host.id, ids);
    return summary !== undefined && runsRelease(summary, { release, services: config.services, absent });
  });
}

function describe(what: {
  readonly kind: "deploy" | "rollback";
  readonly release: RecordedRelease;
  readonly hosts: readonly PlannedHost[];
  readonly migrate: string | undefined;
  readonly singletons: readonly string[];
}): readonly string[] {
  const { kind, release, hosts, migrate, singletons } = what;
  const fetch = kind === "deploy" ? "pull" : "use the images kept of";
  return hosts.map((host, index) => {
    const first =
      index === 0 ? [migrate === undefined ? [] : ["migrate"], singletons.map((name) => `run ${name}`)].flat() : [];
    const steps = [`${fetch} ${shortRevision(release.revision)}`, ...first, "switch", "check the health", "record"];
    return `${hostText(host)}: ${steps.join(", ")}`;
  });
}
