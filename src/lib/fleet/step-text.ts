import type { SlotSum, WeighedStep } from "../ledger/ledger.ts";

/** A step and what both slots have answered in it, as a line. */
export function stepText({ step, weight, says, old, new: now }: WeighedStep): string {
  const counts = old === null || now === null ? "" : `; new: ${sumText(now)}; old: ${sumText(old)}`;
  return `step ${step}, ${weight} %: ${says}${counts}`;
}

function sumText({ requests, failed, p90Ms }: SlotSum): string {
  return `${requests} answers, ${failed} failed${p90Ms === null ? "" : `, nine of ten within ${p90Ms} ms`}`;
}

/** The command that approves the step behind this one. */
export function approveText(environment: string, last: { readonly step: number } | undefined): string {
  return `threads deploy -e ${environment} --continue ${(last?.step ?? 0) + 1}`;
}
