import type { HostedEnvironment } from "../fleet/hosts.ts";
import type { Target } from "../fleet/target.ts";
import { runHost } from "./carry-out-order.ts";
import { commandsFor } from "./host-command.ts";
import type { HostTargetPorts } from "./ports.ts";
import { requireOrders } from "./require-orders.ts";
import { hostSight } from "./sight.ts";
import { aftermathMs } from "./time-limits.ts";

/** The hosts of an environment, which get their orders as scripts by SSM. */
export function hostTarget(environment: HostedEnvironment, ports: HostTargetPorts): Target {
  const { config, remote } = ports;
  const own = { ...ports, environment: environment.name };
  return {
    ...hostSight(environment, { app: config.app, remote }),
    aftermathMs,
    ready: () => requireOrders(environment.name, ports),
    give: (orders) => {
      const commandOf = commandsFor(orders, own);
      return (order, step) => runHost({ order, command: commandOf(order) }, step, own);
    },
  };
}
