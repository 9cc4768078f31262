import { hostname, userInfo } from "node:os";

/** Who did something: what the machine says of itself, and beside it whom AWS takes it for. */
export interface Author {
  readonly user: string;
  readonly host: string;
  readonly runUrl?: string;
  /** See principalOf; written by the ledger (signedLedger). Older records do not say, and of some AWS has no name. */
  readonly principal?: string;
}

/** The same as results show it: null for what is absent. */
export interface ShownAuthor {
  readonly user: string;
  readonly host: string;
  /** Of the GitHub run; null where a person did it. */
  readonly runUrl: string | null;
  /** Whom AWS took them for: `role/threads-prod-deployer`; null where the record does not say. The rest is what they said of themselves. */
  readonly principal: string | null;
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

export function shownAuthor({ user, host, runUrl, principal }: Author): ShownAuthor {
  return { user, host, runUrl: runUrl ?? null, principal: principal ?? null };
}

/**
 * `user/ada (ada on build-7)`: whom AWS vouches for comes before what people and machines say of themselves. Where nobody does,
 * `ada on build-7`. Of a folded deployment the machine may not be known any more.
 */
export function authorText({ user, host, runUrl, principal }: Author | ShownAuthor): string {
  const run = runUrl ?? undefined;
  if (principal === undefined || principal === null) return run === undefined ? onHost(user, host) : `${user} (${run})`;
  return `${principal} (${run === undefined ? onHost(user, host) : `${user}, ${run}`})`;
}

function onHost(user: string, host: string): string {
  return host === "" ? user : `${user} on ${host}`;
}

/** The same with room for the longest principal: a role's name has 64 characters, and so has a user's (IAM quotas). */
export function withRoom(by: Author): Author {
  return { principal: "p".repeat(69), ...by };
}
