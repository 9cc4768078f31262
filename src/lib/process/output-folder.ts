import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ThreadsError } from "../errors/threads-error.ts";

/**
 * Makes a folder that gets files minutes from now, or sees that it can be written to. One that is made here git passes over: the
 * next command would find the working tree changed.
 * @param folder absolute path. @param flag by which it was named. @throws ThreadsError FILE_NOT_USABLE (usage)
 */
export function makeOutputFolder(folder: string, flag: string): void {
  usable({ says: "nothing can", place: folder, flag }, () => {
    const isMade = mkdirSync(folder, { recursive: true }) !== undefined;
    accessSync(folder, constants.W_OK);
    if (isMade) writeFileSync(join(folder, ".gitignore"), "*\n");
  });
}

/** Does what a place must let us do. @throws ThreadsError FILE_NOT_USABLE (usage) */
export function usable<T>(
  { says, place, flag }: { readonly says: string; readonly place: string; readonly flag: string },
  act: () => T,
): T {
  try {
    return act();
  } catch (error) {
    throw new ThreadsError("FILE_NOT_USABLE", {
      message: `${says} be written to ${place}: ${(error as Error).message}`,
      advice: [`name another place with ${flag}`],
      cause: error,
    });
  }
}
