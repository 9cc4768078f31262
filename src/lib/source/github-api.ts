import { Secret } from "../secret/secret.ts";
import { apiUrl, repositoryOf, type GithubPorts } from "./github-repository.ts";

/** GitHub's REST API for one repository (2022-11-28). */
export interface GithubApi {
  readonly isSignedIn: boolean;
  /** @param path behind the repository. @throws GithubRefused, and what fetch throws */
  get(path: string): Promise<unknown>;
  post(path: string, body: object): Promise<unknown>;
}

/** What GitHub answered instead. */
export class GithubRefused extends Error {
  readonly status: number;
  /** GitHub's own sentence, one line; empty where it has none. */
  readonly says: string;

  constructor(status: number, says: string) {
    super(`HTTP ${status}`);
    this.status = status;
    this.says = says;
  }
}

/** Of one request. */
export const timeoutMs = 15_000;

/**
 * Asks with GH_TOKEN, GITHUB_TOKEN or what `gh` is signed in with; no program and no request takes longer than `withinMs`.
 * @returns undefined where the repository is not on GitHub @throws the signal's reason
 */
export async function githubApi(ports: GithubPorts, withinMs = timeoutMs): Promise<GithubApi | undefined> {
  const repository = await repositoryOf(ports, withinMs);
  ports.signal.throwIfAborted();
  if (repository === undefined) return undefined;
  const token = await tokenOf(ports, withinMs);
  ports.signal.throwIfAborted();
  const ask = asker(token, ports.signal, withinMs);
  const base = `${apiUrl(ports.env)}/repos/${repository}`;
  return {
    isSignedIn: token !== undefined,
    get: (path) => ask(`${base}${path}`, {}),
    post: (path, body) => ask(`${base}${path}`, { method: "POST", body: JSON.stringify(body) }),
  };
}

function asker(token: Secret | undefined, signal: AbortSignal, withinMs: number) {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` };
  const headers = { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28", ...authorization };
  return async (url: string, request: RequestInit): Promise<unknown> => {
    const either = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
    // A redirect would carry the token to wherever it leads.
    const reply = await fetch(url, { ...request, headers, signal: either, redirect: "error" });
    if (!reply.ok) throw new GithubRefused(reply.status, await sentenceOf(reply));
    return reply.json();
  };
}

/** GitHub's errors have a `message` (REST API, troubleshooting); whoever else answers may send anything. */
async function sentenceOf(reply: Response): Promise<string> {
  const body: unknown = await reply.json().catch(() => undefined);
  const { message } = (body ?? {}) as { readonly message?: unknown };
  return typeof message === "string" ? message.replaceAll(/\s+/g, " ").slice(0, 200) : "";
}

/** No `gh`, one that hangs, and nobody signed in to it, are the same here. */
async function tokenOf({ env, processes, root, signal }: GithubPorts, timeoutMs: number): Promise<Secret | undefined> {
  const given = env["GH_TOKEN"] || env["GITHUB_TOKEN"];
  if (given) return new Secret(given);
  const command = { file: "gh", args: ["auth", "token"] };
  const asked = await processes
    .run(command, { cwd: root, allowFailure: true, signal, timeoutMs })
    .catch(() => undefined);
  const token = asked?.exitCode === 0 ? asked.stdout.trim() : "";
  return token === "" ? undefined : new Secret(token);
}
