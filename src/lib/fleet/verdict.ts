import type { HostOutcome } from "../ledger/ledger.ts";
import type { HostRun } from "../remote/remote.ts";
import { hostCodeOf, hostCodes } from "../script/host-codes.ts";
import type { HostSummary, Timings } from "../script/summary.ts";
import { answerAdvice, healthAdvice, startAdvice } from "./health-advice.ts";
import { type Expectation, judgeServices } from "./judge.ts";

/** What became of one host. */
export interface HostVerdict {
  /** left: we went away while it was at work. */
  readonly end: "done" | "failed" | "superseded" | "cancelled" | "left";
  /** What it serves now, by its own word: the new release, what it ran before, or nobody knows. */
  readonly state: HostOutcome["state"];
  /** The host script's exit code, 0 where there was none. */
  readonly code: number;
  /** One sentence without the host's name; empty where all is well. */
  readonly says: string;
  /** What the script was at when it failed, where it says so. */
  readonly step?: string;
  /** The end of the host's log. */
  readonly tail: readonly string[];
  /** What the host's edge has seen meanwhile. */
  readonly traffic?: HostOutcome["traffic"];
  /** What became of the tasks of workers that were told to end. */
  readonly tasks?: HostOutcome["tasks"];
  /** How long the script took; not there where it did not say. */
  readonly timings?: Timings;
  /** From what the environment of what it serves was made; undefined where that is a file of its own. */
  readonly environment?: HostSummary["environment"];
  /** Of what failed: from what its environment was made, and whether the host's own file is another one than what ran came up with. */
  readonly tried?: Pick<HostSummary, "environmentTried" | "environmentChanged">;
  /** What the host's words give away of the cause. */
  readonly advice?: readonly string[];
  /** What a person must know although it went well. */
  readonly warnings: readonly string[];
}

const tailLines = 20;

/** The end of what the host's script wrote beside its summary. */
export function tailOf(run: HostRun | undefined): readonly string[] {
  return run?.stderr.trim().split("\n").slice(-tailLines) ?? [];
}

/** The verdict on a host that the order has not reached: it is as it was. */
export function unreached(state: HostOutcome["state"], says: string): HostVerdict {
  return { end: "failed", state, code: hostCodes.notReady.exit, says, tail: [], warnings: [] };
}

interface Judged {
  readonly action: "deploy" | "weigh" | "restore";
  readonly expectation: Expectation;
  readonly tail: readonly string[];
}

/** The host's own word, which counts for more than SSM's: what it serves now is read from it and never concluded. */
export function judgeSummary(summary: HostSummary, { action, expectation, tail }: Judged): HostVerdict {
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
  const failed = (says: string): HostVerdict => ({ end: "failed", state, code, says, ...told, ...measured });
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
