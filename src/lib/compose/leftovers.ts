import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { inspectTagTimes, listImages } from "../docker/commands.ts";
import { deadPrivateFolders, type TemporaryRoot } from "../docker/private-folder.ts";
import { outputLines, type Run } from "../docker/run.ts";
import { ownerFile } from "./workspace.ts";
import { isProjectName } from "./project-name.ts";
import { type LabelledStack, staleSeconds } from "./stale.ts";

/** What runs that were killed have left on this machine. */
export interface Leftovers {
  /** Compose projects. */
  readonly stacks: readonly string[];
  /** Names of images. */
  readonly images: readonly string[];
  /** Absolute paths; some hold secrets. */
  readonly folders: readonly string[];
}

export interface LeftoverPorts {
  readonly docker: Run;
  readonly compose: { stacks(signal: AbortSignal): Promise<readonly LabelledStack[]> };
  readonly temporary: TemporaryRoot;
  readonly alive: (owner: string) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * Looks for what belongs to no living process. Whose process cannot be asked, on another machine or because nothing names it,
 * keeps what it has: without a name for two hours, with one for good. What a person keeps is none.
 * @param listed the stacks, where they were asked for just now
 */
export async function findLeftovers(ports: LeftoverPorts, listed?: readonly LabelledStack[]): Promise<Leftovers> {
  const { compose, temporary, alive, signal } = ports;
  const [found, workspaces, privateFolders] = await Promise.all([
    listed ?? compose.stacks(signal),
    workspacesIn(ports),
    deadPrivateFolders(temporary),
  ]);
  const ours = found.filter(({ kind, project }) => kind !== undefined && isProjectName(project, kind));
  const living = new Set(ours.filter(({ owner, kept }) => kept || alive(owner)).map(({ project }) => project));
  const dying = new Set(ours.filter(({ project }) => !living.has(project)).map(({ project }) => project));
  // A run that ended while we looked has taken its stack down before it died.
  const still = dying.size === 0 ? [] : await compose.stacks(signal);
  const deadStacks = still.map(({ project }) => project).filter((project) => dying.has(project));
  const deadFolders = workspaces.filter(({ project, isDead }) => isDead && !living.has(project));
  const dead = new Set([...deadStacks, ...deadFolders.map(({ project }) => project)]);
  const kept = new Set([...living, ...workspaces.filter(({ isDead }) => !isDead).map(({ project }) => project)]);
  return {
    stacks: [...new Set(deadStacks)].toSorted(),
    images: await deadImages({ dead, kept }, ports),
    folders: [...deadFolders.map(({ path }) => path), ...privateFolders].toSorted(),
  };
}

interface WorkspaceFolder {
  readonly path: string;
  readonly project: string;
  readonly isDead: boolean;
}

async function workspacesIn({ temporary, alive, now }: LeftoverPorts): Promise<WorkspaceFolder[]> {
  const names = await readdir(temporary.root).catch(() => []);
  const found = names.map(async (name): Promise<WorkspaceFolder[]> => {
    const path = join(temporary.root, name);
    // mkdtemp(3) adds six letters of its own.
    const [, project = ""] = /^(.+)-[A-Za-z0-9]{6}$/.exec(name) ?? [];
    if (!isOurs(project)) return [];
    const folder = await lstat(path).catch(() => undefined);
    if (folder?.isDirectory() !== true || folder.uid !== temporary.uid) return [];
    const owner = await readFile(join(path, ownerFile), "utf8").catch(() => "");
    const isOld = now - folder.mtimeMs > staleSeconds * 1000;
    return [{ path, project, isDead: owner === "" ? isOld : !alive(owner) }];
  });
  return (await Promise.all(found)).flat();
}

function isOurs(project: string): boolean {
  return isProjectName(project, "smoke") || isProjectName(project, "test");
}

interface Projects {
  readonly dead: ReadonlySet<string>;
  readonly kept: ReadonlySet<string>;
}

/** An image has nobody's name on it but its project's: where that has left nothing else, its age must tell. */
async function deadImages({ dead, kept }: Projects, { docker, signal, now }: LeftoverPorts): Promise<string[]> {
  const names = (await outputLines(docker, listImages(), { signal })).flatMap((name) => {
    const project = projectOf(name);
    return project === undefined || kept.has(project) ? [] : [{ name, project }];
  });
  const orphans = names.filter(({ project }) => !dead.has(project)).map(({ name }) => name);
  // One that vanishes meanwhile makes inspect fail, yet the others are printed.
  const options = { signal, allowFailure: true };
  const told = orphans.length === 0 ? [] : await outputLines(docker, inspectTagTimes(orphans), options);
  const ageOf = (name: string): number =>
    Math.min(
      ...told
        .filter((line) => line.split(" ").includes(name))
        .map((line) => now - Date.parse(line.split(" ")[0] ?? "")),
    );
  const old = orphans.filter((name) => Number.isFinite(ageOf(name)) && ageOf(name) > staleSeconds * 1000);
  return [...names.filter(({ project }) => dead.has(project)).map(({ name }) => name), ...old].toSorted();
}

/** The run that `<app>-<service>:candidate-<app>-smoke-1f2e3d4c` or `<app>-<service>:<app>-test-1f2e3d4c` was made for. */
function projectOf(image: string): string | undefined {
  const [, repository = "", tag = ""] = /^([^:/]+):(.+)$/.exec(image) ?? [];
  const project = tag.replace(/^candidate-/, "");
  const app = project.replace(/-(?:smoke|test)-[0-9a-f]{8}$/, "");
  return isOurs(project) && repository.startsWith(`${app}-`) ? project : undefined;
}
