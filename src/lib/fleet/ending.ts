import { outcomesOf, type SettledCode } from "../errors/codes.ts";
import type { FailedOutcome } from "../errors/exit-codes.ts";
import { type ErrorFacts, ThreadsError } from "../errors/threads-error.ts";
import { freezeText } from "../ledger/freeze.ts";
import type { DeploymentResult, HostOutcome } from "../ledger/ledger.ts";
import { shortRevision } from "../release/revision.ts";
import { hostCodeOf, hostCodes } from "../script/host-codes.ts";
import { list } from "../text/words.ts";
import { goOn } from "./go-on.ts";
import { backText } from "./back-text.ts";
import { hostText, isApplication } from "./hosts.ts";
import type { PlannedHost, RolloutPlan } from "./rollout-plan.ts";
import { stepText } from "./step-text.ts";
import { triedLines } from "./tried-environment.ts";
import { isAhead, isAtWork, type Trouble, type Walked } from "./trouble.ts";

interface End {
  readonly result: DeploymentResult;
  /** A ThreadsError, but for a bug. */
  readonly error?: unknown;
}

/** The result for the ledger, and what the command ends with where it is no success: pure. */
export function endOfRollout(walked: Walked): End {
  const { hosts, trouble } = walked;
  if (trouble === undefined) return { result: "succeeded" };
  if (trouble.cause === "failed") return endOfFailure(walked, trouble);
  if (trouble.cause === "paused") return { result: "paused", error: failure("STEP_PAUSED", "waits", walked) };
  if (trouble.cause === "unseen") return { result: "interrupted", error: unseen(walked, trouble.error) };
  if (trouble.cause === "superseded")
    return { result: "interrupted", error: failure("SUPERSEDED", "was overtaken by a newer one", walked) };
  // The last host had finished when the wish came: nothing is left to do.
  if (hosts.every((host) => host.state === "new")) return { result: "succeeded" };
  if (trouble.cause === "frozen") return { result: "interrupted", error: frozen(walked) };
  return { result: "interrupted", error: failure("INTERRUPTED", "was interrupted", walked) };
}

function endOfFailure(walked: Walked, trouble: Trouble): End {
  const { plan, hosts } = walked;
  const code = trouble.verdict?.code ?? 0;
  const alone = hosts.every(({ id, state }) => id === trouble.host || state === "untouched");
  // Not ours to judge: it is at work on another deployment.
  if (alone && code === hostCodes.busy.exit)
    return { result: "failed", error: failure("HOST_BUSY", "was refused by the first host", walked) };
  if (hosts.some(isAhead))
    return {
      result: "partial",
      error: failure("HOSTS_DIFFER", `failed, and ${whyNotBack(trouble)}`, walked),
    };
  if (alone && hostCodeOf(code)?.touched === false)
    return {
      result: "failed",
      error: failure("HOST_NOT_READY", "ended before anything was changed", walked),
    };
  if (alone && code === hostCodes.notMigrated.exit)
    return {
      result: "failed",
      error: failure("MIGRATION_FAILED", "ended before anything was switched", walked),
    };
  const environment = plan.environment.name;
  return {
    result: "rolled-back",
    error: failure("ROLLED_BACK", `failed, and ${backText(environment, plan.hosts)}`, walked),
  };
}

/** Old code is not put onto a schema that it cannot run on: then the way is forward. */
function whyNotBack({ noReturn = [], host = "" }: Trouble): string {
  const isOnEcs = isApplication({ id: host });
  if (noReturn.length === 0) return `not every ${isOnEcs ? "service" : "host"} could be brought back`;
  return `no ${isOnEcs ? "service" : "host"} goes back behind ${list(noReturn)}, which ${noReturn.length === 1 ? "contracts" : "contract"}`;
}

/** A freeze that came meanwhile: a refusal where no host was begun, an interruption by somebody else otherwise. */
function frozen(walked: Walked): ThreadsError {
  const untouched = walked.hosts.every((host) => host.state === "untouched");
  const outcome = untouched ? "refused" : "interrupted";
  return new ThreadsError("FROZEN", { outcome, ...facts(outcome, "was stopped", walked) });
}

function failure(code: SettledCode, what: string, walked: Walked): ThreadsError {
  const [outcome] = outcomesOf(code);
  return new ThreadsError(code, facts(outcome, what, walked));
}

