import type { PortMapping } from "../text/port-mapping.ts";
import { withDefaults } from "../text/variables.ts";
import type { ComposeService } from "./compose-file.ts";

/** What shows the port of a host to some of its own addresses only. */
export interface BoundPort {
  readonly service: string;
  /** `127.0.0.1:8000:8000`. */
  readonly written: string;
}

/**
 * Whether only programs on a host reach the port on which it answers, as behind a proxy of its own. What the files leave open,
 * and what a file that they include says, counts as reachable: nothing is known against it.
 */
export function boundPort(services: readonly ComposeService[], port: number): BoundPort | undefined {
  const all = services.flatMap(({ name, mappings }) =>
    mappings.filter((mapping) => maySay(mapping, port)).map((mapping) => ({ service: name, mapping })),
  );
  const [first] = all;
  if (first === undefined || all.some(({ mapping }) => isOpen(mapping))) return undefined;
  return { service: first.service, written: writtenOf(first.mapping) };
}

/** Hosts are told by this variable on which port they answer. */
const ownPort = /\$(?:HTTP_PORT\b|\{HTTP_PORT\b[^{}]*\})/g;

/** Whether it may be the port: a variable may be any. */
function maySay({ published = "", protocol = "tcp" }: PortMapping, port: number): boolean {
  if (withDefaults(protocol) !== "tcp" || published === "") return false;
  const text = withDefaults(published.replaceAll(ownPort, String(port)));
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  return first === undefined ? text.includes("$") : port >= Number(first) && port <= Number(last ?? first);
}

const everywhere: ReadonlySet<string> = new Set(["", "0.0.0.0", "::"]);

function isOpen({ address = "" }: PortMapping): boolean {
  const known = withDefaults(address).replaceAll(/^\[|\]$/g, "");
  return known.includes("$") || everywhere.has(known);
}

function writtenOf({ address = "", published = "", target }: PortMapping): string {
  return `${address.includes(":") && !/[[{]/.test(address) ? `[${address}]` : address}:${published}:${target}`;
}
