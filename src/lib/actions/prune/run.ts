import { rm } from "node:fs/promises";
import { cleanUp } from "../../compose/commands.ts";
import type { Compose } from "../../compose/docker-compose.ts";
import type { Leftovers } from "../../compose/leftovers.ts";
import { removeImages } from "../../docker/commands.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { type CommandLine, commandText } from "../../process/processes.ts";
import { type Progress, step } from "../../progress/progress.ts";
import type { PruneResult } from "./result.ts";

export interface PrunePorts {
  readonly compose: Pick<Compose, "remove" | "untag">;
  readonly leftovers: () => Promise<Leftovers>;
  readonly progress: Progress;
  /** Aborted by Ctrl-C: nothing more is begun. */
  readonly signal: AbortSignal;
}

/** Removes what killed runs have left on this machine; without `yes` it only says what that is. */
export async function prune({ yes }: { readonly yes: boolean }, ports: PrunePorts): Promise<PruneResult> {
  const { progress } = ports;
  const found = await step(progress, "Look for what killed runs have left", ports.leftovers);
  const isEmpty = [found.stacks, found.images, found.folders].every((all) => all.length === 0);
  if (isEmpty) return { outcome: "nothing-to-prune", ...found, failed: [], next: [], advice: [] };
  if (!yes) return { outcome: "planned", ...found, failed: [], next: ["threads prune --yes"], advice: [] };
  const left = await step(progress, "Remove it", () => removeAll(found, ports));
  const failed = left.map(({ what, says }) => ({ what, says }));
  const outcome = failed.length === 0 ? "pruned" : "partly-pruned";
  return { outcome, ...found, failed, next: [...new Set(left.flatMap(({ next }) => next))], advice: [] };
}

/** What is still there. */
interface Left {
  readonly what: string;
  readonly says: string;
  /** The cure that its failure names, else what removes it by hand. */
  readonly next: readonly string[];
}

/** Stacks first: their containers hold the images, and read the folders. */
async function removeAll(found: Leftovers, { compose, signal }: PrunePorts): Promise<Left[]> {
  const failed: Left[] = [];
  const attempt = async (what: string, byHand: CommandLine, remove: () => Promise<void>): Promise<void> => {
    signal.throwIfAborted();
    try {
      await remove();
    } catch (error) {
      if (signal.aborted || !(error instanceof ThreadsError || isFileFault(error))) throw error;
      const cure = error instanceof ThreadsError ? error.next : [];
      failed.push({ what, says: error.message, next: cure.length > 0 ? cure : [commandText(byHand)] });
    }
  };
  for (const project of found.stacks) await attempt(project, cleanUp(project), () => compose.remove(project, signal));
  for (const image of found.images) await attempt(image, removeImages([image]), () => compose.untag([image], signal));
  for (const folder of found.folders)
    await attempt(folder, asRoot(folder), () => rm(folder, { recursive: true, force: true }));
  return failed;
}

/** What a container has written there belongs to its user, mostly root. */
function asRoot(folder: string): CommandLine {
  return { file: "sudo", args: ["rm", "-rf", "--", folder] };
}

function isFileFault(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
