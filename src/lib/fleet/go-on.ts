import type { FailedOutcome } from "../errors/exit-codes.ts";
import { commandText } from "../process/processes.ts";
import { hostCodes } from "../script/host-codes.ts";
import { addressOf } from "./named-host.ts";
import type { RolloutPlan } from "./rollout-plan.ts";
import { approveText } from "./step-text.ts";
import { isAhead, isAtWork, type Trouble, type Walked } from "./trouble.ts";

/** What to type after a walk that came to no good end: the way on first, and last what shows more of it. */
export function goOn(outcome: FailedOutcome, walked: Walked): string[] {
  return [...nextCommands(outcome, walked), ...logOf(walked)];
}

function nextCommands(outcome: FailedOutcome, { plan, hosts, weighed, pauses, trouble }: Walked): string[] {
  const environment = plan.environment.name;
  const status = `threads status -e ${environment}`;
  const again = plan.finish;
  // Where every host is back already, a rollback would go one release too far.
  const undoes = plan.undo !== undefined && plan.kind === "deploy" && hosts.some(isAhead);
  const back = undoes ? [`threads rollback -e ${environment}`] : [];
  if (trouble?.cause === "frozen")
    return [...(outcome === "refused" ? [] : back), `threads freeze -e ${environment} --lift`, again];
  if (trouble?.cause === "paused") {
    const right = lacksOwnRight(trouble) ? [`threads policy iam -e ${environment} --role deployer`] : [];
    return [...right, approveText(environment, pauses.at(-1) ?? weighed.at(-1)), again, ...back, status];
  }
  // A host that is still at work refuses everything else until it has ended.
  if (isAtWork(trouble)) return [status, again, ...back];
  if (trouble?.noReturn !== undefined) return [status, `threads deploy -e ${environment} --resume`];
  if (outcome === "interrupted") return [again, ...back, status];
  if (outcome === "partial") return [status, ...back, again];
  if (trouble?.verdict?.code === hostCodes.busy.exit) return [status, again];
  // The sandbox gives its hosts what threads.yml has come to name; outside of it nobody is told that command.
  if (lacksRight(trouble)) return ["threads sandbox up", "threads policy iam", again];
  if (lacksOwnRight(trouble)) return [`threads policy iam -e ${environment} --role deployer`, again, status];
  return [...withoutIt(plan, trouble), status];
}

/** Where one host alone keeps the others from going back, they can go without it. */
function withoutIt({ kind, again, hosts, leftOut }: RolloutPlan, trouble: Trouble | undefined): string[] {
  const host = hosts.find(({ id }) => id === trouble?.host);
  if (kind !== "rollback" || trouble?.cause !== "failed" || trouble.isShared === true) return [];
  if (host === undefined || hosts.length === 1) return [];
  const without = { file: "--without", args: [addressOf(host, [...hosts, ...leftOut])] };
  return [`${again} ${commandText(without)}`];
}

/** The command that shows all of what a host's script has said: of one that is at work, as it goes on. */
function logOf({ plan, trouble }: Walked): string[] {
  // On ECS no script has spoken, and what tasks have said its own advice tells.
  if (plan.environment.ecs !== undefined) return [];
  const log = `threads logs -e ${plan.environment.name} --deployment ${plan.number}`;
  if (isAtWork(trouble)) return [`${log} --follow`];
  const { host, verdict } = trouble ?? {};
  // Refused by another deployment's lock or fence, it has said nothing of this one.
  const isRefused = verdict?.code === hostCodes.busy.exit || verdict?.code === hostCodes.superseded.exit;
  const hasSpoken = verdict !== undefined && verdict.tail.length > 0 && !isRefused;
  return hasSpoken && host !== undefined ? [`${log} --host ${host}`] : [];
}

/** By the words of not_given in script/env-from.sh. */
function lacksRight(trouble: Trouble | undefined): boolean {
  return trouble?.verdict?.says.includes("the role of this host lacks ") === true;
}

/** In AWS's words to whoever deploys to ECS. */
function lacksOwnRight(trouble: Trouble | undefined): boolean {
  return / lacks (?:ecs|iam):\w+/.test(trouble?.verdict?.says ?? "");
}

/** What to type where a deployment stays open in the ledger: find out, then take it over. */
export function takeOver(plan: RolloutPlan): string[] {
  return [`threads status -e ${plan.environment.name}`, `${plan.finish} --supersede ${plan.number}`];
}
