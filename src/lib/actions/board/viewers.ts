import { unlessAborted } from "../../clock/unless-aborted.ts";
import type { BoardResult } from "./result.ts";

/** The pages that are in sight. */
export interface Viewers {
  /** @param gone aborted when it is no longer in sight */
  add(tell: (board: BoardResult) => void, gone: AbortSignal): void;
  tell(board: BoardResult): void;
  /** Resolves as soon as there is one. @throws the signal's reason */
  present(signal: AbortSignal): Promise<void>;
}

export function viewersOf(): Viewers {
  const all = new Set<(board: BoardResult) => void>();
  let come = Promise.withResolvers<void>();
  return {
    add: (tell, gone) => {
      if (gone.aborted) return;
      all.add(tell);
      come.resolve();
      gone.addEventListener(
        "abort",
        () => {
          all.delete(tell);
          if (all.size === 0) come = Promise.withResolvers();
        },
        { once: true },
      );
    },
    tell: (board) => all.forEach((tell) => tell(board)),
    present: (signal) => unlessAborted(signal, () => come.promise),
  };
}
