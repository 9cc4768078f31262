import { hostname, userInfo } from "node:os";

/** Who did something. */
export interface Author {
  readonly user: string;
  readonly host: string;
  readonly runUrl?: string;
}

/** The same as results show it: null for what is absent. */
export interface ShownAuthor {
  readonly user: string;
  readonly host: string;
  /** Of the GitHub run; null where a person did it. */
  readonly runUrl: string | null;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Who deploys: the person behind a GitHub run with its address, otherwise the one at this machine. */
export function author(env: Variables): Author {
  const actor = env["GITHUB_TRIGGERING_ACTOR"] ?? env["GITHUB_ACTOR"];
  const server = env["GITHUB_SERVER_URL"];
  const repository = env["GITHUB_REPOSITORY"];
  const run = env["GITHUB_RUN_ID"];
  const host = hostname().slice(0, 64);
  if (env["GITHUB_ACTIONS"] !== "true" || actor === undefined) return { user: loginName(env), host };
  if (server === undefined || repository === undefined || run === undefined) return { user: actor, host };
  return { user: actor, host, runUrl: `${server}/${repository}/actions/runs/${run}` };
}

/** A container may run under a user id that has no name. */
function loginName(env: Variables): string {
  const named = env["USER"] ?? env["LOGNAME"];
  if (named !== undefined && named !== "") return named.slice(0, 64);
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}

export function shownAuthor({ user, host, runUrl }: Author): ShownAuthor {
  return { user, host, runUrl: runUrl ?? null };
}

/** `ada on build-7`, as people read it. Of a folded deployment the machine may not be known any more. */
export function authorText({ user, host, runUrl }: Author | ShownAuthor): string {
  if (runUrl !== undefined && runUrl !== null) return `${user} (${runUrl})`;
  return host === "" ? user : `${user} on ${host}`;
}
