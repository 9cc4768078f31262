import type { OpenService, RawMount, RawPort } from "../compose/raw-model.ts";
import type { WrittenEnvironment } from "./environment.ts";
import type { WrittenCheck } from "./health-check.ts";
import type { WrittenLimits } from "./linux.ts";
import type { Mapping } from "./mappings.ts";
import type { ServiceReport } from "./report.ts";

/** A service of the model, with what only ECS asks of it. */
export interface WrittenService
  extends
    Omit<OpenService, "healthcheck" | "env_file" | "deploy" | "command" | "ports">,
    WrittenLimits,
    WrittenEnvironment {
  readonly healthcheck?: WrittenCheck;
  readonly command?: string | readonly string[] | null;
  readonly entrypoint?: string | readonly string[] | null;
  readonly user?: string | number;
  readonly working_dir?: string;
  readonly stop_grace_period?: string;
  readonly stop_signal?: string;
  readonly labels?: Readonly<Record<string, string | number | boolean | null>>;
  readonly logging?: { readonly driver?: string };
  readonly tty?: boolean | string;
  readonly stdin_open?: boolean | string;
  readonly mem_limit?: string | number;
  readonly mem_reservation?: string | number;
  /** Inside the container alone, see insidePorts. */
  readonly ports?: readonly RawPort[];
  readonly volumes?: readonly RawMount[];
  readonly deploy?: {
    readonly replicas?: number | string;
    readonly mode?: string;
    readonly resources?: {
      readonly limits?: { readonly cpus?: number | string; readonly memory?: string | number };
      readonly reservations?: { readonly memory?: string | number };
    };
  };
}

type Value = string | number | boolean | null;

/** The same as compose prints it, which lists what it is given as a list. */
export type AsPrinted = Omit<WrittenService, "environment" | "labels"> & {
  readonly environment?: Mapping<Value> | null;
  readonly labels?: Mapping<Value> | null;
};

/** What is translated, each in a place of its own. */
const translated = [
  "cap_add",
  "cap_drop",
  "command",
  "depends_on",
  "deploy",
  "entrypoint",
  "env_file",
  "environment",
  "healthcheck",
  "image",
  "init",
  "labels",
  "logging",
  "mem_limit",
  "mem_reservation",
  "ports",
  "read_only",
  "scale",
  "security_opt",
  "stdin_open",
  "stop_grace_period",
  "stop_signal",
  "tmpfs",
  "tty",
  "ulimits",
  "user",
  "volumes",
  "working_dir",
];

/**
 * What says nothing to ECS, and is missed by nobody there: a service starts again whatever ends, security groups are its networks,
 * and its logs are not on a terminal.
 */
const idle = ["annotations", "attach", "expose", "networks", "platform", "profiles", "pull_policy", "restart"];

/** Keys of a service that `threads help ecs` tells of: all others are refused. */
export const knownKeys: ReadonlySet<string> = new Set([...translated, ...idle]);

const remedies: Readonly<Record<string, string>> = {
  configs: "copy the file into the image, or make it of a variable",
  secrets: "put the secret below env_from, and read it as a variable",
  network_mode: "containers that need each other's network are containers of one task",
  links: "containers of one task find each other at 127.0.0.1",
  extra_hosts: "let the application take the address as a variable",
  volumes_from: "use an image of its own, or a store outside",
};

/** Each key for which ECS has nothing is named; a new key of compose is one, too. */
export function refuseUnknown(service: WrittenService, report: ServiceReport): void {
  for (const [key, value] of Object.entries(service)) {
    if (knownKeys.has(key) || key.startsWith("x-") || isNothing(value)) continue;
    report.refuse(`has ${key}, for which ECS has nothing: ${remedies[key] ?? "take it away"}`);
  }
  refuseResources(service.deploy?.resources, report);
  if (service.deploy?.mode !== undefined && service.deploy.mode !== "replicated")
    report.refuse(`has deploy.mode ${service.deploy.mode}, for which ECS has nothing: take it away`);
  const driver = service.logging?.driver;
  if (driver !== undefined && !["json-file", "local", "journald", "none"].includes(driver))
    report.refuse(
      `has the logging driver ${driver}, and logs of tasks go to the environment's log group: take logging away`,
    );
}

/** Docker keeps these limits on a host, with compose as well. */
function refuseResources(
  { limits = {}, reservations = {} }: NonNullable<NonNullable<WrittenService["deploy"]>["resources"]> = {},
  report: ServiceReport,
): void {
  const known = { limits: ["cpus", "memory"], reservations: ["memory"] } as const;
  for (const [kind, values] of Object.entries({ limits, reservations }))
    for (const key of Object.keys(values))
      if (!known[kind as keyof typeof known].some((one) => one === key))
        report.refuse(`has deploy.resources.${kind}.${key}, for which ECS has nothing: take it away`);
}

/** `false`, `null`, an empty list or object. */
function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
