import type { Config } from "../../config/config.ts";
import { environmentOf } from "../../config/environment.ts";
import { compared } from "../../gates/compared.ts";
import { shownAuthor } from "../../ledger/author.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Policy } from "../../ledger/policy.ts";
import { principalOf } from "../../ledger/principal.ts";
import type { PolicyShowResult, ShownPolicy } from "./policy-result.ts";

export interface ShowPorts {
  readonly config: Pick<Config, "environments">;
  readonly ledger: Pick<Ledger, "policy" | "policyWriter">;
}

/** What is pushed for an environment, by whom, and how threads.yml differs from it. @throws ThreadsError UNKNOWN_ENVIRONMENT (usage); LEDGER_UNREADABLE, POLICY_UNREADABLE (refused) */
export async function showPolicy(
  { environment: name }: { readonly environment: string },
  { config, ledger }: ShowPorts,
): Promise<PolicyShowResult> {
  const environment = environmentOf(config, name, (other) => `threads policy show -e ${other}`);
  const [policy, writer] = await Promise.all([ledger.policy(name), ledger.policyWriter(name)]);
  const gates = compared(environment, policy);
  const differs = gates.some(({ stricter }) => stricter !== "neither");
  return {
    outcome: policy === undefined ? "none" : "shown",
    environment: name,
    policy: policy === undefined ? null : shown(policy, writer),
    gates,
    next: gates.length > 0 && (policy === undefined || differs) ? [`threads policy push -e ${name} --dry-run`] : [],
    advice: [],
  };
}

function shown({ by, pushedAt, number, reason }: Policy, writer: string | undefined): ShownPolicy {
  const principal = writer === undefined ? undefined : principalOf(writer);
  return {
    principal: principal ?? null,
    by: shownAuthor(by),
    pushedAt,
    number: number ?? null,
    reason: reason ?? null,
  };
}
