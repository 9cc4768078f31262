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

/** What `/_sandbox/settings` shows and takes; read live by everything that it concerns. */
export interface Settings {
  readonly limits: RateLimits;
  /** CreateRepository without imageTagMutability makes IMMUTABLE repositories. ECR's own default is MUTABLE. */
  immutableByDefault: boolean;
  /** BLOB_MOUNTING of the account: off, as in a fresh account (ECR user guide, blob mounting). */
  blobMounting: boolean;
  faults: Fault[];
}

/** Everything as in a fresh AWS account, without limits and faults. */
export function createSettings(limits: RateLimits): Settings {
  return { limits, immutableByDefault: false, blobMounting: false, faults: [] };
}

/** The JSON form of the settings. */
export function showSettings(settings: Settings): unknown {
  const { limits, immutableByDefault, blobMounting, faults } = settings;
  return { rateLimits: limits.enabled, immutableByDefault, blobMounting, faults };
}

/** Takes over the members that are present; `faults` replaces the whole list. @throws ServiceError on anything else, and then changes nothing. */
export function changeSettings(settings: Settings, input: unknown): void {
  if (typeof input !== "object" || input === null || Array.isArray(input))
    throw wrong("settings must be a JSON object");
  const change = input as Record<string, unknown>;
  const known = new Set(["rateLimits", "immutableByDefault", "blobMounting", "faults"]);
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
  };
  settings.limits.enabled = next.limited;
  settings.immutableByDefault = next.immutable;
  settings.blobMounting = next.mounting;
  settings.faults = next.faults;
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

function count(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw wrong(`${name} must be a whole number`);
  return value;
}

function wrong(message: string): ServiceError {
  return new ServiceError("ValidationException", message);
}
