import { encodeRecord } from "./record.ts";
import { type Policies, type PolicyDraft, policyName } from "./policy.ts";
import { overwriteParameter, type StorePorts } from "./store.ts";
import { writerOf } from "./writers.ts";

/** What is done to policies, and asked of them, beside reading them. */
export function parameterPolicies(ports: StorePorts): Omit<Policies, "ruling" | "policy"> {
  return {
    pushPolicy: (draft) =>
      overwriteParameter(policyName(ports.app, draft.environment), encode(draft, ports), ports, {}),
    wouldPush: async (draft) => {
      encode(draft, ports);
    },
    policyWriter: async (environment) => (await writerOf(policyName(ports.app, environment), ports))?.user,
  };
}

function encode(draft: PolicyDraft, { version }: Pick<StorePorts, "version">): string {
  return encodeRecord({ schema: 1, version, ...draft }, `the policy of ${draft.environment}`, {
    advice: ["accept fewer findings of the image scan, or say why in fewer words"],
  });
}
