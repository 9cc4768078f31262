import type { SmokePorts } from "../actions/smoke/run.ts";
import { gitSource } from "../source/git.ts";
import { openStack, type StackWorld } from "./stack.ts";

/** The ports of `threads smoke`. */
export async function openSmoke(world: StackWorld): Promise<SmokePorts> {
  const stack = await openStack(world);
  return { ...stack, source: gitSource({ processes: world.processes, root: stack.config.root }) };
}
