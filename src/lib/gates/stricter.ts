import { isDeepStrictEqual } from "node:util";
import type { Budget, Limit } from "../config/budget.ts";
import type { EnvironmentConfig, GatesConfig } from "../config/config.ts";
import type { Policy } from "../ledger/policy.ts";
import { bothChecks } from "./named-checks.ts";
import { isWithin } from "./window.ts";

type Of<Key extends keyof GatesConfig> = NonNullable<GatesConfig[Key]>;

/** What an environment asks for that asks for nothing but that a release is there, and no freeze is on. */
export const noGates: GatesConfig = { smoke: false, soakMs: 0 };

/** What threads.yml asks for itself: where something is deployed to an environment without gates, nothing. */
export function ownGates({ gates, hosts, ecs, requiresPromotion }: EnvironmentConfig): GatesConfig {
  return requiresPromotion || (hosts === undefined && ecs === undefined) ? gates : noGates;
}

/** The environment as it is to be judged: by threads.yml and by the policy both, gate by gate by whatever is the stricter. */
export function governed(environment: EnvironmentConfig, policy: Policy | undefined): EnvironmentConfig {
  if (policy === undefined || policy.gates === null) return environment;
  return { ...environment, requiresPromotion: true, gates: stricter(ownGates(environment), policy.gates) };
}

/**
 * What satisfies both. Where neither is the stricter (another environment to be verified in, another branch) it is the
 * policy's, since that is the one that no branch can change.
 */
export function stricter(own: GatesConfig, policy: GatesConfig): GatesConfig {
  const verified = policy.verified ?? own.verified;
  const verify = policy.verify ?? own.verify;
  const branch = policy.branch ?? own.branch;
  const stress = either(own.stress, policy.stress, bothLoads);
  const rehearsed = either(own.rehearsed, policy.rehearsed, bothRehearsals);
  const maturityMs = either(own.maturityMs, policy.maturityMs, (one, other) => Math.max(one, other));
  const checks = either(own.checks, policy.checks, (one, other) => [...new Set([...other, ...one])]);
  const scan = either(own.scan, policy.scan, bothScans);
  const signature = either(own.signature, policy.signature, bothSignatures);
  const window = either(own.window, policy.window, bothWindows);
  const approvals = either(own.approvals, policy.approvals, bothApprovals);
  const smokeChecks = either(own.smokeChecks, policy.smokeChecks, bothChecks);
  // Of another environment they are others.
  const mine = own.verify === verify ? own.verifyChecks : undefined;
  const verifyChecks = either(mine, policy.verifyChecks, bothChecks);
  return {
    smoke: own.smoke || policy.smoke,
    soakMs: Math.max(own.soakMs, policy.soakMs),
    ...(verified !== undefined && { verified }),
    ...(verify !== undefined && { verify }),
    ...(stress !== undefined && { stress }),
    ...(rehearsed !== undefined && { rehearsed }),
    ...(branch !== undefined && { branch }),
    ...(maturityMs !== undefined && { maturityMs }),
    ...(checks !== undefined && { checks }),
    ...(scan !== undefined && { scan }),
    ...(signature !== undefined && { signature }),
    ...(window !== undefined && { window }),
    ...(approvals !== undefined && { approvals }),
    ...(smokeChecks !== undefined && { smokeChecks }),
    ...(verifyChecks !== undefined && { verifyChecks }),
  };
}

/** One of the two where only one asks, and where they ask for the same. */
function either<T>(own: T | undefined, policy: T | undefined, both: (own: T, policy: T) => T): T | undefined {
  if (own === undefined || policy === undefined) return own ?? policy;
  return isDeepStrictEqual(own, policy) ? own : both(own, policy);
}

/** As long and as much as either asks for, in the environment of the policy. */
function bothLoads(own: Of<"stress">, policy: Of<"stress">): Of<"stress"> {
  const rate = either(own.rate, policy.rate, Math.max);
  const durationMs = either(own.durationMs, policy.durationMs, Math.max);
  return {
    environment: policy.environment,
    budget: bothBudgets(own.budget, policy.budget),
    ...(rate !== undefined && { rate }),
    ...(durationMs !== undefined && { durationMs }),
  };
}

function bothRehearsals(own: Of<"rehearsed">, policy: Of<"rehearsed">): Of<"rehearsed"> {
  return { budget: bothBudgets(own.budget, policy.budget), lockMs: Math.min(own.lockMs, policy.lockMs) };
}

function bothBudgets(own: Budget, policy: Budget): Budget {
  const mine = own.filter((limit) => !policy.some(({ of }) => of === limit.of));
  return [...policy.map((limit) => tighter(own.find(({ of }) => of === limit.of) ?? limit, limit)), ...mine];
}

/** No error at all is less than any number and any part of them; otherwise a number and a part cannot be compared. */
function tighter(own: Limit, policy: Limit): Limit {
  const isOwn = own.unit === policy.unit ? own.most < policy.most : own.most === 0;
  return isOwn ? own : policy;
}

/** A finding is accepted that both accept, as long as both do. How long somebody waits is no matter of strictness. */
function bothScans(own: Of<"scan">, policy: Of<"scan">): Of<"scan"> {
  return {
    waitMs: own.waitMs,
    block: [...new Set([...policy.block, ...own.block])],
    allow: policy.allow.flatMap((one) => {
      const other = own.allow.find(({ id }) => id === one.id);
      return other === undefined ? [] : [other.until < one.until ? other : one];
    }),
  };
}

/** Of two signers none is the stricter: it is the policy's. */
function bothSignatures(own: Of<"signature">, policy: Of<"signature">): Of<"signature"> {
  return { by: policy.by, required: own.required || policy.required };
}

function bothWindows(
  { calendars: mine, ...own }: Of<"window">,
  { calendars: theirs, ...policy }: Of<"window">,
): Of<"window"> {
  const calendars = either(mine, theirs, (one, other) => [...new Set([...other, ...one])]);
  return { ...bothHours(own, policy), ...(calendars !== undefined && { calendars }) };
}

function bothHours(own: Of<"window">, policy: Of<"window">): Of<"window"> {
  if (isWithin(own, policy)) return own;
  return isWithin(policy, own) ? policy : { ...policy, and: own };
}

/** Where both say who may, those may whom both name; if that is fewer than are asked for, nobody can open it, and the judge says so. */
function bothApprovals(own: Of<"approvals">, policy: Of<"approvals">): Of<"approvals"> {
  const by = either(own.by, policy.by, (mine, theirs) => theirs.filter((principal) => mine.includes(principal)));
  return {
    count: Math.max(own.count, policy.count),
    notAuthor: own.notAuthor || policy.notAuthor,
    ...(by !== undefined && { by }),
  };
}
