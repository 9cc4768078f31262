import { suggest } from "../config/suggest.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { list } from "../text/words.ts";
import { hostText } from "./hosts.ts";
import type { Member } from "./target.ts";

interface Named {
  /** Name or id, as it was typed. */
  readonly host: string;
  readonly environment: string;
  /** The line for another host. */
  readonly type: (host: string) => string;
}

/** The one host that a name or an id means. @throws ThreadsError UNKNOWN_HOST (usage), with what may have been meant */
export function namedHost<Of extends HostName>(hosts: readonly Of[], { host, environment, type }: Named): Of {
  const found = hosts.filter(({ id, name }) => id === host || name === host);
  const [one] = found;
  if (one !== undefined && found.length === 1) return one;
  if (found.length > 1)
    throw new ThreadsError("UNKNOWN_HOST", {
      message: `${found.length} hosts of ${environment} are called ${host}: ${found.map(({ id }) => id).join(", ")}`,
      next: found.map(({ id }) => type(id)),
    });
  const addresses = hosts.map((each) => addressOf(each, hosts));
  const meant = suggest(
    host,
    hosts.flatMap(({ id, name }) => [id, name]),
  );
  const first = meant === undefined ? addresses : [meant, ...addresses.filter((each) => each !== meant)];
  throw new ThreadsError("UNKNOWN_HOST", {
    message: `${environment} has no host ${host}, only ${list(hosts.map(hostText))}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    next: first.map(type),
  });
}

type HostName = Pick<Member, "id" | "name">;

/** What names a host and no other. */
export function addressOf({ id, name }: HostName, hosts: readonly HostName[]): string {
  return hosts.filter((other) => other.name === name).length === 1 ? name : id;
}
