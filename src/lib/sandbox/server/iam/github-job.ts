/** A job of GitHub Actions, as far as its token tells of it; by the names of the claims. */
export interface GithubJob {
  /** `owner/name`. */
  readonly repository: string;
  readonly repository_id: string;
  readonly repository_owner_id: string;
  /** GitHub's environment that the job is in; absent where it is in none. */
  readonly environment?: string;
  readonly ref: string;
  readonly sha: string;
  /** Of the workflow that was begun, and of the one whose job it is: `owner/name/.github/workflows/deploy.yml@refs/heads/main`. */
  readonly workflow_ref: string;
  readonly job_workflow_ref: string;
  readonly event_name: string;
  readonly actor: string;
  readonly run_id: string;
  readonly run_attempt: string;
  /** Made since 15 July 2026, or chosen so: its subjects name the ids of owner and repository. */
  readonly hasIds: boolean;
}

const needed = ["repository", "repository_id", "repository_owner_id", "ref", "sha", "workflow_ref"];
const others = ["job_workflow_ref", "event_name", "actor", "run_id", "run_attempt"];

/** Whether it says all that a token has. */
export function isJob(value: unknown): value is GithubJob {
  if (typeof value !== "object" || value === null) return false;
  const job = value as Readonly<Record<string, unknown>>;
  const { hasIds, environment, ...rest } = job;
  const keys = [...needed, ...others];
  return (
    typeof hasIds === "boolean" &&
    (environment === undefined || (typeof environment === "string" && environment !== "")) &&
    keys.every((key) => typeof rest[key] === "string" && rest[key] !== "") &&
    Object.keys(rest).length === keys.length &&
    /^[\w.-]+\/[\w.-]+$/.test(String(job["repository"]))
  );
}

/** With an environment the subject names that, and no branch (GitHub docs, OpenID Connect reference, example subjects). */
export function subjectOf(job: GithubJob): string {
  const [owner = "", name = ""] = job.repository.split("/");
  const { repository_owner_id: ownerId, repository_id: id } = job;
  const repository = job.hasIds ? `${owner}@${ownerId}/${name}@${id}` : job.repository;
  if (job.environment !== undefined) return `repo:${repository}:environment:${job.environment}`;
  return `repo:${repository}:${job.event_name === "pull_request" ? "pull_request" : `ref:${job.ref}`}`;
}
