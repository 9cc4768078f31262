import type { FreezePorts } from "../actions/freeze/run.ts";
import { author } from "../ledger/author.ts";
import { openLedger } from "./ledger.ts";
import type { World } from "./world.ts";

/** The ports of `threads freeze`. */
export async function openFreeze(
  world: Pick<World, "config" | "aws" | "clock" | "signal" | "progress" | "env" | "runtime">,
): Promise<FreezePorts> {
  const { clock, progress, signal } = world;
  return { ...(await openLedger(world, signal)), author: author(world.env), progress, clock };
}
