import { suggest } from "../../config/suggest.ts";
import { type Code, codes, outcomesOf } from "../../errors/codes.ts";
import { type Outcome, outcomes } from "../../errors/exit-codes.ts";
import { explanations } from "../../errors/explanations/explanations.ts";
import { changedBy } from "../../errors/explanations/outcomes.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { type HostCodeName, hostCodes } from "../../script/host-codes.ts";
import { hostExplanations } from "../../script/host-explanations.ts";
import type { ExplainedExit, ExplainedHostCode, ExplainResult } from "./result.ts";

const codeNames = Object.keys(codes) as Code[];
const outcomeNames = Object.keys(outcomes) as Outcome[];
const hostCodeNames = Object.keys(hostCodes) as HostCodeName[];

/**
 * What a code means, what was changed and what to do: an error code, an exit code, or one of the script on hosts.
 * @param asked in any case; everything where it is missing. @throws ThreadsError usage UNKNOWN_CODE
 */
export function explain(asked: string | undefined): ExplainResult {
  const told = { outcome: "explained", exitCodes: [], hostCodes: [], next: [], advice: [] } as const;
  if (asked === undefined) {
    const exitCodes = outcomeNames.map((name) => exitOf(name));
    return { ...told, asked: null, exitCodes, hostCodes: hostCodeNames.map(hostCode) };
  }
  const word = asked.trim().toUpperCase().replaceAll("-", "_");
  const code = codeNames.find((name) => name === word);
  const outcome = outcomeNames.find((name) => String(outcomes[name].exit) === word);
  const host = hostCodeNames.find((name) => String(hostCodes[name].exit) === word);
  if (code !== undefined)
    return { ...told, asked: code, exitCodes: outcomesOf(code).map((name) => exitOf(name, code)) };
  if (outcome !== undefined) return { ...told, asked: word, exitCodes: [exitOf(outcome)] };
  if (host !== undefined) return { ...told, asked: word, hostCodes: [hostCode(host)] };
  throw unknownCode(asked, word);
}

/** An exit code with all error codes that come with it, or with that one. */
function exitOf(outcome: Outcome, only?: Code): ExplainedExit {
  const { exit, meaning } = outcomes[outcome];
  const own = codeNames.filter((name) => outcomesOf(name).some((one) => one === outcome)).toSorted();
  const changed = changedBy[outcome];
  return {
    exitCode: exit,
    outcome,
    meaning,
    changed,
    codes: (only === undefined ? own : [only]).map((code) => ({ code, changed, ...explanations[code] })),
  };
}

function hostCode(name: HostCodeName): ExplainedHostCode {
  return { code: name, exitCode: hostCodes[name].exit, ...hostExplanations[name] };
}

/** What has many codes is looked up in the list of all. */
const mostMeant = 3;

function unknownCode(asked: string, word: string): ThreadsError {
  const meant = suggest(word, codeNames);
  const parts = meant === undefined && word.length > 2 ? codeNames.filter((name) => name.includes(word)) : [];
  const near = meant === undefined ? parts.slice(0, mostMeant) : [meant];
  return new ThreadsError("UNKNOWN_CODE", {
    message: `there is no code "${asked}"${meant === undefined ? "" : `, did you mean ${meant}?`}`,
    next: [...near.map((name) => `threads explain ${name}`), "threads explain"],
  });
}
