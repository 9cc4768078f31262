import type { Processes } from "../process/processes.ts";
import { isGithubItself, remoteAddress } from "../text/remote-address.ts";
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
  const at = remoteAddress((await remoteUrl(root, processes, { signal, timeoutMs })) ?? "");
  return at !== undefined && (isGithubItself(at) || serversIn(env).includes(at.host))
    ? `${at.owner}/${at.name}`
    : undefined;
}

/** Hosts of the GitHub Enterprise Server that the environment names. */
function serversIn(env: GithubPorts["env"]): readonly string[] {
  return [env["GITHUB_SERVER_URL"], env["GITHUB_API_URL"]].flatMap((url) =>
    url !== undefined && URL.canParse(url) ? [new URL(url).hostname.replace(/^api\./, "")] : [],
  );
}
