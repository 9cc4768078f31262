import type { ComposeFile, ComposeService } from "../../project/compose-file.ts";
import { servicesOf } from "../../project/merge.ts";
import { isData } from "./entry.ts";
import type { Stacks } from "./stacks.ts";

/** The service that runs the suites, and the files it stands in. */
export interface Suites {
  readonly files: readonly ComposeFile[];
  readonly service: string;
  readonly because: string;
}

const words = "(?:tests?|testing|suites?|sut|specs?)";
const alone = new RegExp(`^(?:${words}|ci)$`);
const among = new RegExp(`(?:^|[._-])${words}(?:$|[._-])`);

/** In a file of their own, or behind a profile of those that are run anyway; undefined where there are none to be seen. */
export function suitesOf({ test, smoke, runtime }: Stacks): Suites | undefined {
  return inFileOfTheirOwn(test) ?? behindProfile(smoke) ?? behindProfile(runtime);
}

function inFileOfTheirOwn(files: readonly ComposeFile[]): Suites | undefined {
  const [own] = files.slice(-1);
  const lines = new Map(own?.services.map(({ name, line }) => [name, line]));
  const candidates = servicesOf(files).filter((service) => lines.has(service.name) && !isData(service));
  const named =
    candidates.find(({ name }) => /test|suite|sut|spec/.test(name)) ?? candidates.find(({ built }) => built);
  return own === undefined || named === undefined
    ? undefined
    : { files, service: named.name, because: `${own.path}:${lines.get(named.name)}` };
}

/** What the profile starts beside them, a database or a browser, is not built here. */
function behindProfile(files: readonly ComposeFile[]): Suites | undefined {
  const hidden = servicesOf(files).filter(({ profiles, built }) => built && profiles.length > 0);
  const named = hidden.find(({ name }) => among.test(name));
  const suites = named ?? hidden.find((service) => profileOf(service) !== undefined);
  if (suites === undefined) return undefined;
  const { name, profiles } = suites;
  return { files, service: name, because: `runs with the profile ${profileOf(suites) ?? profiles[0] ?? ""}` };
}

function profileOf({ profiles }: ComposeService): string | undefined {
  return profiles.find((profile) => alone.test(profile));
}
