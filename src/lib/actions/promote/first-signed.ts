import { ThreadsError } from "../../errors/threads-error.ts";
import type { PromotePlan } from "./plan.ts";
import type { PromotePorts } from "./ports.ts";

type Ports = Pick<PromotePorts, "ledger" | "author" | "clock" | "progress">;

/** After the first promotion that is signed the gate holds. That promotion is done already: no record stands in its way. */
export async function keepFirstSigned({ target, facts, gates }: PromotePlan, ports: Ports): Promise<void> {
  const passed = gates.some(({ gate, state }) => gate === "signature" && state === "passed");
  if (!passed || facts.gates.signatures?.first !== undefined) return;
  const { environment, resolved } = target;
  const first = { bundle: resolved.published.digest, by: ports.author, at: new Date(ports.clock.now()).toISOString() };
  try {
    await ports.ledger.recordFirstSigned(environment.name, first);
  } catch (error) {
    if (!(error instanceof ThreadsError)) throw error;
    ports.progress.warn(
      `that the gate signature has passed is not on record, so it only warns as before: ${error.message}`,
    );
  }
}
