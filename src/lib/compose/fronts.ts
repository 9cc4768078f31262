import type { OpenService } from "./raw-model.ts";
import { publishedPorts } from "./published-ports.ts";

/** A port that the edge has on a host, for one port of a slot's service. */
export interface Front {
  readonly service: string;
  /** Inside the container. */
  readonly target: number;
  /** Where the edge listens, variables open: `${HTTP_PORT:-80}`, `127.0.0.1:9000`. */
  readonly published: string;
  readonly mode: string;
  /** What the edge takes it for. */
  readonly protocol: "http" | "tcp";
}

interface Entry {
  readonly service: string;
  readonly port: number;
}

/**
 * Every published port of a slot as a front of the edge, the entry's first: by that one a slot is judged.
 * @param slot the services that each slot has
 */
export function frontsOf(
  slot: Readonly<Record<string, OpenService>>,
  { tcp, ...entry }: Entry & { readonly tcp: readonly number[] },
  problems: string[],
): Front[] {
  const all = Object.entries(slot).flatMap(([service, written]) =>
    publishedPorts(service, written, problems).map((port) => ({
      service,
      ...port,
      protocol: tcp.includes(port.target) ? ("tcp" as const) : ("http" as const),
    })),
  );
  const owner = portOwner(slot, entry.service);
  const own = all.filter(({ service }) => service === owner);
  const first = own.find(({ target }) => target === entry.port) ?? own[0] ?? unpublished(slot, owner, entry) ?? all[0];
  if (first === undefined) {
    problems.push(`publishes no port: with runtime.strategy: slots one has to, for the edge to stand in front of it`);
    return [];
  }
  if (first.protocol === "tcp")
    problems.push(`answers HTTP on port ${first.target}: take that out of runtime.edge.tcp in threads.yml`);
  for (const port of tcp.filter((one) => !all.some(({ target }) => target === one)))
    problems.push(`publishes no port ${port} of a container, but runtime.edge.tcp in threads.yml names it`);
  return [first, ...all.filter((front) => front !== first)];
}

/** A host of ours knows by HTTP_PORT on which port it has to answer, whatever the file says. */
function unpublished(slot: Readonly<Record<string, OpenService>>, service: string, { port }: Entry): Front | undefined {
  return slot[service] === undefined
    ? undefined
    : { service, target: port, published: "${HTTP_PORT}", mode: "host", protocol: "http" };
}

/** The service that has the network of this one, and with it its ports. */
function portOwner(slot: Readonly<Record<string, OpenService>>, service: string): string {
  const other = /^service:(.+)$/.exec(slot[service]?.network_mode ?? "")?.[1];
  return other === undefined || slot[other] === undefined ? service : portOwner(slot, other);
}
