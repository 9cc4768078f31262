import type { EnvironmentConfig, GatesConfig } from "../config/config.ts";
import type { Next } from "../errors/next.ts";
import type { Freeze } from "../ledger/freeze.ts";
import type { Policy } from "../ledger/policy.ts";
import { addedText } from "./asks.ts";
import type { GateFacts } from "./gate-facts.ts";
import { judgeApprovals } from "./judge-approvals.ts";
import { judgeBranch } from "./judge-branch.ts";
import { judgeChecks } from "./judge-checks.ts";
import { judgeFreeze } from "./judge-freeze.ts";
import { judgeMaturity } from "./judge-maturity.ts";
import { judgePublished } from "./judge-published.ts";
import { judgeRehearsed } from "./judge-rehearsed.ts";
import { judgeScans } from "./judge-scan.ts";
import { judgeSignature } from "./judge-signature.ts";
import { judgeSmokes } from "./judge-smoke.ts";
import { judgeSoak, judgeVerified } from "./judge-stay.ts";
import { judgeStress } from "./judge-stress.ts";
import { judgeVerify } from "./judge-verify.ts";
import { judgeWindow } from "./judge-window.ts";
import { type GateName, gateNames } from "./names.ts";
import type { Gate } from "./result.ts";
import { governed } from "./stricter.ts";
import { missing, notConfigured, type GateVerdict } from "./verdict.ts";

/** A condition of a promotion: whether an environment asks for it, and what the facts say of it. */
interface GateKind {
  readonly isAsked: (gates: GatesConfig) => boolean;
  /** Only asked where it is. */
  readonly judge: (facts: GateFacts) => GateVerdict;
}

const kinds: Readonly<Record<GateName, GateKind>> = {
  published: { isAsked: () => true, judge: judgePublished },
  freeze: { isAsked: () => true, judge: judgeFreeze },
  branch: { isAsked: ({ branch }) => branch !== undefined, judge: judgeBranch },
  checks: { isAsked: ({ checks }) => checks !== undefined, judge: judgeChecks },
  scan: {
    isAsked: ({ scan }) => scan !== undefined,
    judge: (facts) => {
      const { scan } = facts.environment.gates;
      const { scans, now, scansAwaitedMs: waitedMs } = facts;
      if (scan === undefined || scans === undefined) return notConfigured;
      return judgeScans(scan, scans, { now, promote: promoteText(facts), waitedMs });
    },
  },
  signature: { isAsked: ({ signature }) => signature !== undefined, judge: judgeSignature },
  verified: { isAsked: ({ verified }) => verified !== undefined, judge: judgeVerified },
  soak: { isAsked: ({ soakMs }) => soakMs > 0, judge: judgeSoak },
  verify: { isAsked: ({ verify }) => verify !== undefined, judge: judgeVerify },
  stress: { isAsked: ({ stress }) => stress !== undefined, judge: judgeStress },
  rehearsed: { isAsked: ({ rehearsed }) => rehearsed !== undefined, judge: judgeRehearsed },
  approvals: { isAsked: ({ approvals }) => approvals !== undefined, judge: judgeApprovals },
  maturity: { isAsked: ({ maturityMs }) => maturityMs !== undefined, judge: judgeMaturity },
  window: { isAsked: ({ window }) => window !== undefined, judge: judgeWindow },
  smoke: {
    isAsked: ({ smoke }) => smoke,
    judge: (facts) => judgeSmokes(facts, promoteText(facts), facts.environment.name),
  },
};

/** The promotion, as it is typed. */
function promoteText({ environment, published }: GateFacts): string {
  return `threads promote ${published.release.revision} -e ${environment.name}`;
}

/** Reasons by the gate that somebody opens. */
export type Overrides = ReadonlyMap<GateName, string>;

/** Judges every gate: pure, so that the list that is shown is the one that is enforced. */
export function judgeGates(facts: GateFacts, overrides: Overrides): readonly Gate[] {
  return gateNames.map((gate): Gate => {
    const { isAsked, judge } = kinds[gate];
    const verdict = isAsked(facts.environment.gates) ? judge(facts) : notConfigured;
    const { under } = facts;
    const policy = under === undefined ? null : (addedText(gate, under.own, under.policy) ?? null);
    const reason = overrides.get(gate);
    if (reason === undefined || !isShut(verdict)) return { ...shown(gate, verdict), policy };
    return { ...shown(gate, { state: "overridden", says: verdict.says, next: [] }), policy, reason };
  });
}

function shown(gate: GateName, verdict: GateVerdict): Gate {
  return { gate, advice: [], opensBy: null, opensAt: null, ...verdict, policy: null, reason: null };
}

/** The gates of what is not published: only a freeze can be judged without a release. */
export function judgeUnpublished(
  own: EnvironmentConfig,
  why: Next & { readonly message: string },
  { freeze, policy }: { readonly freeze: Freeze | undefined; readonly policy: Policy | undefined },
): readonly Gate[] {
  const environment = governed(own, policy);
  const later = missing("there is no published release to look at");
  return gateNames.map((gate): Gate => {
    if (gate === "published") return shown(gate, { ...missing(why.message, ...why.next), advice: why.advice });
    if (gate === "freeze") return shown(gate, judgeFreeze({ environment, freeze }));
    const asked = kinds[gate].isAsked(environment.gates) ? later : notConfigured;
    return { ...shown(gate, asked), policy: addedText(gate, own, policy) ?? null };
  });
}

/** Whether it keeps a release out. */
export function isShut({ state }: Pick<Gate, "state">): boolean {
  return state === "missing" || state === "blocked";
}
