import type { Stack } from "./commands.ts";
import { renderEnvFile } from "./env-file.ts";
import type { RawModel } from "./raw-model.ts";
import type { ReadPorts } from "./read-stack.ts";
import type { StackModel } from "./stack-model.ts";
import type { Workspace } from "./workspace.ts";

interface ReadStack {
  readonly stack: Stack;
  readonly model: StackModel;
}

interface Wanted {
  /** Services that threads.yml names. */
  readonly named: readonly string[];
  /** The application's environment: it may switch profiles on itself. */
  readonly environment: ReadonlyMap<string, string>;
  readonly workspace: Pick<Workspace, "write">;
}

const variable = "COMPOSE_PROFILES";

/**
 * The stack with what threads.yml names and what that needs, behind a profile or not, as hosts run it; whoever else shares the
 * profile stays out. Compose is asked once more only where something is missing.
 */
export async function withNamed(
  read: ReadStack,
  { named, environment, workspace }: Wanted,
  { compose, signal }: Pick<ReadPorts, "compose" | "signal">,
): Promise<ReadStack> {
  const there = read.model.services.map(({ name }) => name);
  if (named.every((name) => there.includes(name))) return read;
  const open = await compose.openModel(read.stack.files, signal);
  const { services, profiles } = behindProfiles(open, named);
  // One that is nowhere is told by whoever wants it.
  if (profiles.length === 0) return read;
  const own = (environment.get(variable) ?? "").split(",").filter((profile) => profile !== "");
  const text = renderEnvFile(new Map([[variable, [...new Set([...own, ...profiles])].join(",")]]));
  const stack = {
    ...read.stack,
    envFiles: [...read.stack.envFiles, await workspace.write("profiles.env", text)],
    keys: [...read.stack.keys, variable],
  };
  const model = await compose.model(stack, signal);
  const wanted = new Set([...there, ...services]);
  return { stack, model: { ...model, services: model.services.filter(({ name }) => wanted.has(name)) } };
}

/** The services, all that they depend on, and a profile for each of those that has some. */
export function behindProfiles(
  { services }: Pick<RawModel, "services">,
  named: readonly string[],
): { readonly services: readonly string[]; readonly profiles: readonly string[] } {
  const found = new Set(named.filter((name) => services[name] !== undefined));
  // A set that grows while it is walked: all is visited once.
  for (const name of found)
    for (const needed of Object.keys(services[name]?.depends_on ?? {})) if (services[needed]) found.add(needed);
  const profiles = new Set<string>();
  for (const name of found) {
    const own = services[name]?.profiles ?? [];
    const [first] = own;
    if (first !== undefined && !own.some((profile) => profiles.has(profile))) profiles.add(first);
  }
  return { services: [...found], profiles: [...profiles] };
}
