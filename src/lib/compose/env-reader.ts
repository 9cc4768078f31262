import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { docker } from "../docker/commands.ts";
import { inPrivateFolder } from "../docker/private-folder.ts";
import type { Run } from "../docker/run.ts";
import type { CommandFailed, CommandLine } from "../process/processes.ts";

/** What compose makes of an environment file. */
export interface ReadEnvironment {
  readonly values: ReadonlyMap<string, string>;
  /** Variables that its values speak of and nothing sets. */
  readonly unset: readonly string[];
}

type Variables = Readonly<Record<string, string | undefined>>;

/** As on a host (script/hide.sh): compose is asked, and nothing but what finds docker is set while it reads. */
const needed = new Set(["PATH", "HOME", "DOCKER_CONFIG"]);

/**
 * Reads an environment file as compose gives it to a service, on this machine and on a host.
 * @param text of the file @param options.own the CLI's environment @param options.set as if these were set outside
 * @param run rejects where compose cannot read it
 */
export async function readEnvironment(
  text: string,
  { own, set, signal }: { readonly own: Variables; readonly set: Variables; readonly signal: AbortSignal },
  run: Run,
): Promise<ReadEnvironment> {
  const inherited = Object.keys(own).filter((name) => !needed.has(name));
  const env = { ...Object.fromEntries(inherited.map((name) => [name, undefined])), ...set };
  return inPrivateFolder(async (folder) => {
    const file = join(folder, "app.env");
    await writeFile(file, text, { mode: 0o600 });
    const input = JSON.stringify({ services: { values: { image: "none", env_file: [file.replaceAll("$", "$$$$")] } } });
    const { stdout, stderr } = await run(asked, { env, input, signal, cwd: folder });
    return { values: valuesIn(stdout), unset: unsetIn(stderr) };
  });
}

const asked: CommandLine = docker(
  "compose",
  "-p",
  "values",
  "--project-directory",
  "/",
  "-f",
  "-",
  "config",
  "--format",
  "json",
);

/** @param printed by `docker compose config`, which writes a dollar as two */
function valuesIn(printed: string): ReadonlyMap<string, string> {
  const { services } = JSON.parse(printed) as {
    readonly services: { readonly values: { readonly environment?: Readonly<Record<string, string | null>> } };
  };
  const values = Object.entries(services.values.environment ?? {});
  return new Map(values.flatMap(([key, value]) => (value === null ? [] : [[key, value.replaceAll("$$", "$")]])));
}

function unsetIn(warned: string): string[] {
  const names = [...warned.matchAll(/The \\?"(\w+)\\?" variable is not set/g)].map(([, name = ""]) => name);
  return [...new Set(names)];
}

/** Why compose cannot read a file, without its own words: those quote what stands there. @param name of the file in messages */
export function unreadable({ tail }: CommandFailed, name: string): string {
  const said = tail.join("\n");
  const [, line] = /line (\d+): /.exec(said) ?? [];
  const place = line === undefined ? name : `line ${line} of ${name}`;
  if (/unterminated quoted value/.test(said)) return `compose cannot read ${place}: a quotation mark is never closed`;
  if (line !== undefined)
    return `compose cannot read ${place}: write NAME=value, or NAME='value' where the value has a # or a quotation mark`;
  if (/nvalid template/.test(said))
    return `compose cannot read ${name}: a value has a \${ that does not end; put that value into single quotes`;
  const [, variable] = /required variable (\w+) is missing/.exec(said) ?? [];
  if (variable !== undefined)
    return `compose cannot read ${name}: a value wants the variable ${variable}, which is not set there before it`;
  return `compose cannot read ${name}`;
}
