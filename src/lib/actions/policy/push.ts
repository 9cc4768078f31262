import type { Clock } from "../../clock/clock.ts";
import type { Config, EnvironmentConfig, GatesConfig } from "../../config/config.ts";
import { environmentOf } from "../../config/environment.ts";
import { gatesAsWritten } from "../../config/gates-words.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { askedGates, asksText, isAsStrict } from "../../gates/asks.ts";
import { noGates } from "../../gates/stricter.ts";
import type { Author } from "../../ledger/author.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Policy, PolicyDraft } from "../../ledger/policy.ts";
import { principalOf } from "../../ledger/principal.ts";
import type { Progress } from "../../progress/progress.ts";
import { quote } from "../../script/shell-words.ts";
import { list } from "../../text/words.ts";
import type { PolicyChange, PolicyPushResult } from "./policy-result.ts";

export interface PushOptions {
  readonly environment: string;
  /** Why it asks for less than what stands; needed for that alone. */
  readonly reason: string | undefined;
  readonly dryRun: boolean;
}

export interface PushPorts {
  readonly config: Pick<Config, "environments">;
  readonly ledger: Pick<Ledger, "policy" | "pushPolicy" | "wouldPush">;
  /** Who the credentials belong to; fails unless they are those of the registry's account and region. */
  readonly checkAccount: () => Promise<{ readonly arn: string }>;
  readonly author: Author;
  readonly progress: Pick<Progress, "warn">;
  readonly clock: Pick<Clock, "now">;
}

/** What stands: nothing where none is pushed, and where what is there is no policy, nobody knows what it asked for. */
interface Standing {
  readonly policy: Policy | undefined;
  readonly isReadable: boolean;
}

/**
 * Puts what threads.yml asks of an environment where no branch can change it, in the place of what stands there.
 * @throws ThreadsError NO_REASON (usage) where it asks for less; LEDGER_UNREADABLE where a newer threads wrote what stands, RECORD_TOO_LARGE (refused)
 */
export async function pushPolicy(options: PushOptions, ports: PushPorts): Promise<PolicyPushResult> {
  const reason = options.reason?.trim() ?? "";
  const type = (name: string): string =>
    [`threads policy push -e ${name}`, ...(reason === "" ? [] : [`--reason ${quote(reason)}`])].join(" ");
  const environment = environmentOf(ports.config, options.environment, type);
  const { name } = environment;
  const [{ arn }, standing] = await Promise.all([ports.checkAccount(), whatStands(name, ports.ledger)]);
  const principal = principalOf(arn);
  const changes = changesFrom(standing, environment);
  const about = { environment: name, changes, principal: principal ?? null };
  const show = `threads policy show -e ${name}`;
  if (isUnchanged(standing, changes, environment))
    return { outcome: "unchanged", ...about, reason: null, number: standing.policy?.number ?? null, ...then(show) };
  if (reason === "") requireNotLooser(changes, standing, environment);
  const draft: PolicyDraft = {
    environment: name,
    gates: asked(environment),
    ...(reason !== "" && { reason }),
    ...(principal !== undefined && { principal }),
    by: ports.author,
    at: new Date(ports.clock.now()).toISOString(),
  };
  const said = { ...about, reason: reason === "" ? null : reason };
  if (options.dryRun) {
    await ports.ledger.wouldPush(draft);
    return { outcome: "planned", ...said, number: null, ...then(type(name)) };
  }
  const number = await ports.ledger.pushPolicy(draft);
  tellOthers({ before: standing.policy?.number, number, name }, ports.progress);
  return { outcome: "pushed", ...said, number: number ?? null, ...then(show) };
}

function then(command: string): { readonly next: string[]; readonly advice: string[] } {
  return { next: [command], advice: [] };
}

/** What it is to ask for: where threads.yml has no gates, nothing. */
function asked({ gates, requiresPromotion }: EnvironmentConfig): PolicyDraft["gates"] {
  return requiresPromotion ? gatesAsWritten(gates) : null;
}

async function whatStands(environment: string, ledger: PushPorts["ledger"]): Promise<Standing> {
  try {
    return { policy: await ledger.policy(environment), isReadable: true };
  } catch (error) {
    // What a newer threads wrote is not written over.
    if (!(error instanceof ThreadsError) || error.code !== "POLICY_UNREADABLE") throw error;
    return { policy: undefined, isReadable: false };
  }
}

function changesFrom({ policy }: Standing, { gates, requiresPromotion }: EnvironmentConfig): readonly PolicyChange[] {
  const before = policy?.gates ?? noGates;
  const after = requiresPromotion ? gates : noGates;
  return askedGates.flatMap((gate) => {
    const is = changeOf(gate, before, after);
    if (is === undefined) return [];
    return [{ gate, before: asksText(gate, before) ?? null, after: asksText(gate, after) ?? null, is }];
  });
}

function changeOf(gate: PolicyChange["gate"], before: GatesConfig, after: GatesConfig): PolicyChange["is"] | undefined {
  if (!isAsStrict(gate, after, before)) return "looser";
  return isAsStrict(gate, before, after) ? undefined : "stricter";
}

/** Gates that ask for nothing, `{}`, still want a promotion: that is a policy, and none is none. */
function isUnchanged(
  { policy, isReadable }: Standing,
  changes: readonly PolicyChange[],
  { requiresPromotion }: EnvironmentConfig,
): boolean {
  return isReadable && changes.length === 0 && isAsked(policy) === requiresPromotion;
}

function isAsked(policy: Policy | undefined): boolean {
  return policy !== undefined && policy.gates !== null;
}

/** @throws ThreadsError NO_REASON (usage) */
function requireNotLooser(
  changes: readonly PolicyChange[],
  { policy, isReadable }: Standing,
  environment: EnvironmentConfig,
): void {
  const { name } = environment;
  const advice = [`say why: threads policy push -e ${name} --reason "…"`];
  if (!isReadable)
    throw new ThreadsError("NO_REASON", {
      message: `what stands for ${name} cannot be read, so that what is pushed may ask for less: that needs a reason`,
      next: [`threads policy show -e ${name}`],
      advice,
    });
  const looser = changes.filter(({ is }) => is === "looser").map(({ gate }) => gate);
  // Gates that ask for nothing want a promotion still.
  const takesAll = isAsked(policy) && !environment.requiresPromotion;
  if (looser.length > 0 || takesAll)
    throw new ThreadsError("NO_REASON", {
      message: `this asks for less than the policy of ${name} that stands (${takesAll ? "it has no gates at all" : list(looser)}): that needs a reason`,
      next: [`threads policy show -e ${name}`],
      advice,
    });
}

/** The last one counts; that there was another meanwhile, both should know. */
function tellOthers(
  {
    before = 0,
    number,
    name,
  }: { readonly before: number | undefined; readonly number: number | undefined; readonly name: string },
  progress: Pick<Progress, "warn">,
): void {
  if (number === undefined || number <= before + 1) return;
  progress.warn(
    `the policy of ${name} was written by somebody else meanwhile, or twice: it was ${before}, and this is ${number}; aws ssm get-parameter-history shows all of them`,
  );
}
