import type { SmokePorts } from "../actions/smoke/run.ts";
import { dockerArchive } from "../docker/archive.ts";
import { gitSource } from "../source/git.ts";
import { openStack, type StackWorld } from "./stack.ts";

/** The ports of `threads smoke`. */
export async function openSmoke(world: StackWorld): Promise<SmokePorts> {
  const stack = await openStack(world);
  const { processes, signal } = world;
  const source = gitSource({ processes, root: stack.config.root });
  return { ...stack, source, archive: dockerArchive({ processes, signal }) };
}
