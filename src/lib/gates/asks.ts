import { isDeepStrictEqual } from "node:util";
import { type Budget, budgetText } from "../config/budget.ts";
import type { EnvironmentConfig, GatesConfig } from "../config/config.ts";
import { type Policy, policyText } from "../ledger/policy.ts";
import { signerText } from "../signature/signatures.ts";
import { count, list, span, took } from "../text/words.ts";
import { gateNames, type GateName } from "./names.ts";
import { checksText, inOneOrder } from "./named-checks.ts";
import { ownGates, stricter } from "./stricter.ts";
import { windowText } from "./window.ts";

/** Gates that somebody has to ask for; the others are asked for always. */
export type AskedGate = Exclude<GateName, "published" | "freeze">;

/** What a gate asks for, in a few words; undefined where it is not asked for. */
const texts: Readonly<Record<AskedGate, (gates: GatesConfig) => string | undefined>> = {
  branch: ({ branch }) => branch,
  checks: ({ checks }) => (checks === undefined ? undefined : list(checks)),
  scan: ({ scan }) => (scan === undefined ? undefined : scanText(scan)),
  signature: ({ signature }) => (signature === undefined ? undefined : signatureText(signature)),
  verified: ({ verified }) => verified,
  verify: ({ verify, verifyChecks }) =>
    verify === undefined || verifyChecks === undefined ? verify : `${verify} (${checksText(verifyChecks)})`,
  stress: ({ stress }) => (stress === undefined ? undefined : stressText(stress)),
  rehearsed: ({ rehearsed }) => (rehearsed === undefined ? undefined : rehearsedText(rehearsed)),
  soak: ({ soakMs }) => (soakMs === 0 ? undefined : span(soakMs)),
  approvals: ({ approvals }) => (approvals === undefined ? undefined : approvalsText(approvals)),
  maturity: ({ maturityMs }) => (maturityMs === undefined ? undefined : span(maturityMs)),
  window: ({ window }) => (window === undefined ? undefined : windowText(window)),
  smoke: ({ smoke, smokeChecks }) => (smoke ? (smokeChecks && checksText(smokeChecks)) || "asked for" : undefined),
};

/** The part of the configuration that a gate is; in what order things are written does not matter. */
const parts: Readonly<Record<AskedGate, (gates: GatesConfig) => unknown>> = {
  branch: ({ branch }) => branch,
  checks: ({ checks }) => checks?.toSorted(),
  scan: ({ scan }) =>
    scan && { block: scan.block.toSorted(), allow: scan.allow.toSorted((a, b) => a.id.localeCompare(b.id)) },
  signature: ({ signature }) => signature,
  verified: ({ verified }) => verified,
  verify: ({ verify, verifyChecks }) => verify && { verify, checks: inOneOrder(verifyChecks) },
  stress: ({ stress }) => stress && { ...stress, budget: inOrder(stress.budget) },
  rehearsed: ({ rehearsed }) => rehearsed && { ...rehearsed, budget: inOrder(rehearsed.budget) },
  soak: ({ soakMs }) => soakMs,
  approvals: ({ approvals }) => approvals && { ...approvals, by: approvals.by?.toSorted() },
  maturity: ({ maturityMs }) => maturityMs,
  window: ({ window }) => window && { ...window, calendars: window.calendars?.toSorted() },
  smoke: ({ smoke, smokeChecks }) => smoke && { checks: inOneOrder(smokeChecks) },
};

function inOrder(budget: Budget): Budget {
  return budget.toSorted((a, b) => a.of.localeCompare(b.of));
}

export const askedGates = gateNames.filter((gate): gate is AskedGate => gate !== "published" && gate !== "freeze");

export function asksText(gate: AskedGate, gates: GatesConfig): string | undefined {
  return texts[gate](gates);
}

/** Whether two ask for the same of a gate. */
function isSame(gate: AskedGate, one: GatesConfig, other: GatesConfig): boolean {
  return isDeepStrictEqual(parts[gate](one), parts[gate](other));
}

/** Whether all that `other` asks for of a gate `one` asks for as well. */
export function isAsStrict(gate: AskedGate, one: GatesConfig, other: GatesConfig): boolean {
  return isSame(gate, one, stricter(one, other));
}

/**
 * Gates by name that a policy asks for: what was promoted without them does not come from a promotion that obeyed it. One that
 * may only warn is none of them.
 */
export function gatesAsked(policy: Policy | undefined): readonly AskedGate[] {
  const gates = policy?.gates ?? undefined;
  return gates === undefined
    ? []
    : askedGates.filter((gate) => texts[gate](gates) !== undefined && !mayWarn(gate, gates));
}

function mayWarn(gate: AskedGate, { signature }: GatesConfig): boolean {
  return gate === "signature" && signature?.required !== true;
}

/**
 * What a policy adds to what threads.yml asks of a gate: `2 by the policy that user/ada pushed on …; threads.yml asks for 1`.
 * @param environment as threads.yml has it. @returns undefined where it adds nothing
 */
export function addedText(
  gate: GateName,
  environment: EnvironmentConfig,
  policy: Policy | undefined,
): string | undefined {
  if (gate === "published" || gate === "freeze" || policy === undefined || policy.gates === null) return undefined;
  const own = ownGates(environment);
  if (isAsStrict(gate, own, policy.gates)) return undefined;
  const theirs = `${texts[gate](policy.gates) ?? ""} by ${policyText(policy)}`;
  const mine = texts[gate](own);
  if (mine === undefined) return `${theirs}; threads.yml does not ask for it`;
  return `${theirs}; threads.yml asks for ${mine}`;
}

function scanText({ block, allow }: NonNullable<GatesConfig["scan"]>): string {
  const findings = allow.length === 0 ? "" : `, but for ${list(allow.map(({ id, until }) => `${id} until ${until}`))}`;
  return `none of ${list(block)}${findings}`;
}

function signatureText({ by, required }: NonNullable<GatesConfig["signature"]>): string {
  return `one by ${signerText(by)}${required ? ", from the first promotion on" : ""}`;
}

function stressText({ environment, budget, rate, durationMs }: NonNullable<GatesConfig["stress"]>): string {
  const load = rate === undefined ? "" : ` at ${rate} requests a second`;
  return `${budgetText(budget)} in ${environment}${load}${durationMs === undefined ? "" : ` for ${span(durationMs)}`}`;
}

function rehearsedText({ budget, lockMs }: NonNullable<GatesConfig["rehearsed"]>): string {
  return `${budgetText(budget)}, no lock for more than ${took(lockMs)}`;
}

function approvalsText({ count: wanted, by, notAuthor }: NonNullable<GatesConfig["approvals"]>): string {
  const who = by === undefined ? "" : ` of ${list(by)}`;
  return `${count(wanted, "approval")}${who}${notAuthor ? "" : ", the author's own included"}`;
}
