import { ThreadsError } from "../errors/threads-error.ts";
import { assumedUnchanged } from "./assumed-unchanged.ts";
import { placesOf } from "./places.ts";
import type { Git } from "./run-git.ts";
import type { Changed, Commit } from "./source.ts";

interface Asked {
  readonly name: string;
  readonly paths: readonly string[];
}

/** See Source. */
export async function changedSince(
  git: Git,
  { name, paths }: Asked,
  resolve: (name: string) => Promise<Commit>,
): Promise<Changed | undefined> {
  const from = await parted(git, (await resolve(name)).revision);
  if (from === undefined) return undefined;
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
    if (error instanceof ThreadsError && error.code === "GIT_FAILED") return undefined;
    throw error;
  }
}
