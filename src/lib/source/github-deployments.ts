import type { Clock } from "../clock/clock.ts";
import { whyNoAnswer } from "../text/no-answer.ts";
import { type GithubApi, githubApi, GithubRefused } from "./github-api.ts";
import { earlierOf, isShared, jobsOwn, type Listed, markLeftOpen, markReplaced } from "./github-deployments-before.ts";
import type { GithubPorts } from "./github-repository.ts";

/** What GitHub is told of a deployment that has begun. */
export interface BegunDeployment {
  readonly app: string;
  readonly environment: string;
  /** Of the ledger. */
  readonly number: number;
  readonly revision: string;
  readonly bundle: string;
  /** One line, as all descriptions here. */
  readonly description: string;
  /** Where people reach the environment. */
  readonly environmentUrl: string | undefined;
  /** The page that tells how it goes. */
  readonly logUrl: string | undefined;
}

export interface EndedDeployment {
  /** In GitHub's words; in_progress of one that waits for a person. */
  readonly state: "success" | "failure" | "error" | "in_progress";
  readonly description: string;
}

/** What GitHub shows of a deployment of ours. */
export interface GithubDeployment {
  /** Its id there; null where GitHub was not told. */
  readonly deployment: number | null;
  /** Whether what became of it stands there: it does not where GitHub has taken the deployment, and not its last state. */
  readonly ended: boolean;
  /** Why not; or that it is the one which GitHub makes by itself for a job. Empty where threads has made it, and told its end. */
  readonly says: string;
}

/** GitHub's Deployments API. Nothing of it fails, and nobody has to wait for it but at the end, for seconds. */
export interface GithubDeployments {
  /** Tells of it beside the work. @returns what tells of its end, and null where there is nobody to tell: no token, another host */
  begin(begun: BegunDeployment): (end: EndedDeployment) => Promise<GithubDeployment | null>;
}

interface DeploymentPorts extends Omit<GithubPorts, "signal"> {
  readonly clock: Pick<Clock, "sleep">;
  /** Aborted where this process has to be gone in seconds. */
  readonly detach: AbortSignal;
}

/** Of one request. */
const askMs = 5_000;
/** From the end of the work on; in a cancelled job there are 5 s at most until the runner kills. */
const endMs = 8_000;
const detachedMs = 1_500;

/** As the REST API takes them (2022-11-28), with GH_TOKEN, GITHUB_TOKEN or what `gh` is signed in with. */
export function githubDeployments(ports: DeploymentPorts): GithubDeployments {
  return {
    begin: (begun) => {
      const over = new AbortController();
      const opened = open(begun, { ...ports, signal: over.signal });
      let made: number | null = null;
      // Whoever waits for it sees why it failed.
      opened.then(
        (there) => (made = there?.id ?? null),
        () => undefined,
      );
      const notTold = (says: string): GithubDeployment => ({ deployment: made, ended: false, says });
      return async (end) => {
        const told = opened.then((there) => (there === null ? null : close(there, begun, end)));
        const ended = new AbortController();
        const late = untilLate(ports, ended.signal).then(
          (ms) => notTold(`no answer within ${ms / 1000} s`),
          () => null,
        );
        const first = await Promise.race([told.catch((error: unknown) => notTold(whyNot(error))), late]);
        ended.abort();
        // What is still asked then would keep the process.
        over.abort();
        return first;
      };
    },
  };
}

/** @returns for how long was waited in the end. @throws the signal's reason */
async function untilLate({ clock, detach }: DeploymentPorts, ended: AbortSignal): Promise<number> {
  const waited = await clock.sleep(endMs, AbortSignal.any([ended, detach])).then(
    () => endMs,
    () => undefined,
  );
  if (waited !== undefined) return waited;
  await clock.sleep(detachedMs, ended);
  return detachedMs;
}

interface Open {
  readonly api: GithubApi;
  readonly id: number;
  readonly byJob: boolean;
  /** What this application deployed there before. */
  readonly earlier: readonly Listed[];
  /** Other applications deploy to an environment of this name. */
  readonly shared: boolean;
  /** Its beginning stands there; never rejects. */
  readonly shown: Promise<unknown>;
}

async function open(begun: BegunDeployment, ports: GithubPorts): Promise<Open | null> {
  const api = await githubApi(ports, askMs);
  if (api?.isSignedIn !== true) return null;
  const query = `?environment=${encodeURIComponent(begun.environment)}&per_page=20`;
  const before = listed(await api.get(`/deployments${query}`));
  const of = { api, earlier: earlierOf(before, begun), shared: isShared(before, begun.app) };
  const own = await jobsOwn(before, ports.env, api);
  if (own !== undefined) return { ...of, id: own, byJob: true, shown: Promise.resolve() };
  const made = await api.post("/deployments", {
    ref: begun.revision,
    environment: begun.environment,
    description: short(begun.description),
    // What may be deployed, the gates have said; and nothing is ever merged for it.
    required_contexts: [],
    auto_merge: false,
    payload: { threads: { app: begun.app, number: begun.number, bundle: begun.bundle } },
  });
  const { id } = made as { readonly id?: unknown };
  if (typeof id !== "number") throw new Error("the answer is none of GitHub's");
  return { ...of, id, byJob: false, shown: showBegun({ ...of, id }, begun) };
}

/** What of this goes wrong does so again at the end, and is told then. */
async function showBegun(there: Omit<Open, "byJob" | "shown">, begun: BegunDeployment): Promise<void> {
  await setState(there, begun, { state: "in_progress", description: begun.description }).catch(() => undefined);
  await markLeftOpen(there.earlier, begun, there.api).catch(() => undefined);
}

async function close(there: Open, begun: BegunDeployment, end: EndedDeployment): Promise<GithubDeployment> {
  const { api, id, byJob, earlier, shared, shown } = there;
  // GitHub itself sets the states of what it has made for a job.
  if (byJob)
    return { deployment: id, ended: true, says: "GitHub has made it for this job, with the commit of the workflow" };
  await shown;
  await setState(there, begun, end);
  if (shared && end.state === "success") await markReplaced(earlier, begun, api).catch(() => undefined);
  return { deployment: id, ended: true, says: "" };
}

async function setState(
  { api, id, shared }: Omit<Open, "byJob" | "shown">,
  { logUrl, environmentUrl }: BegunDeployment,
  { state, description }: EndedDeployment,
): Promise<void> {
  await api.post(`/deployments/${id}/statuses`, {
    state,
    description: short(description),
    auto_inactive: !shared,
    ...(logUrl !== undefined && { log_url: logUrl }),
    ...(environmentUrl !== undefined && { environment_url: environmentUrl }),
  });
}

function listed(body: unknown): readonly Listed[] {
  if (!Array.isArray(body)) throw new Error("the answer is none of GitHub's");
  return body as Listed[];
}

/** Descriptions of states have 140 characters (REST API, create a deployment status). */
function short(text: string): string {
  return text.length <= 140 ? text : `${text.slice(0, 139)}…`;
}

function whyNot(error: unknown): string {
  if (!(error instanceof GithubRefused)) return whyNoAnswer(error, askMs);
  const hints: Readonly<Record<number, string>> = {
    401: "the token is not accepted",
    403: "this token may not write deployments (a job needs `permissions: deployments: write`), or has asked too often",
    404: "there is no such repository for this token, or it may not write deployments",
    422: error.says,
  };
  const hint = hints[error.status] ?? "";
  return `${error.message}${hint === "" ? "" : `: ${hint}`}`;
}
