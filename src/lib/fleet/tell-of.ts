import type { DeploymentResult, Intent } from "../ledger/ledger.ts";
import type { EndedDeployment, GithubDeployment } from "../source/github-deployments.ts";
import { count } from "../text/words.ts";
import { backText } from "./back-text.ts";
import { isApplication } from "./hosts.ts";
import type { RolloutPorts } from "./ports.ts";
import type { RolloutPlan } from "./rollout-plan.ts";

type TellPorts = Pick<RolloutPorts, "config" | "github" | "author" | "progress">;

/**
 * Tells GitHub of a deployment that is on record, beside the work. Neither names hosts nor says why it failed: whoever may read
 * the repository reads it there. @returns what tells of its end; it never rejects, and warns in one line where GitHub was not told
 */
export function tellOf(
  plan: RolloutPlan,
  { number, revision, bundle }: Intent,
  { config, github, author, progress }: TellPorts,
): (result: DeploymentResult) => Promise<GithubDeployment | null> {
  if (github === undefined) return () => Promise.resolve(null);
  const { name, url } = plan.environment;
  const what = plan.kind === "deploy" ? `deployment ${number}` : `rollback ${number}`;
  const ended = github.begin({
    app: config.app,
    environment: name,
    number,
    revision,
    bundle: bundle.digest,
    description: plan.rollbackOf === undefined ? what : `${what}, of deployment ${plan.rollbackOf}`,
    environmentUrl: url,
    logUrl: author.runUrl,
  });
  return async (result) => {
    const told = await ended({ state: states[result], description: `${what} ${endOf(result, plan)}` });
    if (told?.ended === false)
      progress.warn(`GitHub was not told ${told.deployment === null ? "of" : "what became of"} ${what}: ${told.says}`);
    else if (told !== null && told.says !== "")
      progress.detail(`deployment ${told.deployment} on GitHub: ${told.says}`);
    return told;
  };
}

/** failure: the release is not what runs; error: nobody can say so. */
const states: Readonly<Record<DeploymentResult, EndedDeployment["state"]>> = {
  succeeded: "success",
  "rolled-back": "failure",
  failed: "failure",
  partial: "failure",
  interrupted: "error",
  paused: "in_progress",
};

function endOf(result: DeploymentResult, { environment: { name }, hosts }: RolloutPlan): string {
  const ends: Readonly<Record<DeploymentResult, string>> = {
    succeeded: `is on ${hosts.some(isApplication) ? "ECS" : count(hosts.length, "host")}`,
    "rolled-back": `failed, and ${backText(name, hosts)}`,
    failed: "failed before anything was switched",
    partial: `failed, and ${hosts.some(isApplication) ? "services" : "hosts"} differ`,
    interrupted: "did not come to its end",
    paused: "waits for somebody to approve its next step",
  };
  return ends[result];
}
