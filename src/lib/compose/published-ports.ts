import { portMapping } from "../text/port-mapping.ts";
import { withDefaults } from "../text/variables.ts";
import type { OpenService, RawPort } from "./raw-model.ts";

/** A port of a service that a host shows to the outside. */
export interface PublishedPort {
  /** Inside the container. */
  readonly target: number;
  /** On the host, as the file has it: `${HTTP_PORT:-80}`, or `127.0.0.1:9000` where it is bound to an address. */
  readonly published: string;
  readonly mode: string;
}

/**
 * The published ports of a service; those of which docker chooses the number are none, since nobody can rely on it.
 * @param problems takes what cannot stand behind the edge
 */
export function publishedPorts(name: string, { ports = [] }: OpenService, problems: string[]): PublishedPort[] {
  return ports.flatMap((port) => {
    const { target, published, host_ip: address = "", protocol = "tcp", mode = "host" } = longForm(port);
    const number = withDefaults(String(target));
    const shown = published === undefined ? "" : String(published);
    const problem = (what: string): [] => {
      const written = typeof port === "string" ? port : `${shown}:${String(target)}/${protocol}`;
      problems.push(
        `${name} publishes ${written}: ${what}, or name ${name} in runtime.shared, or use strategy: recreate`,
      );
      return [];
    };
    if (number.includes("$")) return problem("write the port inside the container out");
    if (shown === "" || shown === "0") return [];
    if (protocol !== "tcp") return problem(`the edge takes no ${protocol}`);
    if (isRange(number) || isRange(shown)) return problem("write each port of the range on a line of its own");
    return [{ target: Number(number), published: `${hostPart(address)}${shown}`, mode }];
  });
}

function longForm(port: string | RawPort): RawPort {
  if (typeof port !== "string") return port;
  const { address, ...rest } = portMapping(port);
  return { ...rest, ...(address !== undefined && { host_ip: address }) };
}

function hostPart(address: string): string {
  if (address === "") return "";
  return address.includes(":") && !/[[{]/.test(address) ? `[${address}]:` : `${address}:`;
}

/** A variable without default says nothing. */
function isRange(text: string): boolean {
  return withDefaults(text)
    .replaceAll(/\$\{[^{}]*\}/g, "")
    .includes("-");
}
