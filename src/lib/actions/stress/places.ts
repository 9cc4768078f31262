import type { Config, EnvironmentConfig } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Member } from "../../fleet/target.ts";
import type { Place } from "./plan.ts";

/** What is known of addresses. */
export interface Addresses {
  /** Of the sandbox's hosts, by id, null where only programs on the host reach it; undefined where AWS is another one. */
  readonly hosts: ReadonlyMap<string, string | null> | undefined;
  /** Of environments, by name. */
  readonly urls: Readonly<Record<string, string>>;
}

/**
 * Where an environment is asked: in a sandbox every host by itself, through its edge; else at the address that people use.
 * @throws ThreadsError NO_URL (refused)
 */
export function placesOf(
  { name }: EnvironmentConfig,
  hosts: readonly Member[],
  {
    addresses: { hosts: known, urls },
    config,
  }: { readonly addresses: Addresses; readonly config: Pick<Config, "file"> },
): readonly Place[] {
  if (known !== undefined) {
    const places = hosts.map((host) => ({ host: host.name, url: known.get(host.id) ?? undefined }));
    const reached = places.flatMap(({ host, url: at }) => (at === undefined ? [] : [{ host, url: at }]));
    if (reached.length === places.length) return reached;
    throw new ThreadsError("NO_URL", {
      message: `${name} answers to programs on its hosts only: the compose file publishes its port on an address of the host`,
      next: ["threads sandbox status"],
      advice: ["publish the port without an address to reach it from this machine"],
    });
  }
  const url = urls[name];
  if (url !== undefined) return [{ host: null, url }];
  throw new ThreadsError("NO_URL", {
    message: `where ${name} answers is not known: it has no url in ${config.file}`,
    advice: [`write below environments.${name}: url: https://…`],
  });
}
