import type { Config, EnvironmentConfig } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { DeploymentLog, RecordedRelease } from "../ledger/ledger.ts";
import type { Standing } from "../ledger/standing.ts";
import { contractsIn, type MigrationChange } from "../release/migrations.ts";
import { shortRevision } from "../release/revision.ts";
import type { HostSummary, Timings } from "../script/summary.ts";
import { hostText, shellOn } from "./hosts.ts";
import { dockerTells, idleServices, runsRelease } from "./judge.ts";
import type { Observed } from "./observe.ts";
import { usualTimings } from "./timings.ts";

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
  /** Migration files that what a rollback leaves had added. */
  readonly staying: readonly string[];
  /** What it changes in the database, as far as the releases tell; of a rollback, only what contracts. */
  readonly migrations: MigrationChange | undefined;
  /** Why, in the person's words. */
  readonly reason: string | undefined;
  /** Every host runs exactly this already, all of it well, and the ledger says so. */
  readonly running: boolean;
  /** The command that undoes it afterwards, undefined where there is nothing to go back to. */
  readonly undo: string | undefined;
  readonly steps: readonly string[];
  /** The command without --supersede, as it is typed again. */
  readonly again: string;
  /** How long the host's steps usually take. */
  readonly usual: Timings;
}

export interface PlannedHost {
  readonly id: string;
  readonly name: string;
  readonly before: string | undefined;
  /** What has to make room first, so that nobody answers meanwhile: its one project for the slots, or its slots for that. */
  readonly makesRoom: "project" | "slots" | undefined;
  /** Containers in its compose projects that no release of ours has: the next one removes them. */
  readonly strangers: readonly string[];
}

export interface Intention {
  readonly kind: "deploy" | "rollback";
  readonly environment: EnvironmentConfig;
  readonly release: RecordedRelease;
  readonly standing: Standing;
  readonly log: Pick<DeploymentLog, "deployments">;
  readonly observed: readonly Observed[];
  readonly rollbackOf?: number;
  /** The unfinished deployment to take over. */
  readonly supersede: number | undefined;
  /** Why, in the person's words. */
  readonly reason?: string | undefined;
  /** Migration files that what a rollback leaves had added. */
  readonly staying?: readonly string[];
  readonly migrations: MigrationChange | undefined;
  /** The command without --supersede, as it is typed again. */
  readonly again: string;
  /** Whether a release is named from which the hosts may not have kept everything. */
  readonly mayPull: boolean;
}

/** @throws ThreadsError HOST_SILENT, HOST_NOT_READY (refused), HOST_BUSY (conflict) */
export function planRollout(intention: Intention, config: Config): RolloutPlan {
  const { kind, environment, release, standing } = intention;
  requireReady(intention);
  const hosts = inOrder(intention);
  const migrate = kind === "deploy" ? config.runtime.migrate : undefined;
  return {
    kind,
    environment,
    number: nextNumber(intention),
    release,
    hosts,
    migrate,
    rollbackOf: intention.rollbackOf,
    supersedes: standing.underWay === undefined ? undefined : intention.supersede,
    staying: intention.staying ?? [],
    migrations: intention.migrations,
    again: intention.again,
    usual: usualTimings(intention.log.deployments, kind),
    reason: reasonText(intention.reason),
    running: isRunning(intention, hosts, config),
    undo: undoCommand(intention),
    steps: describe({ fetch: fetchText(intention), release, hosts, migrate, singletons: config.runtime.singletons }),
  };
}

/** Room that a record has for it beside the names of many hosts. */
const longestReason = 500;

function reasonText(reason: string | undefined): string | undefined {
  const text = reason?.trim() ?? "";
  if (text === "") return undefined;
  if (text.length <= longestReason) return text;
  throw new ThreadsError("REASON_TOO_LONG", {
    message: `the reason has ${text.length} characters, and a record takes ${longestReason}`,
    advice: ["say it shorter, or give the address of a page that says it"],
  });
}

/** What a host reports above this is no number of a deployment. */
const highestNumber = 999_999;

/** Above all that the ledger and the hosts have seen: where the ledger was lost, the hosts go on refusing what is lower. */
function nextNumber({ standing, observed }: Intention): number {
  const seen = observed
    .map(({ summary }) => summary?.number ?? 0)
    .filter((number) => Number.isInteger(number) && number < highestNumber);
  return Math.max(standing.latest?.intent.number ?? 0, ...seen) + 1;
}

function undoCommand({ kind, environment, release, standing, migrations }: Intention): string | undefined {
  const { current, previous } = standing;
  // A rollback would be refused.
  if (kind === "deploy" && contractsIn(migrations?.added ?? []).length > 0) return undefined;
  const other = [current, previous].find(
    (intent) => intent?.bundle.digest !== release.bundle.digest && intent !== undefined,
  );
  if (other === undefined) return undefined;
  return kind === "deploy"
    ? `threads rollback -e ${environment.name}`
    : `threads deploy -e ${environment.name} ${other.revision}`;
}

