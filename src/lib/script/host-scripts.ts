import { hostCodeVariables } from "./host-codes.ts";
import type { Assignments, HostScript } from "./render.ts";

/** What all actions of deploy.sh need to know. */
interface HostSettings {
  readonly app: string;
  /** Reference of the deployment's bundle, with host and digest. */
  readonly bundle: string;
  /** The deployment's number in the ledger: hosts refuse a smaller one than they have seen. */
  readonly number: number;
  readonly nonce: string;
  /** Services that must not run on this host: the singletons, everywhere but on the first host. */
  readonly absent: readonly string[];
  /** Services that run on this host alone, and never beside their own elder. */
  readonly singletons?: readonly string[];
  /** Services that take their work from elsewhere, and run once a release has all requests. */
  readonly workers?: readonly string[];
  /** How long requests that are under way may last in the slot that no longer serves. */
  readonly drainMs: number;
  /** The first of the ports on loopback that slots get. */
  readonly frontsFrom?: number;
  readonly envFile: string;
  /** Where the host makes that file itself: a path of Parameter Store, or `secretsmanager:` with a secret's name. */
  readonly envFrom?: string | undefined;
  /** Parameters that lie there and are none of the application's. */
  readonly envOthers?: readonly string[];
  /** Where that is; where it is not named, the host's own region. */
  readonly region?: string | undefined;
  readonly port: number;
  readonly healthPath: string;
  /** Host header of the health check; localhost where the application answers to any. */
  readonly healthHost?: string | undefined;
  /** X-Forwarded-Proto of it; none is sent where it is undefined. */
  readonly healthProto?: "http" | "https" | undefined;
  /** Whole requests that a slot is asked before it serves; each must ask the server to close the connection. */
  readonly warmUp?: readonly Buffer[];
  readonly healthTimeoutMs: number;
  /** The script ends itself within this time, bringing the old release back included. */
  readonly deadlineMs: number;
  /** Seconds until the next look at the health where docker has no news. */
  readonly pause?: number;
  /** Seconds to wait for another script on the host to end. */
  readonly lockWait?: number;
  /** Where a host keeps its releases and records. */
  readonly root?: string;
}

export interface DeployScript extends HostSettings {
  readonly revision: string;
  /** Service → reference with host and digest. */
  readonly images: Readonly<Record<string, string>>;
  /** What the compose file interpolates. */
  readonly variables: Readonly<Record<string, string>>;
  /** When the order is given, in milliseconds since the epoch: hosts compare their clocks with it. */
  readonly sentAt: number;
  /** One-shot service to run before the switch; only the first host gets one. */
  readonly migrate: string | undefined;
  /** A release that has served on the host gets the environment that it had then. */
  readonly asItWas?: boolean;
  /** So many of a hundred requests, and by which step of the deployment; all of them, and for good, where undefined. */
  readonly share?: { readonly step: number; readonly weight: number } | undefined;
}

/** Where a host keeps its releases and records. */
export const hostRoot = "/var/lib/threads";
/** Where a host keeps the log of a deployment. */
export const hostLog = (number: number): string => `${hostRoot}/log/${number}.log`;

const frontsFrom = 18_000;
/** Below this much free disk under Docker's own folder nothing is pulled; what a host has already needs none. */
const minimumFreeKb = 512 * 1024;
/** The same for the folder of releases, records and logs, which are small. */
const minimumRootKb = 4 * 1024;
/** So many more files must fit there. */
const minimumFiles = 1000;

/** The script that brings a release up on a host, for all requests or some, and the old one back where that fails. */
export function deployScript(options: DeployScript): HostScript {
  const { bundle, revision, images, variables, share } = options;
  const assignments = {
    ...common(share === undefined ? "deploy" : "weigh", options),
    STEP: share?.step ?? 0,
    WEIGHT: share?.weight ?? 100,
    BUNDLE: bundle,
    SHORT: releaseDirectory(bundle),
    REVISION: revision,
    IMAGES: pairs(images).join(" "),
    VARIABLES: pairs(variables).join("\n"),
    SENT_AT: Math.floor(options.sentAt / 1000),
    MIGRATE: options.migrate ?? "",
    AS_IT_WAS: options.asItWas === true ? 1 : 0,
  };
  return { name: "deploy", assignments, registry: options.bundle.replace(/\/.*/s, "") };
}

/** The script that brings back what a host ran before deployment `number`; nothing where nothing ran. */
export function restoreScript(options: HostSettings): HostScript {
  const assignments = {
    ...common("restore", options),
    STEP: 0,
    WEIGHT: 0,
    BUNDLE: "",
    SHORT: "-",
    REVISION: "",
    IMAGES: "",
    VARIABLES: "",
    SENT_AT: 0,
    MIGRATE: "",
    AS_IT_WAS: 1,
  };
  return { name: "deploy", assignments, registry: options.bundle.replace(/\/.*/s, "") };
}

/** The script that only looks: what runs, by digest, and what the last deployment left on record. */
export function statusScript(options: {
  readonly app: string;
  readonly nonce: string;
  readonly root?: string;
}): HostScript {
  const assignments = { APP: options.app, NONCE: options.nonce, ROOT: options.root ?? hostRoot };
  return { name: "status", assignments };
}

