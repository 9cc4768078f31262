import type { LockPorts } from "../actions/lock/run.ts";
import { openLedger } from "./ledger.ts";
import type { World } from "./world.ts";

/** The ports of `threads lock`. */
export function openLock(
  world: Pick<World, "config" | "aws" | "clock" | "signal" | "progress" | "runtime">,
): Promise<LockPorts> {
  return openLedger(world, world.signal);
}
