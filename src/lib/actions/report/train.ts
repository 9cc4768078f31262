import type { StoredRun } from "../../runs/stored-runs.ts";

/** Commands that are about what is checked out, where no release is named. */
const ofHead: ReadonlySet<string> = new Set(["test", "smoke", "publish", "promote", "deploy"]);

/** More of them nobody looks at. */
const longest = 40;

/** What has become of one release, oldest first. */
export interface Train {
  /** Undefined where it is about one run, of which that is not known. */
  readonly revision: string | undefined;
  readonly runs: readonly StoredRun[];
}

/**
 * The train of the newest run that tells its release, or of the one that is wanted.
 * @param all oldest first. @param wanted name of a run, the end of it, or the beginning of a revision. Undefined: there is none
 */
export function trainOf(all: readonly StoredRun[], wanted: string | undefined): Train | undefined {
  if (wanted === undefined) {
    const newest = all.findLast((run) => isWhole(aboutOf(run)));
    return newest === undefined ? undefined : trainWith(all, newest);
  }
  const named = all.find(({ name }) => name === wanted || name.endsWith(`-${wanted}`));
  if (named !== undefined) return trainWith(all, named);
  const about = all.findLast((run) => /^[0-9a-f]{4,40}$/.test(wanted) && aboutOf(run)?.startsWith(wanted) === true);
  return about === undefined ? undefined : trainWith(all, about);
}

function trainWith(all: readonly StoredRun[], run: StoredRun): Train {
  const own = aboutOf(run);
  const revision = isWhole(own) ? own : all.map(aboutOf).findLast((one) => isWhole(one) && isOf(own, one));
  if (revision === undefined) return { revision: undefined, runs: [run] };
  const runs = all.filter((one) => isOf(aboutOf(one), revision));
  return { revision, runs: runs.slice(-longest) };
}

function isOf(about: string | undefined, revision: string | undefined): boolean {
  return about !== undefined && revision?.startsWith(about) === true;
}

function isWhole(about: string | undefined): about is string {
  return about !== undefined && /^[0-9a-f]{40}$/.test(about);
}

/** The release that a run was about, or the beginning of its revision, by what it came to or by how it was typed. */
export function aboutOf({ begun, ended }: StoredRun): string | undefined {
  const result = (ended?.result ?? {}) as { readonly revision?: unknown; readonly release?: { revision?: unknown } };
  const told = result.revision ?? result.release?.revision;
  if (typeof told === "string") return told;
  const typed = begun.argv.find((word) => /^[0-9a-f]{7,40}$/.test(word));
  return typed ?? (ofHead.has(begun.command) ? (begun.head ?? undefined) : undefined);
}