export interface ExecScript {
  readonly app: string;
  readonly service: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly nonce: string;
  /** The command is ended after this long; whole seconds. */
  readonly limitMs: number;
  readonly root?: string;
}

/** SSM hands on 24,000 characters of stdout and 8,000 of stderr; the line that says how it ended needs some of them. */
const mostOutput = { stdout: 23_000, stderr: 7_900 } as const;

/** The script that runs a command in the running container of a service; see exec-report.ts for its answer. */
export function execScript({ app, service, command, nonce, limitMs, root = hostRoot }: ExecScript): HostScript {
  const assignments = {
    APP: app,
    SERVICE: service,
    COMMAND: command,
    NONCE: nonce,
    LIMIT: Math.ceil(limitMs / 1000),
    MOST_STDOUT: mostOutput.stdout,
    MOST_STDERR: mostOutput.stderr,
    ROOT: root,
  };
  return { name: "exec", assignments };
}

/** What is read of a log at a time. */
interface Reading {
  readonly app: string;
  readonly nonce: string;
  /** The host's own environment file: none of its values is shown. */
  readonly envFile: string;
  /** Only lines that have this in them, an extended regular expression of grep; undefined for all. */
  readonly grep: string | undefined;
  readonly root?: string;
}

export interface LogsScript extends Reading {
  /** All where it is empty. */
  readonly services: readonly string[];
  /** Where a container without a cursor begins: ISO 8601 or a length of time as docker takes it, `600s`. */
  readonly since: string | undefined;
  /** So many lines of its end, where it has no cursor; 0 for all since then. */
  readonly tail: number;
  /** Where the command before this one has ended, as it told. */
  readonly cursors: readonly string[];
}

export interface DeploymentLogScript extends Reading {
  readonly number: number;
  /** Bytes that were read before. */
  readonly offset: number;
}

/** What a command reads and shows at most: lines, bytes, bytes of a line, and the seconds that it takes. */
const bounds = {
  MOST: 5_000,
  MOST_BYTES: 1_000_000,
  MOST_TEXT: 32_768,
  MOST_SHOWN: 8_000,
  /** Characters for what is packed: beside it SSM has to hand on what is told of it. */
  ROOM: 22_500,
  LIMIT: 20,
} as const;
/** Seconds after which a line that docker has dated can be read. */
const settle = 0.3;

function reading(action: "logs" | "log", { app, nonce, envFile, grep, root = hostRoot }: Reading): Assignments {
  const patterns = grep === undefined ? [] : [grep];
  return { ...bounds, ACTION: action, APP: app, NONCE: nonce, ENV_FILE: envFile, GREP: patterns, ROOT: root };
}

/** The script that reads what the containers have said that serve; see log-report.ts for its answer. */
export function logsScript(options: LogsScript): HostScript {
  const { services, since = "", tail, cursors } = options;
  const where = { SERVICES: services, SINCE: since, TAIL: tail, CURSORS: cursors, SETTLE: settle };
  return { name: "logs", assignments: { ...reading("logs", options), ...where } };
}

/** The script that reads the host's own log of a deployment; see log-report.ts for its answer. */
export function deploymentLogScript(options: DeploymentLogScript): HostScript {
  const { number, offset } = options;
  return { name: "deploymentLog", assignments: { ...reading("log", options), NUMBER: number, OFFSET: offset } };
}

/** The name of a release's directory on a host: the first twelve digits of its bundle's digest. */
function releaseDirectory(bundle: string): string {
  return bundle.slice(bundle.indexOf("sha256:") + "sha256:".length).slice(0, 12);
}

function common(action: "deploy" | "weigh" | "restore", options: HostSettings): Assignments {
  return {
    ...hostCodeVariables(),
    ACTION: action,
    APP: options.app,
    NUMBER: options.number,
    NONCE: options.nonce,
    ABSENT: options.absent.join(" "),
    ENV_FILE: options.envFile,
    ENV_FROM: options.envFrom ?? "",
    ENV_OTHERS: (options.envOthers ?? []).join(" "),
    REGION: options.region ?? "",
    SINGLETONS: (options.singletons ?? []).join(" "),
    WORKERS: (options.workers ?? []).join(" "),
    DRAIN: Math.ceil(options.drainMs / 1000),
    FRONTS_FROM: options.frontsFrom ?? frontsFrom,
    PORT: options.port,
    HEALTH_PATH: options.healthPath,
    HEALTH_HOST: options.healthHost ?? "localhost",
    HEALTH_PROTO: options.healthProto ?? "",
    WARM_UP: (options.warmUp ?? []).map((request) => request.toString("base64")),
    HEALTH_TIMEOUT: Math.ceil(options.healthTimeoutMs / 1000),
    DEADLINE: Math.ceil(options.deadlineMs / 1000),
    PAUSE: options.pause ?? 0.5,
    LOCK_WAIT: options.lockWait ?? 20,
    MIN_FREE_KB: minimumFreeKb,
    MIN_ROOT_KB: minimumRootKb,
    MIN_FILES: minimumFiles,
    ROOT: options.root ?? hostRoot,
  };
}

const pairs = (values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).map(([key, value]) => `${key}=${value}`);
