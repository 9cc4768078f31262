import { carriedFolder } from "../compose/carried.ts";
import type { Compose } from "../compose/docker-compose.ts";
import { composeFileFault } from "../compose/file-fault.ts";
import type { Resources } from "../compose/raw-model.ts";
import type { EcsFacts, Settings } from "./facts.ts";

interface EnvFilePorts {
  readonly compose: Pick<Compose, "environment">;
  /** What is set for compose files. */
  readonly own: ReadonlyMap<string, string>;
  readonly settings: Settings;
  readonly signal: AbortSignal;
}

/**
 * Files of variables that were committed travel in the bundle. Compose reads them, here as on a host; what it would take there from
 * the application's environment stands open, as it does in a compose file.
 * @param textIn the text of a file of the bundle. @throws ThreadsError COMPOSE_FILE
 */
export async function readEnvFiles(
  { services }: Resources,
  textIn: (name: string) => string,
  ports: EnvFilePorts,
): Promise<NonNullable<EcsFacts["envFiles"]>> {
  const all = Object.values(services).flatMap(({ env_file: list = [] }) => list.map(({ path }) => path));
  const paths = [...new Set(all)].filter((path) => path.startsWith(`./${carriedFolder}/`));
  const read = paths.map(async (path) => {
    const name = path.slice(`./${carriedFolder}/`.length);
    return [path, await readOpen(textIn(`model/${path.slice("./".length)}`), name, ports)] as const;
  });
  return new Map(await Promise.all(read));
}

/** A value that compose is given for a name, and that is found again in what it makes of the file: no file has these letters. */
const marked = (name: string): string => `\uE000${name}\uE001`;

/** What docker and compose themselves take notice of while they read, see env-reader.ts. */
const dockersOwn = /^(?:DOCKER_\w+|COMPOSE_\w+|PATH|HOME)$/;

async function readOpen(
  text: string,
  file: string,
  { compose, own, settings, signal }: EnvFilePorts,
): Promise<ReadonlyMap<string, string>> {
  const explain = (why: (name: string) => string) =>
    composeFileFault(why(file), `correct ${file}, and publish a new commit`);
  const read = (names: Iterable<string>) => {
    const marks = [...names]
      .filter((name) => /^\w+$/.test(name) && !dockersOwn.test(name))
      .map((name) => [name, marked(name)] as const);
    const set = Object.fromEntries([...marks, ...own]);
    return compose.environment(text, { set, signal, explain });
  };
  const asked = new Set([...(settings.names ?? []), ...namesAlone(text)]);
  const first = await read(asked);
  // What nobody sets is empty on a host as well, but there somebody could: it has to be said.
  const { values } = first.unset.length === 0 ? first : await read([...asked, ...first.unset]);
  return new Map([...values].map(([name, value]) => [name, asWritten(value)]));
}

/** What is passed on from outside: `NAME` in a line of its own. Within a text of several lines it is set for nobody. */
function namesAlone(text: string): string[] {
  return [...text.matchAll(/^\s*(?:export\s+)?(\w+)\s*$/gm)].map(([, name = ""]) => name);
}

/** As a compose file would have it. */
function asWritten(value: string): string {
  return value.replaceAll("$", "$$$$").replaceAll(/\uE000(\w+)\uE001/g, "$${$1}");
}
