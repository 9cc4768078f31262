import type { ApprovePorts } from "../actions/approve/run.ts";
import { author } from "../ledger/author.ts";
import { openGates } from "./gates.ts";
import type { World } from "./world.ts";

/** The ports of `threads approve` and `threads reject`. */
export async function openApproval(world: Omit<World, "detach">): Promise<ApprovePorts> {
  return { ...(await openGates(world)), author: author(world.env), clock: world.clock };
}
