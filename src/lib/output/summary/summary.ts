import { outcomes } from "../../errors/exit-codes.ts";
import type { Next } from "../../errors/next.ts";
import type { ErrorJson } from "../error.ts";
import { code, plain, quoted, table } from "./markdown.ts";

/** GitHub takes 1 MiB of a step, which may run several commands (GitHub docs, "job summaries"). */
export const mostBytes = 64 * 1024;

/** What a command tells of its end, most important first. */
export interface Summary {
  /** One line of Markdown. */
  readonly title: string;
  readonly facts: readonly Fact[];
  /** Blocks of Markdown. */
  readonly more: readonly string[];
}

/** Name and Markdown of it; one without is left out. */
export type Fact = readonly [name: string, value: string];

/** A result with the facts of --json. @param command its words */
export function summaryText(command: string, { title, facts, more }: Summary, { next, advice }: Next): string {
  const shown = facts.filter(([, value]) => value !== "");
  return bounded([
    `### ${code(`threads ${command}`)}: ${title}`,
    ...(shown.length === 0 ? [] : [table(["", ""], shown)]),
    ...goOn({ next, advice }),
    ...more.filter((block) => block !== ""),
  ]);
}

/** A failure with the facts of --json. */
export function failureText(command: string, error: ErrorJson): string {
  const { exit, meaning } = outcomes[error.outcome];
  return bounded([
    `### ✖ ${code(`threads ${command}`)} failed: ${code(error.code)}`,
    plain(error.message),
    `exit code ${exit}: ${plain(meaning)}`,
    ...(error.details.length === 0 ? [] : [quoted(error.details)]),
    ...goOn(error),
    ...hostTable(error),
  ]);
}

function hostTable({ deployment }: ErrorJson): string[] {
  const rows = (deployment?.hosts ?? []).map(({ id, name, state }) => [plain(name), code(id), state]);
  return rows.length === 0 ? [] : [table(["host", "id", "state"], rows)];
}

function goOn({ next, advice }: Next): string[] {
  return [
    ...(next.length === 0 ? [] : ["What to type next:", quoted(next, "sh")]),
    ...(advice.length === 0 ? [] : [advice.map((sentence) => `- ${plain(sentence)}`).join("\n")]),
  ];
}

/** Whole blocks, as long as there is room: a table or a quotation that is cut would take what follows with it. */
function bounded(blocks: readonly string[]): string {
  const left = "_The rest has no room here._";
  let room = mostBytes - Buffer.byteLength(left) - 4;
  const fitting = blocks.filter((block) => {
    const bytes = Buffer.byteLength(block) + 2;
    if (bytes > room) return false;
    room -= bytes;
    return true;
  });
  const whole = fitting.length === blocks.length ? fitting : [...fitting, left];
  return `${whole.join("\n\n")}\n\n`;
}
