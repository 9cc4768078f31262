import { carriedFolder } from "../compose/carried.ts";
import type { RawEnvFile } from "../compose/raw-model.ts";
import { secretOf } from "../config/secret-of.ts";
import { list } from "../text/words.ts";
import { type EcsFacts, ownVariables, type Settings } from "./facts.ts";
import type { ServiceReport } from "./report.ts";
import type { ContainerDefinition } from "./task-definition.ts";
import { filled, onlyVariable } from "./variables.ts";

export interface WrittenEnvironment {
  readonly environment?: Readonly<Record<string, string | number | boolean | null>>;
  readonly env_file?: readonly RawEnvFile[];
}

type Entry = { readonly value: string } | { readonly setting: string };
type Facts = Pick<EcsFacts, "settings" | "envFiles" | "environment" | "ecs" | "revision" | "tree">;

/**
 * A container's variables: what the compose files say as they say it, and the application's settings by reference. A value of a
 * setting never stands here, since whoever may describe a task definition would read it.
 */
export function environmentOf(
  { environment = {}, env_file: files = [] }: WrittenEnvironment,
  facts: Facts,
  report: ServiceReport,
): Pick<ContainerDefinition, "environment" | "secrets"> {
  const entries = new Map<string, Entry>();
  for (const file of files) for (const [name, entry] of entriesIn(file, facts, report)) entries.set(name, entry);
  for (const [name, written] of Object.entries(environment)) {
    const entry = entryOf(name, written, facts, report);
    if (entry === undefined) entries.delete(name);
    else entries.set(name, entry);
  }
  const plain = [...entries].flatMap(([name, entry]) => ("value" in entry ? [{ name, value: entry.value }] : []));
  const secrets = [...entries].flatMap(([name, entry]) =>
    "setting" in entry ? [{ name, valueFrom: valueFrom(entry.setting, facts.settings) }] : [],
  );
  return { ...(plain.length > 0 && { environment: plain }), ...(secrets.length > 0 && { secrets }) };
}

/** A path of Parameter Store by name, which holds for the task's own region; of Secrets Manager a key of the secret's JSON. */
function valueFrom(name: string, { from = "" }: Settings): string {
  const secret = secretOf(from);
  return secret === undefined ? `${from.replace(/\/$/, "")}/${name}` : `${secret}:${name}::`;
}

function entriesIn({ path }: RawEnvFile, facts: Facts, report: ServiceReport): [string, Entry][] {
  const { settings, envFiles, environment } = facts;
  if (path.startsWith(`./${carriedFolder}/`)) {
    const values = [...(envFiles?.get(path) ?? [])];
    return values.flatMap(([name, written]) => {
      const entry = entryOf(name, written, facts, report);
      return entry === undefined ? [] : [[name, entry]];
    });
  }
  if (!/^\$\{?ENV_FILE\b/.test(path) && path !== settings.hostFile) {
    report.refuse(`reads ${path} of a host, which tasks do not have: take env_file away, or commit the file`);
    return [];
  }
  if (settings.from === undefined)
    report.refuse(
      `reads the application's environment, which ECS takes from a store: say where with environments.${environment}.env_from`,
    );
  return [...(settings.names ?? [])].map((name) => [name, { setting: name }]);
}

function entryOf(
  name: string,
  written: string | number | boolean | null,
  { settings, ...release }: Facts,
  report: ServiceReport,
): Entry | undefined {
  const text = written === null ? `\${${name}}` : String(written);
  const own = ownVariables(release);
  const isSetting = (variable: string): boolean => !own.has(variable) && settings.names?.has(variable) === true;
  const only = onlyVariable(text);
  if (only !== undefined && isSetting(only)) return { setting: only };
  const { text: value, open, names } = filled(text, own);
  const mixed = names.filter(isSetting);
  if (mixed.length > 0) {
    report.refuse(
      `makes ${name} of ${list(mixed)} and other text, and a secret goes to ECS as it is: put ${name} itself into ${settings.from ?? ""}`,
    );
    return { value };
  }
  if (open.length === 0) return { value };
  // Before a release is published nobody asks a store what it has.
  if (settings.names === undefined && settings.from !== undefined) return { value };
  // Compose leaves out what it is to pass on and does not have.
  if (written === null) return undefined;
  const where = settings.from === undefined ? "this environment has no env_from" : `${settings.from} does not have it`;
  report.refuse(`takes ${list(open)} for its ${name}, and ${where}: write a default, or put it there`);
  return { value };
}
