/** A deployment as the REST API has it (2022-11-28, Deployments). */
export interface FakeDeployment {
  readonly id: number;
  readonly sha: string;
  readonly environment: string;
  readonly description: string;
  readonly payload: unknown;
  readonly production_environment: boolean;
  /** The newest first, as they are listed. */
  readonly statuses: readonly FakeState[];
}

export interface FakeState {
  readonly state: string;
  readonly description: string;
  readonly log_url: string | null;
  readonly environment_url: string | null;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Asked {
  readonly method: string;
  /** Behind the repository. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

const stateNames = new Set(["error", "failure", "inactive", "in_progress", "queued", "pending", "success"]);

/**
 * The part of GitHub's REST API that is about deployments, as its documentation has it: a ref that must be there, checks that must
 * have passed and a merge of the default branch unless those are declined, 140 characters, and earlier ones that become inactive.
 */
export class FakeDeployments {
  all: FakeDeployment[] = [];
  /** Contexts of commit statuses that have not passed. */
  pendingContexts: readonly string[] = [];
  /** The default branch has commits that a ref lacks. */
  isBehind = true;
  hasCommit: (sha: string) => boolean;

  constructor(hasCommit: (sha: string) => boolean) {
    this.hasCommit = hasCommit;
  }

  /** @returns undefined for a path that is about something else */
  answer({ method, path, query, body }: Asked): Answer | undefined {
    const [, id, statuses] = /^\/deployments(?:\/(\d+))?(\/statuses)?$/.exec(path) ?? [undefined, undefined, undefined];
    if (path === "/deployments")
      return method === "POST" ? this.#create(body) : { status: 200, body: this.#list(query) };
    if (id === undefined || statuses === undefined) return undefined;
    const found = this.all.find((one) => one.id === Number(id));
    if (found === undefined) return { status: 404, body: { message: "Not Found" } };
    return method === "POST" ? this.#setState(found, body) : { status: 200, body: page(found.statuses, query) };
  }

  /** What GitHub makes by itself of a job with an environment. */
  addOfJob(sha: string, environment: string, runUrl: string): FakeDeployment {
    const state = { state: "in_progress", description: "", log_url: `${runUrl}/job/7`, environment_url: null };
    return this.#add({ sha, environment, description: "", payload: {}, statuses: [state] });
  }

  #list(query: URLSearchParams): unknown {
    const fits = (one: FakeDeployment): boolean =>
      ["environment", "sha"].every((key) => !query.has(key) || query.get(key) === one[key as "environment" | "sha"]);
    return page(this.all.filter(fits).map(withoutStates).toReversed(), query);
  }

  #create(body: Asked["body"]): Answer {
    const {
      ref,
      auto_merge = true,
      required_contexts,
      environment = "production",
      description = "",
      payload = {},
    } = body;
    if (typeof ref !== "string" || !this.hasCommit(ref))
      return { status: 422, body: { message: `No ref found for: ${String(ref)}` } };
    if (auto_merge !== false && this.isBehind)
      return { status: 202, body: { message: `Auto-merged main into ${ref} on deployment.` } };
    const wanted = (required_contexts ?? this.pendingContexts) as readonly string[];
    if (wanted.some((context) => this.pendingContexts.includes(context)))
      return { status: 409, body: { message: `Conflict: Commit status checks failed for ${ref}.` } };
    const made = {
      sha: ref,
      environment: String(environment),
      description: String(description),
      payload,
      statuses: [],
    };
    return { status: 201, body: withoutStates(this.#add(made)) };
  }

  #add(one: Omit<FakeDeployment, "id" | "production_environment">): FakeDeployment {
    const made = { ...one, id: 4_700 + this.all.length, production_environment: one.environment === "production" };
    this.all.push(made);
    return made;
  }

  #setState(of: FakeDeployment, body: Asked["body"]): Answer {
    const { state, description = "", log_url = null, environment_url = null, auto_inactive = true } = body;
    const faults = [
      ...(stateNames.has(String(state)) ? [] : ["state"]),
      ...(String(description).length <= 140 ? [] : ["description"]),
      ...[log_url, environment_url].filter((url) => url !== null && !isUrl(url)),
    ];
    if (faults.length > 0) return { status: 422, body: { message: `Validation Failed: ${faults.join()}` } };
    const made = { state, description, log_url, environment_url } as FakeState;
    if (state === "success" && auto_inactive !== false) this.#retire(of);
    this.#put(of, made);
    return { status: 201, body: made };
  }

  /** "all prior non-transient, non-production environment deployments" of that environment that had succeeded. */
  #retire(by: FakeDeployment): void {
    for (const one of this.all)
      if (one.id < by.id && one.environment === by.environment && !one.production_environment)
        if (one.statuses[0]?.state === "success") this.#put(one, { ...one.statuses[0], state: "inactive" });
  }

  #put(of: FakeDeployment, state: FakeState): void {
    this.all = this.all.map((one) => (one.id === of.id ? { ...one, statuses: [state, ...one.statuses] } : one));
  }
}

/** Of those GitHub tells by another path. */
function withoutStates(one: FakeDeployment): Omit<FakeDeployment, "statuses"> {
  const { id, sha, environment, description, payload, production_environment } = one;
  return { id, sha, environment, description, payload, production_environment };
}

function isUrl(value: unknown): boolean {
  return typeof value === "string" && /^https?:\/\//.test(value);
}

function page<T>(all: readonly T[], query: URLSearchParams): readonly T[] {
  const size = Math.min(100, Number(query.get("per_page") ?? 30));
  const from = (Number(query.get("page") ?? 1) - 1) * size;
  return all.slice(from, from + size);
}
