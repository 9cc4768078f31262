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

/** A deployment of ours, as its payload names it: one repository may have several applications, each with numbers of its own. */
interface Numbered {
  readonly app: string;
  readonly number: number;
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
  const candidates = before.filter((one) => one.sha === env["GITHUB_SHA"] && !isOurs(one));
  for (const { id } of candidates) {
    const last = await lastState(id, api);
    if (last === undefined || !open.has(last.state)) continue;
    const [, theirs] = /\/actions\/runs\/(\d+)/.exec(last.log_url ?? "") ?? [];
    if (theirs === run) return id;
  }
  return undefined;
}

/** Those of the same application before that number, the newest first. */
export function earlierOf(before: readonly Listed[], { app, number }: Numbered): readonly Listed[] {
  return before.filter((one) => {
    const { threads } = payloadOf(one);
    return threads?.app === app && typeof threads.number === "number" && threads.number < number;
  });
}

/** Whether another application of the repository has an environment of this name, too. */
export function isShared(before: readonly Listed[], app: string): boolean {
  return before.some((one) => isOurs(one) && payloadOf(one).threads?.app !== app);
}

/** What ended without a word, or waited for a person, does not look as if it went on for ever. */
export async function markLeftOpen([last]: readonly Listed[], by: Numbered, api: GithubApi): Promise<void> {
  const state = last && (await lastState(last.id, api))?.state;
  if (last !== undefined && open.has(state ?? "")) await retire(last, by, api);
}

/** The last success, which failures may have come after. GitHub does so by itself, but then with what another application runs there, too. */
export async function markReplaced(earlier: readonly Listed[], by: Numbered, api: GithubApi): Promise<void> {
  for (const one of earlier) if ((await lastState(one.id, api))?.state === "success") return retire(one, by, api);
}

async function retire({ id }: Listed, { number }: Numbered, api: GithubApi): Promise<void> {
  const description = `deployment ${number} came after it`;
  await api.post(`/deployments/${id}/statuses`, { state: "inactive", description });
}

async function lastState(id: number, api: GithubApi): Promise<State | undefined> {
  const [last] = (await api.get(`/deployments/${id}/statuses?per_page=1`)) as readonly State[];
  return last;
}

function isOurs(one: Listed): boolean {
  return typeof payloadOf(one).threads?.number === "number";
}

interface Payload {
  readonly threads?: { readonly number?: unknown; readonly app?: unknown };
}

function payloadOf({ payload }: Listed): Payload {
  return typeof payload === "object" ? (payload ?? {}) : parsed(payload);
}

function parsed(text: unknown): object {
  try {
    const value: unknown = JSON.parse(String(text));
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
