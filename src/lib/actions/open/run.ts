import { suggest } from "../../config/suggest.ts";
import type { Config } from "../../config/config.ts";
import { environmentOf } from "../../config/environment.ts";
import type { Next } from "../../errors/next.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { commandText } from "../../process/processes.ts";
import { list } from "../../text/words.ts";

export interface OpenOptions {
  readonly environment: string;
  /** Id or name. */
  readonly host: string | undefined;
}

/** Where a host answers. */
interface Place {
  readonly id: string;
  readonly name: string;
  readonly environment: string;
  /** Null where only programs on the host reach it. */
  readonly url: string | null;
}

export interface OpenPorts {
  readonly config: Pick<Config, "environments" | "file">;
  /** Of the sandbox; undefined where AWS is another one. */
  readonly places: readonly Place[] | undefined;
  /** Services of ECS behind the sandbox's load balancer. */
  readonly services: readonly { readonly environment: string; readonly url: string }[];
  /** Shows an address to the person; undefined where nobody is there to see it. */
  readonly browse: ((url: string) => Promise<boolean>) | undefined;
}

export interface OpenResult extends Next {
  readonly outcome: "opened" | "printed";
  readonly environment: string;
  /** Where it answers, the one that is opened first. */
  readonly urls: readonly {
    readonly url: string;
    /** Name of the host that answers there; null for the address of the whole environment. */
    readonly host: string | null;
  }[];
}

/** Where an environment answers, and the first of it in a browser. @throws ThreadsError UNKNOWN_ENVIRONMENT, UNKNOWN_HOST (usage), NO_URL (refused) */
export async function open(options: OpenOptions, ports: OpenPorts): Promise<OpenResult> {
  const { config, browse } = ports;
  const { name } = environmentOf(config, options.environment, (other) => openLine({ ...options, environment: other }));
  const urls = urlsOf({ ...options, environment: name }, ports);
  const opened = browse !== undefined && (await browse(urls[0].url));
  const advice = browse === undefined || opened ? [] : ["no browser could be started on this machine"];
  return { outcome: opened ? "opened" : "printed", environment: name, urls, next: [], advice };
}

type Urls = readonly [OpenResult["urls"][number], ...OpenResult["urls"]];

/** In a sandbox its own hosts: the address in threads.yml is that of another world. */
function urlsOf({ environment, host }: OpenOptions, { config, places, services }: OpenPorts): Urls {
  const own = (places ?? []).filter((place) => place.environment === environment);
  const url = config.environments[environment]?.url;
  if (host !== undefined && own.length > 0) {
    const [only] = asUrl(named(own, host, environment));
    if (only === undefined) throw bound(environment);
    return [only];
  }
  if (host !== undefined)
    throw new ThreadsError("NO_URL", {
      message: `where ${host} answers is not known: threads knows that of the sandbox's hosts only`,
      next: url === undefined ? ["threads sandbox up"] : [`threads open -e ${environment}`],
    });
  const balanced = services.filter((service) => service.environment === environment);
  const [first, ...others] = [...own.flatMap(asUrl), ...balanced.map((one) => ({ url: one.url, host: null }))];
  if (first !== undefined) return [first, ...others];
  if (url !== undefined && places === undefined) return [{ url, host: null }];
  throw own.length > 0 ? bound(environment) : noUrl(environment, config, places !== undefined);
}

function asUrl({ url, name }: Place): OpenResult["urls"][number][] {
  return url === null ? [] : [{ url, host: name }];
}

function bound(environment: string): ThreadsError {
  return new ThreadsError("NO_URL", {
    message: `${environment} answers to programs on its hosts only: the compose file publishes its port on an address of the host`,
    next: ["threads sandbox status"],
    advice: ["publish the port without an address to see it from this machine"],
  });
}

function named(places: readonly Place[], host: string, environment: string): Place {
  const found = places.find(({ id, name }) => id === host || name === host);
  if (found !== undefined) return found;
  const names = places.map(({ name }) => name);
  const meant = suggest(host, names);
  throw new ThreadsError("UNKNOWN_HOST", {
    message: `${environment} has no host ${host}, only ${list(names)}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    next: (meant === undefined ? names : [meant]).map((name) => openLine({ environment, host: name })),
  });
}

function noUrl(environment: string, { file }: OpenPorts["config"], inSandbox: boolean): ThreadsError {
  const message = `where ${environment} answers is not known`;
  if (inSandbox)
    return new ThreadsError("NO_URL", {
      message: `${message}: the sandbox has neither a host nor a target group of it`,
      next: ["threads sandbox status"],
    });
  return new ThreadsError("NO_URL", {
    message: `${message}: it has no url in ${file}`,
    advice: [`write below environments.${environment}: url: https://…`],
  });
}

function openLine({ environment, host }: OpenOptions): string {
  return commandText({
    file: "threads",
    args: ["open", "-e", environment, ...(host === undefined ? [] : ["--host", host])],
  });
}
