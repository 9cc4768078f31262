import { isAbsolute, join, resolve } from "node:path";
import type { OpenService, RawModel, RawMount, RawResource } from "./raw-model.ts";

/** On this machine: files and folders that a stack is built of, and what else they name that nobody here can look into. */
export interface MadeFrom {
  /** Absolute, without doubles. */
  readonly paths: readonly string[];
  /** As the files have them: `${SRC}`, an address. */
  readonly unknown: readonly string[];
}

type Build =
  | string
  | { readonly context?: string; readonly dockerfile?: string; readonly additional_contexts?: unknown };

type Variables = Readonly<Record<string, string | undefined>>;

/** From where paths start, and what stands for variables in them. */
interface Place {
  /** Absolute: that of the first compose file. */
  readonly folder: string;
  /** Those that compose is given. */
  readonly env: Variables;
}

/**
 * All that the compose files of a stack say of this machine's files: what is built from, read for variables, mounted, handed in.
 * The compose files themselves are not among it.
 * @param model as it was written, see RawModel. @param place of the first compose file
 */
export function madeFrom(model: RawModel, place: Place): MadeFrom {
  const services = Object.values(model.services);
  const resources = [model.configs, model.secrets, model.volumes].flatMap((all = {}) => Object.values(all));
  return onThisMachine([...services.flatMap(namedBy), ...resources.flatMap(handedIn)], place);
}

/** @param named as files have it */
export function onThisMachine(named: readonly string[], { folder, env }: Place): MadeFrom {
  // What compose takes for an address, `github.com/` among it.
  const isUnknown = (text: string): boolean => /\$|^[\w+.-]+:\/\/|^git@|^github\.com\/|^~/.test(text);
  const all = named.map((text) => ({ text, meant: interpolated(text, env) }));
  const paths = all.flatMap(({ meant }) => (isUnknown(meant) ? [] : [resolve(folder, meant)]));
  const unknown = all.flatMap(({ text, meant }) => (isUnknown(meant) ? [text] : []));
  return { paths: [...new Set(paths)], unknown: [...new Set(unknown)] };
}

/**
 * Variables with a value, or with something else to take, as compose reads them. What is anything more, or has no value, stays
 * as it is: what compose makes of that nobody here needs to know.
 */
function interpolated(text: string, env: Variables): string {
  return text.replaceAll(
    /\$\{(\w+)(?:(:?)-([^${}]*))?\}|\$([A-Za-z_]\w*)/g,
    (whole, ...found: (string | undefined)[]) => {
      const [braced, colon, other, plain] = found;
      const name = braced ?? plain ?? "";
      // Compose has its own of these.
      if (name.startsWith("COMPOSE_")) return whole;
      const value = env[name];
      const isTaken = value !== undefined && (value !== "" || colon === "");
      return (isTaken ? value : other) || whole;
    },
  );
}

function namedBy({ env_file: files = [], label_file: labels = [], volumes = [], ...service }: OpenService): string[] {
  const build = builtFrom(service.build as Build | undefined);
  return [...build, ...files.map(({ path }) => path), ...[labels].flat(), ...volumes.flatMap(mountedFrom)];
}

/** Where a variable says what is mounted, compose takes that for a volume, cuts it at a colon within, or leaves the line as it is. */
function mountedFrom(mount: RawMount | string): string[] {
  if (typeof mount === "string") return mount.includes("$") ? [/^(?:\$\{[^}]*\}|[^:])*/.exec(mount)?.[0] ?? mount] : [];
  const { type, source = "", target = "" } = mount;
  if (/\$\{[^}]*$/.test(source)) return [`${source}:${target}`];
  return (type === "bind" && source !== "") || source.includes("$") ? [source] : [];
}

/** A volume may be a folder of this machine. */
function handedIn({ file, driver_opts: options }: RawResource): string[] {
  const device = /\bbind\b/.test(options?.["o"] ?? "") ? options?.["device"] : undefined;
  return [file, device].filter((one) => one !== undefined);
}

function builtFrom(build: Build | undefined): string[] {
  if (build === undefined || build === null) return [];
  if (typeof build === "string") return [build];
  const { context = ".", dockerfile, additional_contexts: others } = build;
  // One inside of the context is part of it.
  const own = dockerfile === undefined ? [] : isAbsolute(dockerfile) ? [dockerfile] : [join(context, dockerfile)];
  return [context, ...own, ...own.map((file) => `${file}.dockerignore`), ...contexts(others)];
}

/** `name: PLACE`, or a list of `name=PLACE`. Another service's image, and one of a registry, are no files. */
function contexts(others: unknown): string[] {
  const places = Array.isArray(others)
    ? others.map((one) => String(one).replace(/^[^=]*=/, ""))
    : Object.values((others ?? {}) as Readonly<Record<string, string>>);
  return places.filter((place) => !/^(?:service:|docker-image:\/\/|target:)/.test(place));
}
