import { ThreadsError } from "../../errors/threads-error.ts";
import type { Head } from "../../source/source.ts";
import { type Asked, bySources } from "./by-sources.ts";
import type { ResolvedRelease, ResolvePorts, Wanted } from "./resolve-release.ts";

/** Any name that git turns into a commit: HEAD, a branch, a tag, a short sha. */
export async function byCommit(
  wanted: Wanted & { readonly ref: string },
  ports: ResolvePorts,
): Promise<ResolvedRelease> {
  return bySources({ ...wanted, asked: await ask(wanted.ref, ports) }, ports);
}

async function ask(ref: string, { source, config }: ResolvePorts): Promise<Asked> {
  try {
    if (ref === "HEAD" || ref === "@") {
      const head = await source.head();
      return { name: headName(head), revision: head.revision, tree: head.tree, head };
    }
    const { revision, tree } = await source.resolve(ref);
    return { name: ref, revision, tree, head: undefined };
  } catch (error) {
    if (!(error instanceof ThreadsError)) throw error;
    if (withoutGit.has(error.code)) throw needsNoGit(error);
    if (config.environments[ref] !== undefined && error.code === "UNKNOWN_REVISION") throw runsNothing(error);
    throw error;
  }
}

function headName({ branch }: Head): string {
  return branch === undefined ? "HEAD (detached)" : `HEAD (${branch})`;
}

const withoutGit = new Set(["NOT_A_REPOSITORY", "NO_GIT", "REPOSITORY_NOT_TRUSTED", "NO_COMMITS"]);

function needsNoGit({ code, outcome, message, next, details }: ThreadsError): ThreadsError {
  const other = "give a release's full sha or an environment's name: neither needs git";
  return new ThreadsError(outcome, { code, message, details, next: [other, ...next] });
}

function runsNothing({ code, outcome, message, next, details }: ThreadsError): ThreadsError {
  const says = `${message} (the environment of that name has no hosts, so nothing runs there)`;
  return new ThreadsError(outcome, { code, message: says, details, next });
}
