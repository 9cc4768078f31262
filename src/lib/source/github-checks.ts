import { whyNoAnswer } from "../text/no-answer.ts";
import { type GithubApi, githubApi, GithubRefused, timeoutMs } from "./github-api.ts";
import type { GithubPorts } from "./github-repository.ts";

/** One check of a commit: of GitHub Actions, of another app, or a commit status. */
export interface CommitCheck {
  readonly name: string;
  readonly state: "passed" | "failed" | "pending";
  /** In GitHub's word: `success`, `failure`, `in_progress` … */
  readonly word: string;
  /** The page that tells more; empty where there is none. */
  readonly url: string;
}

/** Why the checks cannot be told; where there is no advice, it is that of whoever is not let in. */
export interface UntoldChecks {
  readonly unknown: string;
  readonly advice?: readonly string[];
}

/** What GitHub knows of commits. */
export interface CommitChecks {
  /** The newest of each name. @returns why it cannot be told, where GitHub does not answer: never that there is none */
  checksOf(revision: string): Promise<readonly CommitCheck[] | UntoldChecks>;
}

/** The largest page (REST API, list check runs for a Git reference), and more of them than any commit has. */
const pageSize = 100;
const mostPages = 20;

/** As GitHub's REST API tells them, asked with GH_TOKEN, GITHUB_TOKEN or what `gh` is signed in with; without, for a public repository. */
export function githubChecks(ports: GithubPorts): CommitChecks {
  return {
    checksOf: async (revision) => {
      const api = await githubApi(ports);
      if (api === undefined)
        return {
          unknown: "neither GITHUB_REPOSITORY nor the remote origin names a repository of GitHub",
          advice: ["set GITHUB_REPOSITORY to OWNER/NAME, and GITHUB_API_URL where it is not github.com"],
        };
      try {
        const commit = `/commits/${revision}`;
        const [runs, statuses] = await Promise.all([
          allPages<CheckRun>(api, `${commit}/check-runs?filter=latest`, "check_runs"),
          allPages<Status>(api, `${commit}/status?`, "statuses"),
        ]);
        return [...newest(runs).map(ofRun), ...statuses.map(ofStatus)];
      } catch (error) {
        ports.signal.throwIfAborted();
        return { unknown: `GitHub does not tell (${whyNot(error, api)})` };
      }
    },
  };
}

interface CheckRun {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly html_url: string | null;
  readonly app: { readonly id: number } | null;
}

interface Status {
  readonly context: string;
  readonly state: string;
  readonly target_url: string | null;
}

function whyNot(error: unknown, { isSignedIn }: GithubApi): string {
  if (!(error instanceof GithubRefused)) return whyNoAnswer(error, timeoutMs);
  const how = isSignedIn ? "with this token" : "without a token";
  const hints: Readonly<Record<number, string>> = {
    401: ": the token is not accepted",
    403: `: not allowed, or asked too often, ${how}`,
    404: `: no such repository or commit ${how}`,
  };
  return `${error.message}${hints[error.status] ?? ""}`;
}

async function allPages<Item>(api: GithubApi, path: string, key: string): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const body = await api.get(`${path}&per_page=${pageSize}&page=${page}`);
    const { total_count: total, [key]: some } = body as Readonly<Record<string, unknown>>;
    if (!Array.isArray(some) || typeof total !== "number") throw new Error("the answer is none of GitHub's");
    items.push(...(some as Item[]));
    if (items.length >= total) return items;
  }
  // Some that were not seen may have failed.
  throw new Error("there are more checks than can be read");
}

/** A check that ran again is another run of the same app under the same name; the last one counts. */
function newest(runs: readonly CheckRun[]): readonly CheckRun[] {
  const last = new Map<string, CheckRun>();
  for (const run of runs) {
    const key = `${run.app?.id ?? ""} ${run.name}`;
    if ((last.get(key)?.id ?? 0) <= run.id) last.set(key, run);
  }
  return [...last.values()];
}

/** With these GitHub itself lets a required check pass (About status checks). */
const good = new Set(["success", "neutral", "skipped"]);

function ofRun({ name, status, conclusion, html_url: url }: CheckRun): CommitCheck {
  const isOver = status === "completed";
  const state = !isOver ? "pending" : good.has(conclusion ?? "") ? "passed" : "failed";
  return { name, state, word: isOver ? (conclusion ?? "without a conclusion") : status, url: url ?? "" };
}

function ofStatus({ context, state: word, target_url: url }: Status): CommitCheck {
  const state = word === "success" ? "passed" : word === "pending" ? "pending" : "failed";
  return { name: context, state, word, url: url ?? "" };
}
