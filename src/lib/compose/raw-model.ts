import type { RawService } from "./stack-model.ts";

/** An entry of `env_file`. */
export interface RawEnvFile {
  readonly path: string;
  readonly required?: boolean;
}

/** A service whose variables stand as they were written, and whose paths start at the folder of the first file. */
export interface OpenService extends RawService {
  readonly env_file?: readonly RawEnvFile[];
  readonly label_file?: string | readonly string[];
  readonly volumes?: readonly RawMount[];
  readonly profiles?: readonly string[];
  readonly command?: string | readonly string[] | null;
  readonly entrypoint?: string | readonly string[] | null;
  readonly develop?: unknown;
  /** Strings, as soon as one of the list has a variable in it. */
  readonly ports?: readonly (string | RawPort)[];
  readonly networks?: Readonly<Record<string, RawAttachment | null>>;
  /** `host`, `none`, `service:web` …, as the next two. */
  readonly network_mode?: string;
  readonly pid?: string;
  readonly ipc?: string;
  readonly privileged?: boolean | string;
  readonly devices?: readonly unknown[];
  /** `db`, `db:ro` or `container:name`. */
  readonly volumes_from?: readonly string[];
  /** `db` or `db:alias`. */
  readonly links?: readonly string[];
  readonly external_links?: readonly string[];
  readonly healthcheck?: { readonly start_interval?: string; readonly start_period?: string };
}

/** A port in compose's long form. */
export interface RawPort {
  readonly target: number | string;
  readonly published?: number | string;
  readonly host_ip?: string;
  readonly protocol?: string;
  readonly mode?: string;
}

/** How a service is on a network. */
export interface RawAttachment {
  readonly aliases?: readonly string[];
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: readonly string[];
  readonly mac_address?: string;
}

export interface RawMount {
  readonly type?: string;
  readonly source?: string;
  readonly target?: string;
}

/** A network, volume, config or secret; the latter two may come from a file. */
export interface RawResource {
  readonly name?: string;
  readonly external?: boolean;
  readonly file?: string;
  readonly driver_opts?: Readonly<Record<string, string>>;
  readonly ipam?: unknown;
}

/** A model without its own extensions: services, and what they are connected to. */
export type Resources = {
  readonly services: Readonly<Record<string, OpenService>>;
} & { readonly [Resource in Kind]?: Readonly<Record<string, RawResource>> };

export type Kind = "networks" | "volumes" | "configs" | "secrets";

/**
 * What `docker compose config --no-interpolate --no-path-resolution` makes of one or several files with all that they include
 * and extend: one model, in which `${VAR}` is still open.
 */
export type RawModel = Resources & { readonly "x-required-env"?: unknown };

/** The project's name while a model is read: compose writes it into names that the file leaves to it. */
export const modelProject = "threads-model";

/** @param text what docker printed, as JSON */
export function parseRawModel(text: string): RawModel {
  const { services, ...rest } = JSON.parse(text) as Partial<RawModel>;
  return { ...rest, services: services ?? {} };
}

/** Whether each project has one of its own: the file gives it no name, and does not say that it is there already. */
export function isOwn({ name, external }: RawResource): boolean {
  return name === undefined && external !== true;
}

/** How a service is on which networks; on none of the project's where it has another's. */
export function networksOf({ networks, network_mode: mode }: OpenService): NonNullable<OpenService["networks"]> {
  return mode === undefined ? (networks ?? { default: null }) : {};
}
