import type { EnvironmentConfig } from "../config/config.ts";
import type { Next } from "../errors/next.ts";
import { type ErrorFacts, ThreadsError } from "../errors/threads-error.ts";
import { findBundles, treeLabel } from "../registry/bundle.ts";
import { parseRelease } from "../release/annotations.ts";
import { shortRevision } from "../release/revision.ts";
import type { Ancestor, Head, History } from "../source/source.ts";
import type { RequestedCommit, ResolvePorts, ReleaseQuery } from "./types.ts";

interface Unpublished extends Pick<ReleaseQuery, "again"> {
  readonly asked: RequestedCommit;
  readonly history: History;
}

interface Nearest {
  /** An ancestor whose sources are published. */
  readonly ancestor: Ancestor;
  /** The release of these sources: the ancestor's own, or one of an equal tree. */
  readonly revision: string;
  /** What the asked-for commit has beyond it, as `git diff --stat` says it. */
  readonly difference: readonly string[];
}

/** Two tags a commit: as many as fit into one BatchGetImage. */
const commitsPerCall = 50;

/** The refusal: why, the nearest published ancestor and what is different, and what to do. Nothing is chosen for the person. */
export async function refuse(facts: Unpublished, ports: ResolvePorts): Promise<ThreadsError> {
  const { asked, history } = facts;
  const [nearest, head] = await Promise.all([nearestPublished(facts, ports), headOf(asked, ports)]);
  const reason = whyNot({ asked, history, head, nearest }, ports);
  return notPublished({
    message: `${asked.name} is ${shortRevision(asked.revision)}, ${reason.says}`,
    details: nearest === undefined ? [noneNear(history)] : compare(asked, nearest),
    next: [...reason.next, ...(nearest === undefined ? [] : [facts.again(nearest.revision)])],
    advice: [
      ...(reason.advice ?? []),
      ...(nearest === undefined ? [] : [`the release of ${shortRevision(nearest.revision)} is without these changes`]),
    ],
  });
}

/** Neither the registry nor git has it; git's own words say why it could not even be looked up by its sources. */
export function neverPublished(revision: string, git: ThreadsError): ThreadsError {
  const isShallow = git.code === "SHALLOW_CLONE";
  const why =
    git.code === "UNKNOWN_REVISION" || isShallow
      ? `git does not know it either${isShallow ? " (this clone is shallow)" : ""}`
      : git.message;
  return notPublished({
    message: `${shortRevision(revision)} was never published, and ${why}`,
    next: [isShallow ? "git fetch --unshallow --tags" : "git fetch --all --tags", "git log --oneline"],
    cause: git,
  });
}

function notPublished(facts: ErrorFacts): ThreadsError {
  return new ThreadsError("NOT_PUBLISHED", facts);
}

async function nearestPublished(facts: Unpublished, ports: ResolvePorts): Promise<Nearest | undefined> {
  const { asked, history } = facts;
  const place = { repo: ports.repo, bundle: ports.config.registry.bundle };
  const ancestors = history.commits.filter(({ revision }) => revision !== asked.revision);
  for (let first = 0; first < ancestors.length; first += commitsPerCall) {
    const batch = ancestors.slice(first, first + commitsPerCall);
    const labels = batch.flatMap(({ revision, tree }) => [revision, treeLabel(tree)]);
    const found = await findBundles(ports.registry, place, labels);
    for (const ancestor of batch) {
      const bundle = found.get(ancestor.revision) ?? found.get(treeLabel(ancestor.tree));
      if (bundle === undefined) continue;
      const difference = await ports.source.difference(ancestor.revision, asked.revision).catch(cannotCompare);
      return { ancestor, revision: parseRelease(bundle).revision, difference };
    }
  }
  return undefined;
}

/** A clone without file contents (`--filter=blob:none`) and without its remote: the refusal stands all the same. */
function cannotCompare(error: unknown): string[] {
  if (error instanceof ThreadsError) return [error.message];
  throw error;
}

/** Of a branch or sha that happens to be checked out, the working tree matters too. */
async function headOf(asked: RequestedCommit, { source }: ResolvePorts): Promise<Head | undefined> {
  const head = asked.head ?? (await source.head().catch(() => undefined));
  return head?.revision === asked.revision ? head : undefined;
}

