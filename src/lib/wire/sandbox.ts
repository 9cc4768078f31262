import type { SandboxPorts } from "../sandbox/sandbox.ts";
import type { World } from "./world.ts";

/** The ports of the sandbox's life cycle. @throws ThreadsError usage, for a wrong configuration */
export async function openSandbox(
  world: Pick<World, "config" | "processes" | "progress" | "clock" | "signal">,
): Promise<SandboxPorts> {
  const { processes, progress, clock, signal } = world;
  return { config: await world.config(), processes, progress, clock, signal };
}
