import type { Processes } from "../process/processes.ts";
import { Secret } from "../secret/secret.ts";
import { remoteUrl } from "./remote-url.ts";

/** One check of a commit: of GitHub Actions, of another app, or a commit status. */
export interface CommitCheck {
  readonly name: string;
  readonly state: "passed" | "failed" | "pending";
  /** In GitHub's word: `success`, `failure`, `in_progress` … */
  readonly word: string;
  /** The page that tells more; empty where there is none. */
  readonly url: string;
}

/** What GitHub knows of commits. */
export interface CommitChecks {
  /** The newest of each name. @returns why it cannot be told, where GitHub does not answer: never that there is none */
  checksOf(revision: string): Promise<readonly CommitCheck[] | { readonly unknown: string }>;
}

interface GithubPorts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly processes: Processes;
  /** Folder of the repository, whose `origin` says which one it is. */
  readonly root: string;
  readonly signal: AbortSignal;
}

/** The largest page (REST API, list check runs for a Git reference), and more of them than any commit has. */
const pageSize = 100;
const mostPages = 20;
const timeoutMs = 15_000;

/** As GitHub's REST API tells them, asked with GH_TOKEN, GITHUB_TOKEN or what `gh` is signed in with; without, for a public repository. */
export function githubChecks(ports: GithubPorts): CommitChecks {
  return {
    checksOf: async (revision) => {
      const repository = await repositoryOf(ports);
      if (repository === undefined)
        return { unknown: "neither GITHUB_REPOSITORY nor the remote origin names a repository of GitHub" };
      try {
        const api = (ports.env["GITHUB_API_URL"] || "https://api.github.com").replace(/\/$/, "");
        const get = asker(await tokenOf(ports), ports.signal);
        const commit = `${api}/repos/${repository}/commits/${revision}`;
        const [runs, statuses] = await Promise.all([
          allPages<CheckRun>(get, `${commit}/check-runs?filter=latest`, "check_runs"),
          allPages<Status>(get, `${commit}/status?`, "statuses"),
        ]);
        return [...newest(runs).map(ofRun), ...statuses.map(ofStatus)];
      } catch (error) {
        ports.signal.throwIfAborted();
        return { unknown: `GitHub does not tell (${reason(error)})` };
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

type Get = (url: string) => Promise<unknown>;

function asker(token: Secret | undefined, signal: AbortSignal): Get {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` };
  const headers = { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28", ...authorization };
  return async (url) => {
    // A redirect would carry the token to wherever it leads.
    const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const reply = await fetch(url, { headers, signal: either, redirect: "error" });
    if (!reply.ok) throw new Refused(reply.status, token !== undefined);
    return reply.json();
  };
}

class Refused extends Error {
  constructor(status: number, isSignedIn: boolean) {
    const how = isSignedIn ? "with this token" : "without a token";
    const hint: Readonly<Record<number, string>> = {
      401: ": the token is not accepted",
      403: `: not allowed, or asked too often, ${how}`,
      404: `: no such repository or commit ${how}`,
    };
    super(`HTTP ${status}${hint[status] ?? ""}`);
  }
}

async function allPages<Item>(get: Get, url: string, key: string): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const body = await get(`${url}&per_page=${pageSize}&page=${page}`);
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

async function repositoryOf({ env, processes, root }: GithubPorts): Promise<string | undefined> {
  const named = env["GITHUB_REPOSITORY"] || (await remoteUrl(root, processes)) || "";
  const [, owner, name] = /(?:^|[/:])([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(named) ?? [];
  return owner === undefined || name === undefined ? undefined : `${owner}/${name}`;
}

/** No `gh`, and nobody signed in to it, are the same here. */
async function tokenOf({ env, processes, root }: GithubPorts): Promise<Secret | undefined> {
  const given = env["GH_TOKEN"] || env["GITHUB_TOKEN"];
  if (given) return new Secret(given);
  const command = { file: "gh", args: ["auth", "token"] };
  const asked = await processes.run(command, { cwd: root, allowFailure: true }).catch(() => undefined);
  const token = asked?.exitCode === 0 ? asked.stdout.trim() : "";
  return token === "" ? undefined : new Secret(token);
}

/** fetch hides why it failed behind its own sentence. */
function reason(error: unknown): string {
  const { message, cause, name } = error as Error & { readonly cause?: { readonly code?: string; message?: string } };
  if (name === "TimeoutError") return `no answer within ${timeoutMs / 1000} s`;
  return cause?.code ?? cause?.message ?? message;
}
