import type { z } from "zod";
import { budgetText } from "./budget.ts";
import type { GatesConfig } from "./config.ts";
import type { pushedGates } from "./gates-schema.ts";

/** Gates in the words of threads.yml, with all that it left to defaults, and the checks that it has. */
export type WrittenGates = z.input<typeof pushedGates>;

/** What threads.yml would say to get these gates: read again, it gives the same. */
export function gatesAsWritten(config: GatesConfig): WrittenGates {
  const { soakMs, maturityMs, scan, signature, window, approvals, checks, stress, rehearsed, ...more } = config;
  const { smokeChecks, verifyChecks, ...same } = more;
  return {
    ...same,
    soak: soakMs / 1000,
    ...(smokeChecks !== undefined && { smoke_checks: [...smokeChecks] }),
    ...(verifyChecks !== undefined && { verify_checks: [...verifyChecks] }),
    ...(maturityMs !== undefined && { maturity: maturityMs / 1000 }),
    ...(scan !== undefined && { scan: scanWords(scan) }),
    ...(signature !== undefined && { signature: signatureWords(signature) }),
    ...(stress !== undefined && { stress: stressWords(stress) }),
    ...(rehearsed !== undefined && {
      rehearsed: { budget: budgetText(rehearsed.budget), lock: rehearsed.lockMs / 1000 },
    }),
    ...(window !== undefined && { window: windowWords(window) }),
    ...(approvals !== undefined && { approvals: approvalWords(approvals) }),
    ...(checks !== undefined && { checks: [...checks] }),
  };
}

type Of<Key extends keyof GatesConfig> = NonNullable<GatesConfig[Key]>;

function scanWords({ block, allow, waitMs }: Of<"scan">): WrittenGates["scan"] {
  return { block: [...block], allow: [...allow], wait: waitMs / 1000 };
}

function stressWords({ environment, budget, rate, durationMs }: Of<"stress">): WrittenGates["stress"] {
  return {
    environment,
    budget: budgetText(budget),
    ...(rate !== undefined && { rate }),
    ...(durationMs !== undefined && { duration: durationMs / 1000 }),
  };
}

function signatureWords({ by, required }: Of<"signature">): WrittenGates["signature"] {
  return "key" in by
    ? { by: by.key, log: by.log, required }
    : { by: by.identity, issuer: by.issuer, log: true, required };
}

function windowWords({ zone, open, calendars }: Of<"window">): WrittenGates["window"] {
  const times = open?.map(({ days, from, to }) => ({ days: [...days], from: clock(from), to: clock(to) }));
  return {
    zone,
    ...(times !== undefined && { open: times }),
    ...(calendars !== undefined && { calendars: [...calendars] }),
  };
}

function approvalWords({ count, by, notAuthor }: Of<"approvals">): WrittenGates["approvals"] {
  return { count, ...(by !== undefined && { by: [...by] }), not_author: notAuthor };
}

/** @param minutes since midnight */
export function clock(minutes: number): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
