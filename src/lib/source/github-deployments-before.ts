import type { GithubApi } from "./github-api.ts";

/** A deployment as GitHub lists it, the newest first. */
export interface Listed {
  readonly id: number;
  readonly sha: string;
  /** As it was given: an object, or its text. */
  readonly payload: unknown;
}

interface State {
  readonly state: string;
  readonly log_url: string | null;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** States of what has not ended. */
const open = new Set(["queued", "pending", "in_progress", "waiting"]);

/**
 * The deployment that GitHub has made by itself for the job that this is a step of: no variable tells whether the job has an
 * `environment:` that is not `deployment: false`, but then there is one of the workflow's commit under way, with the run's address.
 */
export async function jobsOwn(before: readonly Listed[], env: Variables, api: GithubApi): Promise<number | undefined> {
  const run = env["GITHUB_RUN_ID"];
  if (env["GITHUB_ACTIONS"] !== "true" || run === undefined) return undefined;
  const candidates = before.filter((one) => one.sha === env["GITHUB_SHA"] && numberOf(one) === undefined);
  for (const { id } of candidates) {
    const last = await lastState(id, api);
    if (last === undefined || !open.has(last.state)) continue;
    const [, theirs] = /\/actions\/runs\/(\d+)/.exec(last.log_url ?? "") ?? [];
    if (theirs === run) return id;
  }
  return undefined;
}

/** What ended without a word, or waited for a person, does not look as if it went on for ever. */
export async function markLeftOpen(before: readonly Listed[], number: number, api: GithubApi): Promise<void> {
  const earlier = before.find((one) => (numberOf(one) ?? Infinity) < number);
  if (earlier === undefined) return;
  const last = await lastState(earlier.id, api);
  if (last === undefined || !open.has(last.state)) return;
  const description = `deployment ${number} came after it`;
  await api.post(`/deployments/${earlier.id}/statuses`, { state: "inactive", description });
}

async function lastState(id: number, api: GithubApi): Promise<State | undefined> {
  const [last] = (await api.get(`/deployments/${id}/statuses?per_page=1`)) as readonly State[];
  return last;
}

/** Of the ledger, where the deployment is one of ours. */
function numberOf({ payload }: Listed): number | undefined {
  const { threads } = (typeof payload === "object" ? (payload ?? {}) : parsed(payload)) as {
    readonly threads?: { readonly number?: unknown };
  };
  return typeof threads?.number === "number" ? threads.number : undefined;
}

function parsed(text: unknown): object {
  try {
    const value: unknown = JSON.parse(String(text));
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
