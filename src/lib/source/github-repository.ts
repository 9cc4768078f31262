import type { Processes } from "../process/processes.ts";
import { remoteUrl } from "./remote-url.ts";

/** What tells which repository of GitHub a folder is. */
export interface GithubPorts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly processes: Processes;
  /** Folder of the repository, whose `origin` says which one it is. */
  readonly root: string;
  readonly signal: AbortSignal;
}

/** Where GitHub's API is (GITHUB_API_URL is set in every job), without a slash at its end. */
export function apiUrl(env: GithubPorts["env"]): string {
  return (env["GITHUB_API_URL"] || "https://api.github.com").replace(/\/$/, "");
}

/** `owner/name`, or undefined: of another host's repository GitHub may have a namesake. */
export async function repositoryOf(ports: GithubPorts, timeoutMs: number): Promise<string | undefined> {
  const { env, processes, root, signal } = ports;
  const named = env["GITHUB_REPOSITORY"];
  if (named) return /^[\w.-]+\/[\w.-]+$/.test(named) ? named : undefined;
  const url = (await remoteUrl(root, processes, { signal, timeoutMs })) ?? "";
  const [, host = "", owner, name] =
    /^(?:[a-z+]+:\/\/)?(?:[^@/]+@)?([^@:/]+)(?::\d+)?[:/]\/?([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/i.exec(url) ?? [];
  return owner === undefined || name === undefined || !isGithub(host.toLowerCase(), env)
    ? undefined
    : `${owner}/${name}`;
}

/** @param host in small letters. @returns whether it is GitHub itself, under an alias of ssh's configuration too (`github.com-work`), or the server that the environment names. */
function isGithub(host: string, env: GithubPorts["env"]): boolean {
  const named = [env["GITHUB_SERVER_URL"], env["GITHUB_API_URL"]].flatMap((url) =>
    url !== undefined && URL.canParse(url) ? [new URL(url).hostname.replace(/^api\./, "")] : [],
  );
  return /^(?:ssh\.|www\.)?github\.com(?:-[\w-]+)?$/.test(host) || named.includes(host);
}
