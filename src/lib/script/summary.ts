import type { Served, WeighedRelease } from "./slot-counts.ts";
import type { HeldService } from "./pause.ts";
import { gunzipSync } from "node:zlib";

/** The one line of JSON that a host script prints: its own word about what it did and what runs. */
export interface HostSummary {
  readonly action: "deploy" | "weigh" | "restore" | "status";
  /** Of the deployment that was carried out, or (status) of the last one that the host has accepted. */
  readonly number: number;
  readonly nonce: string;
  readonly ok: boolean;
  /** 0, or why it failed: an exit code of host-codes.ts. */
  readonly code: number;
  /** What the script was at when it ended, or (status) what the last deployment's script has come to. */
  readonly step: string;
  readonly message: string;
  readonly rolledBack: boolean;
  /** Whether another release than before was being brought up. */
  readonly changed: boolean;
  /**
   * What the host serves, read from it: the release of this deployment, or what was there before, or both, each with a part of
   * the requests. Unknown where it cannot tell, and from `status`, which knows of no deployment.
   */
  readonly now: "new" | "old" | "both" | "unknown";
  /** What a person must know although it went well. */
  readonly warnings: readonly string[];
  /** Status only: the daemon answers; a deployment is at work. */
  readonly docker: boolean;
  readonly busy: boolean;
  /** Status only: so long ago the script of deployment `number` last wrote into its log, by the host's own clock; undefined where it has none. */
  readonly quietMs: number | undefined;
  /** The release that the host has on record as current. */
  readonly current: HostRelease | undefined;
  /** Status only: a release that has a part of the requests beside that one; undefined where none has. */
  readonly weighed: WeighedRelease | undefined;
  /** Status only, on ECS: what a deployment of ours has told services, and ECS holds until somebody answers; not there where nothing waits. */
  readonly pauses?: readonly HeldService[];
  /** Status only, on ECS: services that ECS has taken back from what a deployment of ours told them; not there where there are none. */
  readonly wentBack?: readonly string[];
  /** Status only: what the slot that serves has answered since it does; undefined where no edge tells. */
  readonly served: Served | undefined;
  /** From what its environment was made; undefined where that is a file of the host's own. */
  readonly environment: MadeEnvironment | undefined;
  /** Status only: names of that release's files that are not as they were fetched; undefined where the host does not know. */
  readonly changedFiles: readonly string[] | undefined;
  /** Of a release that failed: from what its environment was made; undefined where that is the host's own file, or nothing failed. */
  readonly environmentTried: MadeEnvironment | undefined;
  /**
   * Status, and where a release failed: the environment file is no longer that of the current release's containers; undefined
   * where the host does not know.
   */
  readonly environmentChanged: boolean | undefined;
  /** Every service of that release's compose file, released by us or not; undefined where the host does not know. */
  readonly services: readonly string[] | undefined;
  /** Of those, what is not one container that keeps running, by name. */
  readonly expected: Readonly<Record<string, ExpectedService>>;
  /** What the edge has counted while a slot took over. */
  readonly traffic: Traffic | undefined;
  /** What became of tasks of Celery's workers that were told to end; undefined where no log tells. */
  readonly tasks: TaskCount | undefined;
  /** Milliseconds by step, without what came after a failure. */
  readonly timings: Timings;
  /** Undefined where docker did not tell, which is not the same as none. */
  readonly containers: readonly HostContainer[] | undefined;
}

/** Milliseconds by step of the host's script. */
export type Timings = Readonly<Record<string, number>>;

/** What an edge has seen; of its waits only what its memory still had. */
export interface Traffic {
  /** Requests that it answered, and those of them that the application, or nobody, answered with 500 and above. */
  readonly requests: number;
  readonly failed: number;
  /** The longest time in which somebody waited and nobody got a good answer; null where nobody asked. */
  readonly longestGapMs: number | null;
  /** So long, at most, 99 of 100 waited for their answer to begin, before and after the switch; null where nobody asked. */
  readonly p99BeforeMs: number | null;
  readonly p99AfterMs: number | null;
}

/** Tasks of Celery's workers in a slot that was told to end, by their logs. */
export interface TaskCount {
  /** Those under way that still ended by themselves. */
  readonly finished: number;
  /**
   * Those that a killed worker had received and not ended. A worker that ends by itself loses none: the broker gives what it
   * had not begun to another.
   */
  readonly lost: number;
}

/** Names and versions of what a host has made an environment file of, never a value. */
export interface MadeEnvironment {
  /** A path of Parameter Store, or `secretsmanager:` with a secret's name. */
  readonly from: string;
  /** By variable: Parameter Store's number, or the id of the secret's version. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface HostRelease {
  readonly number: number;
  readonly revision: string;
  /** Digest of its bundle. */
  readonly bundle: string;
  /** In which slot it serves; null where it is the one project of its application. */
  readonly slot: "blue" | "green" | null;
  /** When the host recorded it, ISO 8601. */
  readonly at: string;
}

