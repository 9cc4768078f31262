import { ServiceError } from "./protocol.ts";
import type { RateLimits } from "./rate-limits.ts";

const faultKinds = ["throttle", "drop-reply", "expired-token", "error-500", "delay"] as const;
type FaultKind = (typeof faultKinds)[number];

/** A fault that the next calls of an operation meet. `operation`: an AWS operation, a registry one such as "v2:PutManifest", or "*". */
export interface Fault {
  readonly operation: string;
  readonly kind: FaultKind;
  /** How many calls still meet it. */
  times: number;
  /** How many calls still pass before the first one meets it. */
  skip: number;
  /** For `delay`, in milliseconds. */
  readonly delayMs: number;
}

const scanStatuses = [
  "IN_PROGRESS",
  "COMPLETE",
  "FAILED",
  "UNSUPPORTED_IMAGE",
  "ACTIVE",
  "PENDING",
  "SCAN_ELIGIBILITY_EXPIRED",
  "FINDINGS_UNAVAILABLE",
  "LIMIT_EXCEEDED",
  "IMAGE_ARCHIVED",
] as const;
const severities = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL", "UNDEFINED"] as const;

/** What a scan of this digest says, in whatever repository it lies. */
export interface ScriptedScan {
  readonly imageDigest: string;
  readonly status: (typeof scanStatuses)[number];
  readonly description?: string;
  readonly findings: readonly { readonly name: string; readonly severity: (typeof severities)[number] }[];
}

/** What `/_sandbox/settings` shows and takes; read live by everything that it concerns. */
export interface Settings {
  readonly limits: RateLimits;
  /** CreateRepository without imageTagMutability makes IMMUTABLE repositories. ECR's own default is MUTABLE. */
  immutableByDefault: boolean;
  /** BLOB_MOUNTING of the account: off, as in a fresh account (ECR user guide, blob mounting). */
  blobMounting: boolean;
  faults: Fault[];
  /** There is no scanner here: what is not in this list is found clean, once it has been scanned. */
  scans: readonly ScriptedScan[];
  /** How long a scan runs once it was started, by StartImageScan or by a push. */
  scanSeconds: number;
  /** Alarms that ECS finds in ALARM: there is no CloudWatch here. */
  redAlarms: readonly string[];
  /** For which ECS places no task, one for each RunTask that is to come: `RESOURCE:MEMORY`, `AGENT` … */
  placementFailures: readonly string[];
  /** How long ECS does not know a task yet that RunTask has just begun: it is eventually consistent. Milliseconds. */
  tasksHiddenMs: number;
}

/** Everything as in a fresh AWS account, without limits and faults. */
export function createSettings(limits: RateLimits): Settings {
  return {
    limits,
    immutableByDefault: false,
    blobMounting: false,
    faults: [],
    scans: [],
    scanSeconds: 0,
    redAlarms: [],
    placementFailures: [],
    tasksHiddenMs: 0,
  };
}

/** The JSON form of the settings. */
export function showSettings(settings: Settings): unknown {
  const { limits, ...others } = settings;
  return { rateLimits: limits.enabled, ...others };
}

