import type { TestPorts } from "../actions/test/run.ts";
import { copyOut } from "../docker/copy-out.ts";
import { gitSource } from "../source/git.ts";
import { bringReports } from "../suites/reports.ts";
import { openStack, type StackWorld } from "./stack.ts";

/** The ports of `threads test`. */
export async function openTest(world: StackWorld): Promise<TestPorts> {
  const stack = await openStack(world);
  const source = gitSource({ processes: world.processes, root: stack.config.root });
  return { ...stack, env: world.env, source, reports: bringReports((what) => copyOut(what, world)) };
}
