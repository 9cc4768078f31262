import { cleanUp } from "../../compose/commands.ts";
import type { Compose } from "../../compose/docker-compose.ts";
import type { LabelledStack } from "../../compose/stale.ts";
import type { Next } from "../../errors/next.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { commandText } from "../../process/processes.ts";
import { type Progress, step } from "../../progress/progress.ts";
import { smokeStacks, stateOf, type StacksPorts } from "./stacks.ts";

/** What `threads smoke down` removed, or would remove. */
export interface SmokeDownResult extends Next {
  /** planned: nothing was done yet. partly-down: some of it could not be removed. */
  readonly outcome: "down" | "planned" | "partly-down" | "nothing-kept";
  /** Compose projects. */
  readonly stacks: readonly string[];
  /** What could not be removed, and why. */
  readonly failed: readonly { readonly project: string; readonly says: string }[];
}

export interface SmokeDownPorts extends StacksPorts {
  readonly compose: StacksPorts["compose"] & Pick<Compose, "remove" | "untag">;
  /** Names of the images that were built for a run. */
  readonly imagesOf: (project: string) => Promise<readonly string[]>;
  readonly progress: Progress;
}

/**
 * Removes smoke stacks of the application with their volumes and images: those that are named, or all that are kept.
 * @throws ThreadsError UNKNOWN_STACK, STACK_AT_WORK
 */
export async function downSmoke(
  { projects, dryRun }: { readonly projects: readonly string[]; readonly dryRun: boolean },
  ports: SmokeDownPorts,
): Promise<SmokeDownResult> {
  const found = await smokeStacks(ports);
  const stacks = projects.length === 0 ? keptOf(found, ports) : projects.map((name) => named(name, found, ports));
  const none = { stacks, failed: [], advice: [] };
  if (stacks.length === 0) return { outcome: "nothing-kept", ...none, next: [] };
  if (dryRun) return { outcome: "planned", ...none, next: [`threads smoke down ${stacks.join(" ")}`] };
  const failed: { project: string; says: string }[] = [];
  for (const project of stacks) {
    ports.signal.throwIfAborted();
    try {
      await step(ports.progress, `Take ${project} down`, () => remove(project, ports));
    } catch (error) {
      if (ports.signal.aborted || !(error instanceof ThreadsError)) throw error;
      failed.push({ project, says: error.message });
    }
  }
  const next = failed.map(({ project }) => commandText(cleanUp(project)));
  return { outcome: failed.length === 0 ? "down" : "partly-down", stacks, failed, next, advice: [] };
}

function keptOf(found: readonly LabelledStack[], { alive }: SmokeDownPorts): string[] {
  return found.filter((stack) => stateOf(stack, alive) === "kept").map(({ project }) => project);
}

function named(name: string, found: readonly LabelledStack[], { alive, config }: SmokeDownPorts): string {
  const stack = found.find(({ project }) => project === name);
  if (stack === undefined)
    throw new ThreadsError("UNKNOWN_STACK", {
      message: `${config.app} has no smoke stack ${name} on this machine`,
      next: ["threads smoke list"],
    });
  // What a number of a process says of a kept one is old: another may have it by now.
  if (!stack.kept && stateOf(stack, alive) === "working")
    throw new ThreadsError("STACK_AT_WORK", {
      message: `${name} belongs to a run that is still at work (${stack.owner})`,
      next: ["threads smoke list"],
      advice: ["end that run with Ctrl-C: it takes its stack down itself"],
    });
  return name;
}

async function remove(project: string, { compose, imagesOf, signal }: SmokeDownPorts): Promise<void> {
  const images = await imagesOf(project);
  await compose.remove(project, signal);
  await compose.untag(images, signal);
}
