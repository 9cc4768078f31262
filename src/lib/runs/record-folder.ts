import { wordsOf } from "../errors/words-of.ts";
/** A folder that may not be known yet, nor ever be written to. */
export interface RecordFolder {
  /** Now, or once it is known where. */
  readonly write: (work: (place: string) => void) => void;
  /** @param find tells where */
  readonly open: (find: () => string) => void;
}

/** Of what there is to write before the folder is known. */
const mostWaiting = 10_000;

/** A full disk, or a folder that nobody may write to, costs one warning, and then nothing is written any more. */
export function recordFolder(warn: (why: string) => void): RecordFolder {
  let waiting: ((place: string) => void)[] = [];
  let folder: string | undefined;
  let isGone = false;
  const attempt = (act: () => void): void => {
    if (isGone) return;
    try {
      act();
    } catch (error) {
      isGone = true;
      warn(wordsOf(error));
    }
  };
  return {
    write: (work) =>
      attempt(() => {
        if (folder !== undefined) work(folder);
        else if (waiting.length < mostWaiting) waiting.push(work);
      }),
    open: (find) =>
      attempt(() => {
        if (folder !== undefined) return;
        folder = find();
        for (const work of waiting) work(folder);
        waiting = [];
      }),
  };
}