/** Takes over the members that are present; `faults` and `scans` replace the whole list. @throws ServiceError on anything else, and then changes nothing. */
export function changeSettings(settings: Settings, input: unknown): void {
  if (typeof input !== "object" || input === null || Array.isArray(input))
    throw wrong("settings must be a JSON object");
  const change = input as Record<string, unknown>;
  const { limits: _, ...others } = settings;
  const known = new Set(["rateLimits", ...Object.keys(others)]);
  for (const name of Object.keys(change)) if (!known.has(name)) throw wrong(`unknown setting: ${name}`);
  const flag = (name: string, current: boolean): boolean => {
    const value = change[name] ?? current;
    if (typeof value !== "boolean") throw wrong(`${name} must be true or false`);
    return value;
  };
  const next = {
    limited: flag("rateLimits", settings.limits.enabled),
    immutable: flag("immutableByDefault", settings.immutableByDefault),
    mounting: flag("blobMounting", settings.blobMounting),
    faults: change["faults"] === undefined ? settings.faults : parseFaults(change["faults"]),
    scans: change["scans"] === undefined ? settings.scans : parseScans(change["scans"]),
    scanSeconds: count(change["scanSeconds"] ?? settings.scanSeconds, "scanSeconds"),
    redAlarms: names(change["redAlarms"] ?? settings.redAlarms, "redAlarms"),
    tasksHiddenMs: count(change["tasksHiddenMs"] ?? settings.tasksHiddenMs, "tasksHiddenMs"),
    placementFailures: names(change["placementFailures"] ?? settings.placementFailures, "placementFailures"),
  };
  settings.limits.enabled = next.limited;
  settings.immutableByDefault = next.immutable;
  settings.blobMounting = next.mounting;
  settings.faults = next.faults;
  settings.scans = next.scans;
  settings.scanSeconds = next.scanSeconds;
  settings.redAlarms = next.redAlarms;
  settings.placementFailures = next.placementFailures;
  settings.tasksHiddenMs = next.tasksHiddenMs;
}

/** The fault that this call of `operation` meets, counted off; undefined for none. */
export function nextFault(settings: Settings, operation: string): Fault | undefined {
  for (const fault of settings.faults) {
    if (fault.times <= 0 || (fault.operation !== "*" && fault.operation !== operation)) continue;
    if (fault.skip > 0) {
      fault.skip -= 1;
      continue;
    }
    fault.times -= 1;
    settings.faults = settings.faults.filter(({ times }) => times > 0);
    return fault;
  }
  return undefined;
}

function names(value: unknown, key: string): readonly string[] {
  if (Array.isArray(value) && value.every((one): one is string => typeof one === "string")) return value;
  throw wrong(`${key} must be a list of texts`);
}

function parseFaults(value: unknown): Fault[] {
  if (!Array.isArray(value)) throw wrong("faults must be a list");
  return value.map((item: unknown) => {
    const { operation, kind, times = 1, skip = 0, delayMs = 1000 } = (item ?? {}) as Record<string, unknown>;
    if (typeof operation !== "string" || operation === "") throw wrong("a fault needs an operation");
    const known = faultKinds.find((name) => name === kind);
    if (known === undefined) throw wrong(`a fault's kind is one of ${faultKinds.join(", ")}`);
    return {
      operation,
      kind: known,
      times: count(times, "times"),
      skip: count(skip, "skip"),
      delayMs: count(delayMs, "delayMs"),
    };
  });
}

function parseScans(value: unknown): ScriptedScan[] {
  if (!Array.isArray(value)) throw wrong("scans must be a list");
  return value.map((item: unknown) => {
    const { imageDigest, status = "COMPLETE", description, findings = [] } = (item ?? {}) as Record<string, unknown>;
    if (typeof imageDigest !== "string") throw wrong("a scan needs an imageDigest");
    if (description !== undefined && typeof description !== "string") throw wrong("a scan's description is a text");
    const known = scanStatuses.find((name) => name === status);
    if (known === undefined) throw wrong(`a scan's status is one of ${scanStatuses.join(", ")}`);
    if (!Array.isArray(findings)) throw wrong("a scan's findings are a list");
    const found = findings.map(parseFinding);
    return { imageDigest, status: known, ...(description === undefined ? {} : { description }), findings: found };
  });
}

function parseFinding(value: unknown): ScriptedScan["findings"][number] {
  const { name, severity } = (value ?? {}) as Record<string, unknown>;
  const known = severities.find((one) => one === severity);
  if (typeof name !== "string" || known === undefined)
    throw wrong(`a finding has a name, and a severity out of ${severities.join(", ")}`);
  return { name, severity: known };
}

function count(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw wrong(`${name} must be a whole number`);
  return value;
}

function wrong(message: string): ServiceError {
  return new ServiceError("ValidationException", message);
}
