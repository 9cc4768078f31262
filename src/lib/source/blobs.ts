import { ThreadsError } from "../errors/threads-error.ts";
import { shortRevision } from "../release/revision.ts";

/**
 * @param output of `git cat-file --batch`, one character a byte: for each name a line that tells the size, the bytes, a newline
 * @throws ThreadsError FILE_NOT_COMMITTED
 */
export function readBlobs(
  output: string,
  { revision, paths }: { readonly revision: string; readonly paths: readonly string[] },
): Uint8Array[] {
  let at = 0;
  return paths.map((path) => {
    const line = output.slice(at, output.indexOf("\n", at));
    const [, size] = /^[0-9a-f]+ blob (\d+)$/.exec(line) ?? [];
    if (size === undefined)
      throw new ThreadsError("FILE_NOT_COMMITTED", {
        message: `${path} is not part of commit ${shortRevision(revision)}`,
        next: [`git add ${path} && git commit`],
      });
    const start = at + line.length + 1;
    at = start + Number(size) + 1;
    return Buffer.from(output.slice(start, at - 1), "latin1");
  });
}