interface Reason extends Pick<Next, "next">, Partial<Pick<Next, "advice">> {
  readonly says: string;
}

/** The first that applies: each has its own sentence and its own way out. */
function whyNot(
  facts: Pick<Unpublished, "asked" | "history"> & {
    readonly head: Head | undefined;
    readonly nearest: Nearest | undefined;
  },
  { config }: ResolvePorts,
): Reason {
  const { asked, history, head, nearest } = facts;
  const isMerge = (history.commits[0]?.parents.length ?? 0) > 1;
  const merged = isMerge
    ? history.commits.find((one) => one.tree === asked.tree && one.revision !== asked.revision)
    : undefined;
  const branch = head?.branch;
  if (nearest === undefined && history.shallow)
    return {
      says: "which is not published, and this shallow clone does not tell what it comes from",
      next: ["git fetch --unshallow --tags"],
    };
  if (merged !== undefined)
    return {
      says: `which has the sources of ${shortRevision(merged.revision)}, and neither is published`,
      next: [`git switch --detach ${shortRevision(merged.revision)} && threads smoke && threads publish`],
    };
  if (isMerge)
    return {
      says: "a merge whose sources were never published together: it has changes that no build has seen",
      ...backMerge(branch ?? shortRevision(asked.revision), config),
    };
  if (branch !== undefined && config.environments[branch]?.requiresPromotion === true)
    return {
      says: `whose sources were never published: something was changed on ${branch}, or what came there was not built`,
      ...backMerge(branch ?? shortRevision(asked.revision), config),
    };
  if (head !== undefined && head.dirty.length > 0)
    return {
      says: "which is not published, and the working tree has changes that are not even committed",
      next: ["git commit && threads smoke && threads publish"],
    };
  if (head?.pushed === false)
    return {
      says: `which is not published, and not on ${head.upstream ?? "its upstream"} yet`,
      next: ["git push", "threads smoke && threads publish"],
      advice: ["after the push, wait until it is published"],
    };
  const go = head === undefined ? `git switch --detach ${shortRevision(asked.revision)} && ` : "";
  return {
    says: "which was never published, nor was any other commit with its sources",
    next: [`${go}threads smoke && threads publish`],
  };
}

function backMerge(what: string, { environments }: ResolvePorts["config"]): Next {
  const merge = `git merge ${what}`;
  const branch = publishingBranch(what, Object.values(environments));
  const wait = "wait until the merge is published";
  if (branch === undefined) return { next: [merge], advice: ["merge on the branch that you publish from", wait] };
  return { next: [`git switch ${branch} && ${merge}`], advice: [wait] };
}

/** As far as threads.yml tells: the branch of an environment that comes before another, or one to which images only come, by its name. */
function publishingBranch(merged: string, environments: readonly EnvironmentConfig[]): string | undefined {
  const before = new Set(environments.map(({ gates }) => gates.verified));
  const asked = environments.flatMap(({ name, gates }) => (before.has(name) ? (gates.branch ?? []) : []));
  const fed = environments.filter(
    ({ hosts, ecs, requiresPromotion }) => hosts === undefined && ecs === undefined && !requiresPromotion,
  );
  return [...asked, ...fed.map(({ name }) => name)].find((branch) => branch !== merged);
}

function compare({ revision }: RequestedCommit, { ancestor, revision: released, difference }: Nearest): string[] {
  const [short, other] = [shortRevision(ancestor.revision), shortRevision(released)];
  const same = ancestor.revision === released ? "" : ` (as ${other}, from the same sources)`;
  return [
    `the nearest ancestor that is published is ${short}${same}`,
    `git diff --stat ${short} ${shortRevision(revision)}:`,
    ...difference,
  ];
}

function noneNear({ commits, shallow }: History): string {
  const count = commits.length - 1;
  if (shallow) return `the clone has only ${String(commits.length)} of its commits`;
  if (count === 0) return "it has no ancestors";
  return count === 1
    ? "its only ancestor is not published"
    : `none of its ${String(count)} nearest ancestors is published`;
}
