import { ThreadsError } from "../errors/threads-error.ts";
import { CommandFailed, type Processes } from "../process/processes.ts";
import { gitFailure, unknownRevision } from "./failure.ts";
import type { Commit, Head, Source } from "./source.ts";
import { parseStatus } from "./status.ts";

/** English messages to tell failures apart, and no lock file that would disturb an editor. */
const env = { LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" };

/** Git facts of the repository in which `root` lies. */
export function gitSource(ports: { readonly processes: Processes; readonly root: string }): Source {
  const git: Git = async (args, input) => {
    try {
      const options = { cwd: ports.root, env, ...(input === undefined ? {} : { input }) };
      return (await ports.processes.run({ file: "git", args }, options)).stdout;
    } catch (error) {
      if (error instanceof CommandFailed) throw gitFailure(error, ports.root);
      throw error;
    }
  };
  const commit = async (name: string): Promise<Commit> =>
    parseCommit(await git(["log", "-1", "--no-show-signature", "--format=%H %T %ct", "--end-of-options", name]));
  return {
    head: () => readHead(git, commit),
    resolve: async (name) => {
      try {
        return await commit(await git(["rev-parse", "--verify", "--end-of-options", `${name}^{commit}`]));
      } catch (error) {
        if (!(error instanceof ThreadsError) || error.code !== "GIT_FAILED") throw error;
        throw unknownRevision({ name, git: error.details, shallow: await isShallow(git) });
      }
    },
    fileAt: async (revision, path) => {
      const name = `${revision}:./${path}`;
      const text = readBlob(await git(["cat-file", "--batch"], `${name}\n`));
      if (text !== undefined) return text;
      throw new ThreadsError("refused", {
        code: "FILE_NOT_COMMITTED",
        message: `${path} is not part of commit ${revision.slice(0, 12)}`,
        next: [`git add ${path} && git commit`],
      });
    },
  };
}

type Git = (args: readonly string[], input?: string) => Promise<string>;

async function readHead(git: Git, commit: (name: string) => Promise<Commit>): Promise<Head> {
  const [at, status, shallow] = await Promise.all([
    commit("HEAD"),
    git(["status", "--porcelain=v2", "--branch", "--untracked-files=all", "-z"]).then(parseStatus),
    isShallow(git),
  ]);
  return {
    ...at,
    branch: status.branch,
    dirty: status.dirty,
    shallow,
    upstream: status.upstream,
    pushed: status.ahead === undefined ? undefined : status.ahead === 0,
  };
}

async function isShallow(git: Git): Promise<boolean> {
  return (await git(["rev-parse", "--is-shallow-repository"])).trim() === "true";
}

function parseCommit(line: string): Commit {
  const [revision = "", tree = "", seconds = ""] = line.trim().split(" ");
  return { revision, tree, committedAt: new Date(Number(seconds) * 1000).toISOString() };
}

/** Only `--batch` states the size and ends with a newline of its own, so that the file's last newlines are kept exactly. */
function readBlob(output: string): string | undefined {
  const header = /^[0-9a-f]+ blob (\d+)\n?/.exec(output);
  if (header === null) return undefined;
  const text = output.slice(header[0].length);
  if (Buffer.byteLength(text) !== Number(header[1]))
    throw new RangeError("git printed another number of bytes than it announced");
  return text;
}
