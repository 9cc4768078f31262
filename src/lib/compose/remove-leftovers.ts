import { rm } from "node:fs/promises";
import { removeImages } from "../docker/commands.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { type CommandLine, commandText } from "../process/processes.ts";
import { cleanUp } from "./commands.ts";
import type { Compose } from "./docker-compose.ts";
import type { Leftovers } from "./leftovers.ts";

export interface RemovePorts {
  readonly compose: Pick<Compose, "remove" | "untag">;
  /** Aborted by Ctrl-C: nothing more is begun. */
  readonly signal: AbortSignal;
}

/** What is still there. */
export interface Left {
  readonly what: string;
  readonly says: string;
  /** The cure that its failure names, else what removes it by hand. */
  readonly next: readonly string[];
}

/** Takes away what killed runs have left, and goes on where some of it cannot be. Stacks first: their containers hold the images, and read the folders. */
export async function removeLeftovers(found: Leftovers, { compose, signal }: RemovePorts): Promise<Left[]> {
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
