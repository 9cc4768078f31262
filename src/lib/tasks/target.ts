import { patienceMs } from "../aws/patient-calls.ts";
import type { EcsEnvironment } from "../ecs/environment-on-ecs.ts";
import type { Target } from "../fleet/target.ts";
import { applicationOf } from "./application.ts";
import { carryOutOrder } from "./carry-out-order.ts";
import { definitionReader } from "./definitions.ts";
import type { TaskTargetPorts } from "./ports.ts";
import { taskSight } from "./sight.ts";

/** An environment on ECS: its services get their orders by the API, and ECS starts and stops their tasks. */
export function taskTarget(environment: EcsEnvironment, ports: TaskTargetPorts): Target {
  const application = applicationOf(environment, ports.config);
  const read = definitionReader(ports.call);
  return {
    ...taskSight(environment, ports),
    // An order that fails goes back by itself, and has as long for that as it had; each end is waited for by calls.
    aftermathMs: environment.timeoutMs + 2 * patienceMs,
    ready: async () => undefined,
    takes: async (release) => {
      await ports.translated?.(environment.name, release);
    },
    give: () => (order, step) => {
      const tell = (text: string): void => step.update(text);
      return carryOutOrder(order, { ...ports, environment, application, read, tell });
    },
  };
}
