import type { RawPort } from "../compose/raw-model.ts";
import { portMapping } from "../text/port-mapping.ts";
import type { ServiceReport } from "./report.ts";
import type { PortMapping } from "./task-definition.ts";

/** Ports inside the container; a host's are nobody's, since each task has an address of its own (network mode awsvpc). */
export function portsOf(ports: readonly (string | RawPort)[], report: ServiceReport): PortMapping[] {
  const found = ports.map((port): PortMapping => {
    const { target, protocol = "tcp" } = typeof port === "string" ? portMapping(port) : port;
    const containerPort = Number(target);
    if (!Number.isInteger(containerPort) || containerPort < 1)
      report.refuse(`publishes ${String(target)}: write each port inside the container out`);
    if (protocol !== "tcp" && protocol !== "udp")
      report.refuse(`publishes ${String(target)}/${protocol}, and ECS has tcp and udp only`);
    return { containerPort, protocol: protocol === "udp" ? "udp" : "tcp" };
  });
  const key = ({ containerPort, protocol }: PortMapping): string => `${containerPort}/${protocol}`;
  return [...new Map(found.map((port) => [key(port), port])).values()];
}
