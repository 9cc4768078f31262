import type { SandboxEnvironment } from "../../sandbox/environment.ts";
import type { Render } from "../paint.ts";
import { asItStands } from "../wrap.ts";

export type ShellName = "sh" | "fish" | "github";

/** Lines that the shell evaluates; never coloured, since they are for a program. */
export function renderSandboxEnv(shell: ShellName): Render<Pick<SandboxEnvironment, "variables" | "unset">> {
  const set = setters[shell];
  const unset = removers[shell];
  return ({ variables, unset: names }, _, columns) =>
    [
      ...(unset === undefined ? [] : names.map(unset)),
      ...Object.entries(variables).map(([name, value]) => set(name, value)),
    ].map((line) => asItStands(line, columns));
}

const setters: Readonly<Record<ShellName, (name: string, value: string) => string>> = {
  sh: (name, value) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  fish: (name, value) => `set -gx ${name} '${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`,
  github: (name, value) => `${name}=${value}`,
};

/** GITHUB_ENV has no way to remove a variable; a job that talks to the sandbox has not set these. */
const removers: Readonly<Record<ShellName, ((name: string) => string) | undefined>> = {
  sh: (name) => `unset ${name}`,
  fish: (name) => `set -e ${name}`,
  github: undefined,
};
