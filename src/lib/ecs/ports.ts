import type { RawPort } from "../compose/raw-model.ts";
import { portMapping } from "../text/port-mapping.ts";
import type { ServiceReport } from "./report.ts";
import type { PortMapping } from "./task-definition.ts";

/** What of ports is a container's own: which number a host has for it, and what decides that, is nobody's affair on ECS. */
export function insidePorts(ports: readonly (string | RawPort)[]): RawPort[] {
  return ports.map((port) => {
    const { target, protocol } = typeof port === "string" ? portMapping(port) : port;
    return { target, ...(protocol !== undefined && { protocol }) };
  });
}

/** Ports inside the container; a host's are nobody's, since each task has an address of its own (network mode awsvpc). */
export function portsOf(ports: readonly RawPort[], report: ServiceReport): PortMapping[] {
  const found = ports.map(({ target, protocol = "tcp" }): PortMapping => {
    const containerPort = Number(target);
    // What is empty was a variable, and is refused as one.
    if (String(target) !== "" && !(Number.isInteger(containerPort) && containerPort > 0))
      report.refuse(`publishes ${String(target)}: write each port inside the container out`);
    if (protocol !== "tcp" && protocol !== "udp")
      report.refuse(`publishes ${String(target)}/${protocol}, and ECS has tcp and udp only`);
    return { containerPort, protocol: protocol === "udp" ? "udp" : "tcp" };
  });
  const key = ({ containerPort, protocol }: PortMapping): string => `${containerPort}/${protocol}`;
  return [...new Map(found.map((port) => [key(port), port])).values()];
}
