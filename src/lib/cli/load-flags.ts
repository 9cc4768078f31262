import { Flags } from "@oclif/core";
import type { Budget } from "../config/budget.ts";
import { parseSpan, spanForm } from "../config/pace.ts";
import { wellFormed } from "./well-formed.ts";

// How much is asked, as it is typed; what it is otherwise is threads.yml's word.

const mostRate = 5_000;
const longestMs = 3_600_000;

/** `--lock TIME`, whatever a command does with it; in milliseconds. */
export const spanFlag = Flags.custom<number>({
  helpValue: "TIME",
  parse: (written) => wellFormed(within(parseSpan(written), longestMs), written, `${spanForm}, an hour at most`),
});

export const loadFlags = {
  duration: spanFlag({ summary: "For so long" }),
  rate: Flags.custom<number>({
    summary: "So many requests a second, all hosts together",
    helpValue: "NUMBER",
    parse: (written) =>
      wellFormed(
        /^\d{1,5}$/.test(written) ? within(Number(written), mostRate) : undefined,
        written,
        `a number of requests a second, ${mostRate} at most`,
      ),
  })(),
  budget: Flags.custom<Budget>({
    summary: "What must be kept: p50, p90, p99 and max as times, errors as a number or a part",
    helpValue: "p99=200ms,errors=0",
    // Whoever types no budget, a page of help among them, need not load what reads one.
    parse: async (written) => {
      const { budgetForm, parseBudget } = await import("../config/budget.ts");
      return wellFormed(parseBudget(written), written, budgetForm);
    },
  })(),
};

function within(value: number | undefined, most: number): number | undefined {
  return value !== undefined && value > 0 && value <= most ? value : undefined;
}
