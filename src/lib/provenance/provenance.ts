import { ThreadsError } from "../errors/threads-error.ts";
import { architectures, assembleBundle } from "../release/bundle.ts";
import { edgeFile, pinsOf } from "../release/pins.ts";
import { edgeName, type PublishedRelease, pulledImages, type Release } from "../release/release.ts";
import { shortRevision } from "../release/revision.ts";
import type { Source } from "../source/source.ts";
import type { CommittedPorts } from "./committed-model.ts";
import { compareFiles, type ComparePorts } from "./compare-files.ts";
import { olderFiles, type ReleaseFiles, releaseFiles } from "./release-files.ts";

/**
 * Whether a bundle is what git's own files at its commit give. same: byte for byte, or in all that compose reads out of it.
 * unknown: this machine cannot tell, and why.
 */
export type Provenance =
  | { readonly state: "same" }
  | { readonly state: "different"; readonly differences: readonly string[] }
  | { readonly state: "unknown"; readonly why: ThreadsError };

/** As a command asks for it: of one bundle once, whatever it costs. */
export type CheckProvenance = (published: PublishedRelease) => Promise<Provenance>;

/** Has git's side of a comparison made while the bundle is still being looked for; fails where nobody sees it. */
export type ReadAhead = (revision: string) => void;

/** What git has of a commit, read once, for the comparison and for whoever wants to know more of it. @throws what git and compose throw */
export type ReadFiles = (revision: string) => Promise<ReleaseFiles>;

/** Where the sources of a commit are. */
interface CommittedSources extends CommittedPorts {
  readonly source: Pick<Source, "files" | "filesAt" | "resolve">;
}

export interface ProvenancePorts extends CommittedSources, ComparePorts {
  readonly source: CommittedSources["source"];
}

/**
 * Makes the bundle of a commit anew and compares: where the digest is the same, everything in it is, and nothing was asked of the
 * registry. Otherwise, as after another version of compose, it is downloaded and compared file by file, and models by what they mean.
 * What no commit can tell stays the bundle's word: which bytes were built, and what they say of their migrations.
 * @param ahead what readSources made of its commit
 */
export async function provenanceOf(
  published: PublishedRelease,
  ports: ProvenancePorts,
  ahead?: Promise<Sources | undefined>,
): Promise<Provenance> {
  try {
    const { commit, files } = (await ahead) ?? (await sourcesOf(published.release, ports));
    const wrong = [
      ...wrongCommit(published, commit),
      ...wrongPins(published, files),
      ...wrongMigrations(published, files),
    ];
    if (wrong.length > 0) return { state: "different", differences: wrong };
    const release = asCommitted(published, { commit, files });
    const own = release.requiredKeys === undefined ? olderFiles(files) : files.files;
    const whole = { ...own, ...edgeFile(release) };
    const isSame = architectures.some(
      (architecture) => assembleBundle({ release, files: whole, architecture }).manifest.digest === published.digest,
    );
    const differences = isSame ? [] : await compareFiles(published, { release, whole, files }, ports);
    return differences.length === 0 ? { state: "same" } : { state: "different", differences };
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.outcome === "interrupted") throw error;
    return { state: "unknown", why: error };
  }
}

/** What git has of one commit. */
export interface Sources {
  /** Undefined where git has the tree alone: after a squash, the branch that was published from may be gone. */
  readonly commit: Awaited<ReturnType<Source["resolve"]>> | undefined;
  readonly files: ReleaseFiles;
}

/** What git has of a commit, whose bundle nobody knows yet. @throws what git and compose throw */
export async function readSources(revision: string, ports: CommittedSources): Promise<Sources> {
  const commit = await ports.source.resolve(revision);
  return { commit, files: await releaseFiles(commit.tree, ports, "compare") };
}

/** A tree's hash is that of its files: whoever has the tree has what the bundle says that it was made from. */
async function sourcesOf(
  { revision, tree }: Pick<Release, "revision" | "tree">,
  ports: CommittedSources,
): Promise<Sources> {
  const missing: { error?: ThreadsError } = {};
  const commit = await ports.source.resolve(revision).catch((error: unknown) => {
    if (!(error instanceof ThreadsError) || error.outcome === "interrupted") throw error;
    missing.error = error;
    return undefined;
  });
  try {
    return { commit, files: await releaseFiles(commit?.tree ?? tree, ports, "compare") };
  } catch (error) {
    // Git misses the tree because it misses the commit, and has said that better.
    throw error instanceof ThreadsError && error.code === "GIT_FAILED" ? (missing.error ?? error) : error;
  }
}

function wrongCommit({ release }: PublishedRelease, commit: Sources["commit"]): string[] {
  if (commit === undefined) return [];
  const short = shortRevision(release.revision);
  return [
    ...(release.tree === commit.tree ? [] : [`the tree of ${short} is ${release.tree}, and ${commit.tree} by git`]),
    ...(sameTime(release.committedAt, commit.committedAt)
      ? []
      : [`${short} was committed at ${release.committedAt}, and at ${commit.committedAt} by git`]),
  ];
}

function sameTime(one: string, other: string): boolean {
  return Date.parse(one) === Date.parse(other);
}

function namesOf({ config, elsewhere }: ReleaseFiles): readonly string[] {
  return [...new Set([...config.services, ...Object.keys(elsewhere)])];
}

function wrongPins({ release }: PublishedRelease, files: ReleaseFiles): string[] {
  const [pinned, named] = [Object.keys(pulledImages(release)), namesOf(files)];
  const hasEdge = files.strategy === "slots";
  return [
    ...pinned.filter((name) => !named.includes(name)).map((name) => `it pins ${name}, which git's files do not name`),
    ...named.filter((name) => !pinned.includes(name)).map((name) => `it does not pin ${name}, which git's files name`),
    ...(hasEdge === (release.edge !== undefined) || !named.includes(edgeName) || !pinned.includes(edgeName)
      ? []
      : [`it pins ${edgeName} as ${hasEdge ? "a service" : "a proxy"}, and git's files have it otherwise`]),
  ];
}

/** The list itself is what the image says; a commit tells no more than whether somebody asks for it. */
function wrongMigrations({ release }: PublishedRelease, { config }: ReleaseFiles): string[] {
  const isAsked = config.runtime.migrations !== undefined;
  if (isAsked === (release.migrations !== undefined)) return [];
  return [
    isAsked
      ? "it does not list its migrations, which threads.yml asks for"
      : "it lists migrations, which threads.yml does not ask for",
  ];
}

/** All of it that git can tell, in the order in which publish writes it. */
function asCommitted({ release }: PublishedRelease, { commit, files }: Sources): Release {
  const { revision, committedAt, requiredKeys, migrations } = release;
  const pulled = pulledImages(release);
  const pinned = namesOf(files).flatMap((name) => {
    const pin = pulled[name];
    return pin === undefined ? [] : [[name, pin] as const];
  });
  return {
    schema: 2,
    app: files.config.app,
    revision,
    tree: commit?.tree ?? release.tree,
    committedAt: commit?.committedAt ?? committedAt,
    ...pinsOf(pinned, files),
    // What is older says them in a file of their own alone, which is compared with the others.
    ...(requiredKeys && { requiredKeys: files.requiredKeys }),
    ...(migrations && { migrations }),
  };
}
