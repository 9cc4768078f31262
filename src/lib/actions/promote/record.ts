import type { Promotion } from "../../ledger/promotions.ts";
import type { Told } from "./look-and-plan.ts";
import type { PromotePlan } from "./plan.ts";
import type { PromotePorts } from "./ports.ts";

/** What the ledger keeps of a promotion: who, when, by which gates, and what was overridden. */
export function recordOf(
  { plan: planned, environment }: Pick<Told, "plan" | "environment">,
  ports: Pick<PromotePorts, "author" | "clock" | "version">,
): Promotion {
  const state = (gate: PromotePlan["gates"][number]): string =>
    gate.gate === "smoke" && planned.smoke ? "passed" : gate.state;
  return {
    schema: 1,
    environment: environment.name,
    revision: planned.published.release.revision,
    bundle: planned.published.digest,
    tags: planned.labels,
    gates: Object.fromEntries(planned.gates.map((gate) => [gate.gate, state(gate)])),
    overrides: planned.gates.flatMap(({ gate, says, reason }) =>
      reason === null ? [] : [{ gate, reason, says: says.slice(0, 200) }],
    ),
    by: ports.author,
    at: new Date(ports.clock.now()).toISOString(),
    version: ports.version,
  };
}
