import type { FailedOutcome } from "../../errors/exit-codes.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { DeploymentResult, HostOutcome } from "../../ledger/ledger.ts";
import { shortRevision } from "../../release/revision.ts";
import { hostText } from "../status/fleet.ts";
import type { HostVerdict } from "./host-run.ts";
import type { RolloutPlan } from "./plan.ts";

/** Why a walk over the hosts stopped before its end. */
export interface Trouble {
  readonly cause: "failed" | "superseded" | "interrupted";
  readonly host: string | undefined;
  readonly verdict: HostVerdict | undefined;
}

interface Walked {
  readonly plan: RolloutPlan;
  /** As they are after any bringing back. */
  readonly hosts: readonly HostOutcome[];
  readonly trouble: Trouble | undefined;
}

/** Host script codes after which nothing at all was changed, the database included. */
const harmless = new Set([10, 13]);

/** The result for the ledger, and what the command ends with where it is no success: pure. */
export function endOfRollout(walked: Walked): { readonly result: DeploymentResult; readonly error?: ThreadsError } {
  const { plan, hosts, trouble } = walked;
  if (trouble === undefined) return { result: "succeeded" };
  if (trouble.cause === "interrupted") {
    // The last host had finished when the cancel came: nothing is left to do.
    if (hosts.every((host) => host.state === "new")) return { result: "succeeded" };
    return { result: "interrupted", error: failure("interrupted", "INTERRUPTED", "was interrupted", walked) };
  }
  if (trouble.cause === "superseded")
    return { result: "interrupted", error: failure("conflict", "SUPERSEDED", "was overtaken by a newer one", walked) };
  if (hosts.some((host) => host.state === "new" || host.state === "unknown"))
    return {
      result: "partial",
      error: failure("partial", "HOSTS_DIFFER", "failed, and not every host could be brought back", walked),
    };
  const code = trouble.verdict?.code ?? 0;
  const alone = hosts[0]?.id === trouble.host;
  if (alone && code === 12)
    return { result: "failed", error: failure("conflict", "HOST_BUSY", "was refused by the first host", walked) };
  if (alone && harmless.has(code))
    return {
      result: "failed",
      error: failure("refused", "HOST_NOT_READY", "ended before anything was changed", walked),
    };
  if (alone && code === 14)
    return {
      result: "failed",
      error: failure("checks", "MIGRATION_FAILED", "ended before anything was switched", walked),
    };
  const environment = plan.environment.name;
  return {
    result: "rolled-back",
    error: failure("checks", "ROLLED_BACK", `failed, and ${environment} is back on what it ran before`, walked),
  };
}

function failure(outcome: FailedOutcome, code: string, what: string, walked: Walked): ThreadsError {
  const { plan, hosts, trouble } = walked;
  const name = `${plan.kind === "deploy" ? "deployment" : "rollback"} ${plan.number} of ${shortRevision(plan.release.revision)} to ${plan.environment.name}`;
  const because =
    trouble?.verdict === undefined || trouble.verdict.says === ""
      ? ""
      : `: ${named(trouble.host ?? "", plan)} ${trouble.verdict.says}`;
  return new ThreadsError(outcome, {
    code,
    message: `${name} ${what}${because}`,
    details: [
      ...hosts.map((host) => `${named(host.id, plan)}  ${words[host.state]}`),
      ...(trouble?.verdict?.tail ?? []),
    ],
    next: nextCommands(outcome, plan),
  });
}

function named(id: string, { hosts }: RolloutPlan): string {
  return hostText(hosts.find((host) => host.id === id) ?? { id, name: id });
}

const words: Readonly<Record<HostOutcome["state"], string>> = {
  new: "runs the new release",
  old: "runs what it ran before",
  unknown: "is in an unknown state",
  untouched: "was not touched",
};

function nextCommands(outcome: FailedOutcome, plan: RolloutPlan): string[] {
  const environment = plan.environment.name;
  const status = `threads status -e ${environment}`;
  const again =
    plan.kind === "deploy"
      ? `threads deploy -e ${environment} ${plan.release.revision}`
      : `threads rollback -e ${environment}`;
  const back = plan.undo !== undefined && plan.kind === "deploy" ? [`threads rollback -e ${environment}`] : [];
  if (outcome === "interrupted") return [again, ...back, status];
  if (outcome === "partial") return [status, ...back, again];
  return [status];
}
