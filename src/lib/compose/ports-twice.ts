import { portMapping } from "../text/port-mapping.ts";
import { withDefaults } from "../text/variables.ts";
import type { Problem } from "./problem.ts";
import type { OpenService, RawPort } from "./raw-model.ts";

interface Taken {
  readonly service: string;
  /** As the file has it; empty where it is bound to every address. */
  readonly address: string;
  readonly port: string;
}

/**
 * Ports of a host that are wanted twice: compose puts the lists of several files together, and docker finds out last, on the
 * host, that the second one of a container is taken by the first.
 */
export function portsTwice(services: Readonly<Record<string, OpenService>>): readonly Problem[] {
  const all = Object.entries(services).flatMap(([service, { ports = [] }]) =>
    ports.flatMap((port) => taken(service, port)),
  );
  return all.flatMap((one, index) => {
    const other = all
      .slice(0, index)
      .find((before) => before.port === one.port && overlap(before.address, one.address));
    return other === undefined ? [] : [{ service: one.service, says: clash(one, other) }];
  });
}

function clash({ service, address, port }: Taken, other: Taken): string {
  const where = (text: string): string => (text === "" ? "every address" : text);
  return service === other.service
    ? `publishes ${port} twice, on ${where(other.address)} and on ${where(address)}: take one of them out; where a later compose file is to replace the list, write \`ports: !override\` there`
    : `publishes ${port}, as ${other.service} does: give one of them another port`;
}

function taken(service: string, port: string | RawPort): Taken[] {
  const { published, protocol = "tcp", host_ip, address = host_ip ?? "" } = longForm(port);
  const number = withDefaults(published === undefined ? "" : String(published));
  return protocol === "tcp" && /^[1-9]\d*$/.test(number) ? [{ service, address, port: number }] : [];
}

function longForm(port: string | RawPort): RawPort & { readonly address?: string | undefined } {
  return typeof port === "string" ? portMapping(port) : port;
}

const every = new Set(["", "0.0.0.0", "::"]);

/** Without an address docker binds to those of both families. */
function overlap(one: string, other: string): boolean {
  if (one === "" || other === "") return true;
  const isSameFamily = one.includes(":") === other.includes(":");
  return isSameFamily && (one === other || every.has(one) || every.has(other));
}