/** What a host has said of itself is heard before the first one is touched; a rollback needs it as much as a deployment. */
function requireReady({ environment: { name }, observed, again }: Intention): void {
  const look = `threads status -e ${name}`;
  const silent = observed.find((one) => one.summary === undefined);
  if (silent !== undefined)
    throw new ThreadsError("HOST_SILENT", {
      message: `${hostText(silent.host)} of ${name} gives ${silent.silence ?? "no answer"}`,
      next: [look],
    });
  const mute = observed.filter(({ summary }) => summary !== undefined && !dockerTells(summary));
  const [first] = mute.flatMap(({ summary }) => summary ?? []);
  if (first !== undefined)
    throw new ThreadsError("HOST_NOT_READY", {
      message:
        first.message === ""
          ? `Docker does not answer on ${hostsText(mute)} of ${name}`
          : `${hostsText(mute)} of ${name}: ${first.message}`,
      next: [...mute.map(({ host }) => shellOn(host)), look],
    });
  const busy = observed.filter(({ summary }) => summary?.busy === true);
  if (busy.length > 0)
    throw new ThreadsError("HOST_BUSY", {
      message: `${hostsText(busy)} of ${name} is busy: the script of an earlier deployment is at work and will end by itself`,
      // The same again is right once that has ended.
      next: [look, again],
    });
}

function hostsText(observed: readonly Observed[]): string {
  return observed.map(({ host }) => hostText(host)).join(", ");
}

/** The host that migrates and runs the singletons stays the same one: a moving beat would tick twice. */
function inOrder({ observed, standing, release }: Intention): readonly PlannedHost[] {
  const leader = standing.current?.hosts[0];
  const hosts = observed.map(({ host, summary }) => ({
    id: host.id,
    name: host.name,
    before: summary?.current?.revision,
    makesRoom: whatMakesRoom(summary?.current, release),
    strangers: strangersOn(summary, release),
  }));
  return [...hosts.filter((host) => host.id === leader), ...hosts.filter((host) => host.id !== leader)];
}

function whatMakesRoom(current: HostSummary["current"], { edge }: RecordedRelease): PlannedHost["makesRoom"] {
  if (current === undefined || (edge === undefined) === (current.slot === null)) return undefined;
  return edge === undefined ? "slots" : "project";
}

function strangersOn(summary: HostSummary | undefined, release: RecordedRelease): readonly string[] {
  // A host that has something on record, but no list of its services, cannot tell what is foreign.
  if (summary?.current !== undefined && summary.services === undefined) return [];
  const known = new Set([...(summary?.services ?? []), ...Object.keys(release.images)]);
  return (summary?.containers ?? [])
    .filter(({ service, oneoff }) => !oneoff && !known.has(service))
    .map(({ name }) => name);
}

function isRunning({ release, standing, observed }: Intention, hosts: readonly PlannedHost[], config: Config): boolean {
  if (standing.current?.bundle.digest !== release.bundle.digest || standing.unsettled !== undefined) return false;
  const ids = hosts.map((host) => host.id);
  return observed.every(({ host, summary }) => {
    const absent = idleServices(config.runtime, host.id, ids);
    return summary !== undefined && runsRelease(summary, { release, absent });
  });
}

/** What hosts have kept is theirs to know; of the release before they have all. */
function fetchText({ kind, mayPull }: Pick<Intention, "kind" | "mayPull">): string {
  if (kind === "deploy") return "pull";
  return mayPull ? "use the images kept, or pull them by digest, of" : "use the images kept of";
}

function describe(what: {
  readonly fetch: string;
  readonly release: RecordedRelease;
  readonly hosts: readonly PlannedHost[];
  readonly migrate: string | undefined;
  readonly singletons: readonly string[];
}): readonly string[] {
  const { fetch, release, hosts, migrate, singletons: once } = what;
  return hosts.map((host, index) => {
    const migration = index === 0 && migrate !== undefined ? ["migrate"] : [];
    const singletons = index === 0 ? once.map((name) => `run ${name}`) : [];
    const switching =
      release.edge !== undefined
        ? [
            ...(host.makesRoom ? ["take its one project down, so that nobody is answered until the switch"] : []),
            ...migration,
            "bring it up beside what serves",
            "check the health",
            "switch",
            ...singletons,
            "stop the other",
          ]
        : [
            ...migration,
            ...(host.makesRoom ? ["take its slots down, so that nobody is answered until the release is up"] : []),
            ...singletons,
            "switch",
            "check the health",
          ];
    const removal = host.strangers.map((name) => `remove ${name}, which threads did not start`);
    const steps = [`${fetch} ${shortRevision(release.revision)}`, ...removal, ...switching, "record"];
    return `${hostText(host)}: ${steps.join(", ")}`;
  });
}