/** What AWS refused for good while a host was at work: that goes on, and refuses everything else until it has ended. */
function unseen(walked: Walked, error: unknown): unknown {
  if (!(error instanceof ThreadsError)) return error;
  const outcome = "unknown";
  return error.with({ outcome, ...facts(outcome, `was lost sight of: ${error.message}`, walked) });
}

function facts(outcome: FailedOutcome, what: string, walked: Walked): ErrorFacts {
  const { plan, hosts, weighed, pauses, trouble } = walked;
  const name = `${plan.kind === "deploy" ? "deployment" : "rollback"} ${plan.number} of ${shortRevision(plan.release.revision)} to ${plan.environment.name}`;
  const alone = isAtWork(trouble) ? "; what is at work there goes on without us" : "";
  return {
    message: `${name} ${what}${because(walked)}`,
    details: [
      ...weighed.map(stepText),
      ...hosts.map(
        ({ id, state }) => `${named(id, plan)}  ${wordsOf(state, hostOf(id, plan))}${state === "unknown" ? alone : ""}`,
      ),
      ...(trouble?.verdict?.tail ?? []),
      ...unwellBefore(walked),
      ...triedLines(
        plan.hosts.find(({ id }) => id === trouble?.host),
        trouble?.verdict?.tried,
      ),
    ],
    deployment: {
      environment: plan.environment.name,
      number: plan.number,
      hosts: hosts.map(({ id, state }) => ({ id, name: hostOf(id, plan).name, state })),
      weighed,
      pauses,
    },
    next: goOn(outcome, walked),
    advice: [...(trouble?.verdict?.advice ?? []), ...sharedCause(walked), ...contracted(walked), ...held(walked)],
  };
}

/** What was not well on the host before it was touched: the release may not be to blame. */
function unwellBefore({ plan, trouble }: Walked): string[] {
  const host = plan.hosts.find(({ id }) => id === trouble?.host);
  const unwell = host?.unwell ?? [];
  if (host === undefined || unwell.length === 0 || trouble?.cause !== "failed") return [];
  return [`before anything was touched on ${hostText(host)}: ${list(unwell)}`];
}

function sharedCause(walked: Walked): string[] {
  if (unwellBefore(walked).length === 0) return [];
  return [
    "it was not well before, either: look at what both releases need (a database, a broker) before you blame the new one",
  ];
}

/** The first host migrates before it switches: where it fails after that, all are on a release from before the migration. */
function contracted({ plan, trouble }: Walked): string[] {
  const { noReturn, hosts } = plan;
  const code = trouble?.verdict?.code ?? 0;
  const mayHave = hostCodeOf(code)?.touched !== false && code !== hostCodes.notMigrated.exit;
  const isFirst = trouble?.host !== undefined && trouble.host === hosts[0]?.id;
  if (noReturn.length === 0 || trouble?.noReturn !== undefined || !isFirst || !mayHave) return [];
  return [`${list(noReturn)} may have run: the database may lack what the release before needs, which runs now`];
}

/** A rollback that may have come to a host holds its environment, however it ended: nothing may undo that unseen. */
function held({ plan: { kind, environment, number }, hosts }: Walked): string[] {
  if (kind !== "rollback" || !hosts.some(isAhead)) return [];
  return [`${environment.name} is held: no other release is deployed to it but with --lift-hold ${number}`];
}

function because({ plan, trouble }: Walked): string {
  if (trouble?.freeze !== undefined) return `: ${freezeText(plan.environment.name, trouble.freeze)}`;
  if (trouble?.verdict === undefined || trouble.verdict.says === "") return "";
  const who = trouble.host === undefined ? "its slot" : named(trouble.host, plan);
  return `: ${who} ${trouble.verdict.says}`;
}

function hostOf(id: string, { hosts }: RolloutPlan): Pick<PlannedHost, "id" | "name" | "before"> {
  return hosts.find((host) => host.id === id) ?? { id, name: id, before: "" };
}

function named(id: string, plan: RolloutPlan): string {
  return hostText(hostOf(id, plan));
}

function wordsOf(state: HostOutcome["state"], host: Pick<PlannedHost, "id" | "before">): string {
  if (state === "old" && host.before === undefined) return "runs nothing, as before";
  return state === "both" && isApplication(host) ? "has the new release beside what it ran before" : words[state];
}

const words: Readonly<Record<HostOutcome["state"], string>> = {
  new: "runs the new release",
  old: "runs what it ran before",
  both: "gives the new release a part of the requests, and the rest to what it ran before",
  unknown: "is in an unknown state",
  untouched: "was not touched",
};
