import { ThreadsError } from "../errors/threads-error.ts";
import { CommandFailed } from "../process/processes.ts";
import { assumedUnchanged } from "./assumed-unchanged.ts";
import { placesOf } from "./places.ts";
import type { Git } from "./run-git.ts";
import type { Apart, Changed, Commit } from "./source.ts";

interface Asked {
  readonly name: string;
  readonly paths: readonly string[];
}

/** See Source. */
export async function changedSince(
  git: Git,
  { name, paths }: Asked,
  resolve: (name: string) => Promise<Commit>,
): Promise<Changed | Apart> {
  const from = await parted(git, (await resolve(name)).revision);
  if (from === undefined)
    return (await git(["rev-parse", "--is-shallow-repository"])).trim() === "true" ? "shallow" : "unrelated";
  if (paths.length === 0) return { from, files: [] };
  const top = (await git(["rev-parse", "--show-toplevel"])).replace(/\n$/, "");
  // Paths as they are, with no sign in them that would stand for others.
  const places = [...new Set(paths.flatMap((path) => placesOf(path, top)))].map((place) => `:(literal)${place}`);
  // A person's own configuration may leave out what lies elsewhere, and submodules.
  const all = ["--no-renames", "--no-ext-diff", "--no-relative", "--ignore-submodules=none"];
  const [committed, untracked, hidden] = await Promise.all([
    git(["diff", "--name-only", ...all, "-z", from, "--", ...places]),
    git(["ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", ...places]),
    assumedUnchanged(git, places),
  ]);
  const files = [...committed.split("\0"), ...untracked.split("\0"), ...hidden].filter((file) => file !== "");
  return { from, files: [...new Set(files)].toSorted() };
}

/** The commit that both have last; undefined where this clone has none, since it is shallow or they have nothing in common. */
async function parted(git: Git, revision: string): Promise<string | undefined> {
  try {
    return (await git(["merge-base", "--end-of-options", revision, "HEAD"])).trim();
  } catch (error) {
    const { cause } = error instanceof ThreadsError ? error : {};
    // Where it finds none it says nothing, and 1 is also how it ends where it cannot read on.
    const isNone = cause instanceof CommandFailed && cause.exitCode === 1 && cause.tail.join("").trim() === "";
    if (isNone) return undefined;
    throw error;
  }
}
