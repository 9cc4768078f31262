import type { HostRun } from "../remote/remote.ts";
import { type Expectation, judgeServices } from "../fleet/judge.ts";
import type { MemberVerdict } from "../fleet/verdict.ts";
import { hostCodeOf, hostCodes } from "../script/host-codes.ts";
import type { HostSummary } from "../script/summary.ts";
import { answerAdvice, healthAdvice, startAdvice } from "./health-advice.ts";

const tailLines = 20;

/** The end of what the host's script wrote beside its summary. */
export function tailOf(run: HostRun | undefined): readonly string[] {
  return run?.stderr.trim().split("\n").slice(-tailLines) ?? [];
}

interface Judged {
  readonly action: "deploy" | "weigh" | "restore";
  readonly expectation: Expectation;
  readonly tail: readonly string[];
}

/** The host's own word, which counts for more than SSM's: what it serves now is read from it and never concluded. */
export function judgeSummary(summary: HostSummary, { action, expectation, tail }: Judged): MemberVerdict {
  const { code, now: state, warnings, message } = summary;
  const { step } = summary;
  const { timings, traffic, tasks } = summary;
  const measured = {
    timings,
    ...(traffic === undefined ? {} : { traffic }),
    ...(tasks === undefined ? {} : { tasks }),
  };
  const { environmentTried, environmentChanged } = summary;
  const tried = { environmentTried, environmentChanged };
  const told = {
    step,
    tail,
    tried,
    advice: [...healthAdvice(tail), ...startAdvice(tail), ...answerAdvice(message)],
    warnings,
  };
  const failed = (says: string): MemberVerdict => ({ end: "failed", state, code, says, ...told, ...measured });
  const word = hostCodeOf(code)?.says ?? "failed";
  if (code === hostCodes.superseded.exit) return { ...failed(`${word}: ${message}`), end: "superseded" };
  if (!summary.ok) return failed(`${word}: ${message}`);
  const reached = reachedBy[action];
  if (state !== reached) return failed(`says that it is done, but ${serves[state]}`);
  const wrong =
    action === "deploy" ? judgeServices(summary, expectation).filter(({ verdict }) => verdict !== "ok") : [];
  if (wrong.length > 0)
    return failed(`is not complete: ${wrong.map((one) => `${one.service} ${one.says}`).join(", ")}`);
  return { end: "done", state, code: 0, says: "", tail: [], warnings, environment: summary.environment, ...measured };
}

const reachedBy = { deploy: "new", weigh: "both", restore: "old" } as const;

const serves = {
  new: "serves the new release",
  both: "gives both releases a part of the requests",
  old: "serves what it ran before",
  unknown: "does not know what it serves",
} as const satisfies Record<HostSummary["now"], string>;
