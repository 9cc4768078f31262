import type { RawService } from "./stack-model.ts";

/** An entry of `env_file`. */
export interface RawEnvFile {
  readonly path: string;
  readonly required?: boolean;
}

/** A service whose variables stand as they were written, and whose paths start at the folder of the first file. */
export interface OpenService extends RawService {
  readonly env_file?: readonly RawEnvFile[];
  readonly volumes?: readonly RawMount[];
  readonly profiles?: readonly string[];
  readonly develop?: unknown;
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
}

export type Kind = "networks" | "volumes" | "configs" | "secrets";

/**
 * What `docker compose config --no-interpolate --no-path-resolution` makes of one or several files with all that they include
 * and extend: one model, in which `${VAR}` is still open.
 */
export type RawModel = {
  readonly services: Readonly<Record<string, OpenService>>;
  readonly "x-required-env"?: readonly string[];
} & { readonly [Resource in Kind]?: Readonly<Record<string, RawResource>> };

/** The project's name while a model is read: compose writes it into names that the file leaves to it. */
export const modelProject = "threads-model";

/** @param text what docker printed, as JSON */
export function parseRawModel(text: string): RawModel {
  const { services, ...rest } = JSON.parse(text) as Partial<RawModel>;
  return { ...rest, services: services ?? {} };
}
