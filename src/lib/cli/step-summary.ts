import { appendFile, stat } from "node:fs/promises";
import type { Next } from "../errors/next.ts";
import type { ThreadsError } from "../errors/threads-error.ts";
import { annotation } from "../output/annotation.ts";
import { errorJson } from "../output/error.ts";
import { outputText } from "../output/summary/outputs.ts";
import { isTold, resultText } from "../output/summary/results.ts";
import { failureText } from "../output/summary/summary.ts";
import type { Told } from "../output/summary/told.ts";
import type { Terminal } from "../output/terminal.ts";
import { wordsOf } from "../errors/words-of.ts";

/** What GitHub takes of one step; it drops everything where there is more. */
const mostOfStep = 1024 * 1024;

type Place = Pick<Terminal, "err" | "stepSummary" | "stepOutput">;

/**
 * Tells a workflow of a result: its summary, and the steps after this one. A command is never failed by it: where it cannot be
 * written there is a warning.
 */
export async function summariseResult(command: string, result: unknown, place: Place): Promise<void> {
  if (!isTold(command)) return;
  // Of the few commands that are told each result has these.
  await append(() => resultText(command, result as Next), place);
  await leave(() => outputText(command, result as Told[typeof command]), place);
}

/** The same of a failure. */
export async function summariseFailure(command: string, error: ThreadsError, place: Place): Promise<void> {
  if (isTold(command)) await append(() => failureText(command, errorJson(error)), place);
}

async function leave(textOf: () => string, { err, stepOutput }: Place): Promise<void> {
  if (stepOutput === undefined) return;
  try {
    await appendFile(stepOutput, textOf());
  } catch (error) {
    const why = wordsOf(error);
    err.write(`${annotation("warning", `the outputs of this step were not written: ${why}`)}\n`);
  }
}

async function append(textOf: () => string, { err, stepSummary }: Place): Promise<void> {
  if (stepSummary === undefined) return;
  try {
    const text = textOf();
    const there = await stat(stepSummary).catch(() => undefined);
    if (there?.isFile() === false) throw new Error("it is no file");
    if ((there?.size ?? 0) + Buffer.byteLength(text) > mostOfStep)
      throw new Error("this step has said too much already");
    await appendFile(stepSummary, text);
  } catch (error) {
    const why = wordsOf(error);
    err.write(`${annotation("warning", `the summary of this step was not written: ${why}`)}\n`);
  }
}