/** How many containers there are of a service, undefined where the host decides; and whether they end by themselves, with 0. */
export interface ExpectedService {
  readonly replicas: number | undefined;
  readonly ending: "must" | "may" | "never";
}

export interface HostContainer {
  readonly service: string;
  /** A `compose run` container, such as a migration. */
  readonly oneoff: boolean;
  readonly id: string;
  readonly name: string;
  /** The image as the container was created from it. */
  readonly reference: string;
  /** RepoDigests of the image that it really runs. */
  readonly digests: readonly string[];
  /** running, exited, restarting, created, paused, dead. */
  readonly state: string;
  readonly exitCode: number;
  /** healthy, unhealthy, starting, or none where the image has no check. */
  readonly health: string;
  readonly restarts: number;
  readonly startedAt: string;
}

/** As it is written: what is not known is null. */
type RawSummary = { readonly [Key in Exclude<keyof HostSummary, "expected" | "timings">]?: HostSummary[Key] | null } & {
  readonly timings?: readonly (readonly [string, number])[];
  readonly expected?: Readonly<Record<string, readonly [string, ExpectedService["ending"]]>>;
  readonly quietSeconds?: number | null;
};

/** A line that is too long for SSM's lists. */
interface Packed {
  /** The line, gzipped, in base64. */
  readonly packed: string;
}

/** Nobody has so much to tell, in bytes. */
const longestLine = 1_000_000;

/** What a script has handed on in one line, packed or not. @throws where it is no line of ours, or not all of it */
export function unpackedLine(text: string): unknown {
  const line = JSON.parse(text) as object | Packed;
  if (!("packed" in line)) return line;
  return JSON.parse(gunzipSync(Buffer.from(line.packed, "base64"), { maxOutputLength: longestLine }).toString());
}

/** @returns undefined where the output holds no whole summary: cut off, or the script never got that far. */
export function parseSummary(stdout: string): HostSummary | undefined {
  const line = stdout.split("\n").find((text) => text.startsWith('{"threads":1,'));
  if (line === undefined) return undefined;
  try {
    const raw = unpackedLine(line) as RawSummary;
    if (raw.action == null || raw.number == null || raw.nonce == null) return undefined;
    return {
      action: raw.action,
      number: raw.number,
      nonce: raw.nonce,
      ok: raw.ok === true,
      code: raw.code ?? 0,
      step: raw.step ?? "",
      message: raw.message ?? "",
      rolledBack: raw.rolledBack === true,
      changed: raw.changed === true,
      now: raw.now === "new" || raw.now === "old" || raw.now === "both" ? raw.now : "unknown",
      warnings: raw.warnings ?? [],
      docker: raw.docker ?? true,
      busy: raw.busy === true,
      quietMs: raw.quietSeconds == null ? undefined : Math.max(0, raw.quietSeconds * 1000),
      current: raw.current ?? undefined,
      weighed: weighedOf(raw.weighed),
      served: raw.served ?? undefined,
      environment: raw.environment ?? undefined,
      changedFiles: raw.changedFiles ?? undefined,
      environmentTried: raw.environmentTried ?? undefined,
      environmentChanged: raw.environmentChanged ?? undefined,
      services: raw.services ?? undefined,
      expected: expectedOf(raw.expected),
      traffic: raw.traffic ?? undefined,
      tasks: raw.tasks ?? undefined,
      timings: timingsOf(raw.timings),
      containers: raw.containers ?? undefined,
    };
  } catch {
    return undefined;
  }
}

function weighedOf(raw: RawSummary["weighed"]): WeighedRelease | undefined {
  return raw == null ? undefined : { ...raw, bundle: raw.bundle.trim(), sinceMs: Math.max(0, raw.sinceMs) };
}

/** A step that is entered again goes on. */
function timingsOf(raw: RawSummary["timings"] = []): Timings {
  const timings: Record<string, number> = {};
  for (const [step, ms] of raw) timings[step] = (timings[step] ?? 0) + ms;
  return timings;
}

function expectedOf(raw: RawSummary["expected"] = {}): HostSummary["expected"] {
  const entries = Object.entries(raw).map(([name, [replicas, ending]]): [string, ExpectedService] => [
    name,
    { replicas: replicas === "any" ? undefined : Number(replicas), ending },
  ]);
  return Object.fromEntries(entries);
}

/**
 * The digest that a container really runs: of the image it runs, not of the tag it was asked for. An image may
 * carry several; the expected one counts when it is among them.
 */
export function runningDigest(container: HostContainer, expected?: string): string | undefined {
  const found = [...container.digests, container.reference]
    .map((reference) => reference.slice(reference.indexOf("@") + 1))
    .filter((digest) => /^sha256:[0-9a-f]{64}$/.test(digest));
  return found.find((digest) => digest === expected) ?? found[0];
}
