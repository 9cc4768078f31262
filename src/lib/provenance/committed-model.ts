import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, posix, relative } from "node:path";
import type { Compose } from "../compose/docker-compose.ts";
import { composeFileFault } from "../compose/file-fault.ts";
import { filesNeeded } from "../compose/needed-files.ts";
import type { RawModel } from "../compose/raw-model.ts";
import type { Config } from "../config/config.ts";
import { configIn } from "../config/committed.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Source, TrackedFile } from "../source/source.ts";

/** What git has of an application at one commit, and what compose makes of it: nothing of the working tree is in it. */
export interface CommittedModel {
  /** Its own threads.yml; this machine's where the commit has none. */
  readonly config: Config;
  readonly raw: RawModel;
  readonly files: readonly TrackedFile[];
}

export interface CommittedPorts {
  readonly config: Config;
  readonly compose: Pick<Compose, "openModel">;
  readonly source: Pick<Source, "files" | "filesAt">;
  readonly signal: AbortSignal;
}

/**
 * Lets compose read the compose files as they were committed, in a folder where nothing else is: what a checkout makes of them
 * (line ends, links, files that git passes over) changes nothing.
 * @param at a commit or a tree. @throws ThreadsError COMPOSE_FILE, CONFIG_INVALID
 */
export async function committedModel(at: string, ports: CommittedPorts): Promise<CommittedModel> {
  const files = await ports.source.files(at);
  const own = posix.basename(ports.config.file);
  const text = files.some(({ path }) => path === own) ? await textOf(at, own, ports.source) : undefined;
  const config = text === undefined ? ports.config : configIn(text, ports.config);
  const paths = config.runtime.compose.map((file) => relative(config.root, file));
  const texts = await textsOf(at, { paths, files }, ports.source);
  return { config, files, raw: await readAlone(paths, texts, ports) };
}

async function textOf(at: string, path: string, source: Pick<Source, "filesAt">): Promise<string> {
  const [contents = new Uint8Array()] = await source.filesAt(at, [path]);
  return Buffer.from(contents).toString("utf8");
}

/** The compose files with all that they include and extend. What git does not have is left out: compose misses it by name. */
async function textsOf(
  at: string,
  { paths, files }: { readonly paths: readonly string[]; readonly files: readonly TrackedFile[] },
  source: Pick<Source, "filesAt">,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const seen = new Set(paths);
  const waiting = [...paths];
  for (const path of waiting) {
    const file = files.find((one) => one.path === path);
    if (file?.kind === "link" || file?.kind === "module")
      throw composeFileFault(
        `${path} is a ${file.kind === "link" ? "symbolic link" : "submodule"} in git, and what it leads to is not part of the commit`,
        `commit the file itself as ${path}`,
      );
    const text = await textOf(at, path, source).catch(absent);
    if (text === undefined) continue;
    texts.set(path, text);
    for (const next of filesNeeded(text, path)) if (seen.size < seen.add(next).size) waiting.push(next);
  }
  return texts;
}

function absent(error: unknown): undefined {
  if (error instanceof ThreadsError && error.code === "FILE_NOT_COMMITTED") return undefined;
  throw error;
}

/** So deep below the folder lies the root: what a compose file includes may lie above it. */
const depth = ["above", "above", "above", "above"];

async function readAlone(
  paths: readonly string[],
  texts: ReadonlyMap<string, string>,
  { compose, signal }: CommittedPorts,
): Promise<RawModel> {
  const folder = await mkdtemp(join(tmpdir(), "threads-committed-"));
  const root = join(folder, ...depth);
  try {
    await mkdir(root, { recursive: true });
    for (const [path, text] of texts) {
      const file = join(root, path);
      // Further up it would be no longer in our folder.
      if (relative(folder, file).startsWith("..")) continue;
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text, { mode: 0o600 });
    }
    return await compose.openModel(
      paths.map((path) => join(root, path)),
      signal,
    );
  } catch (error) {
    throw error instanceof ThreadsError && error.code === "COMPOSE_FILE" ? inProject(error, root) : error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A missing file is one that git does not have. */
function inProject(error: ThreadsError, root: string): ThreadsError {
  const clean = (text: string): string =>
    text.replaceAll(`${root}/`, "").replace(/: no such file or directory$/, ", which is not part of the commit");
  return error.with({ message: clean(error.message), details: error.details.map(clean) });
}
