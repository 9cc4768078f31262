import type { TestPorts } from "../actions/test/run.ts";
import { gitSource } from "../source/git.ts";
import { openStack, type StackWorld } from "./stack.ts";

/** The ports of `threads test`. */
export async function openTest(world: StackWorld): Promise<TestPorts> {
  const stack = await openStack(world);
  return { ...stack, source: gitSource({ processes: world.processes, root: stack.config.root }) };
}
