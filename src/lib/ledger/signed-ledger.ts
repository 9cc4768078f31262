import type { Author } from "./author.ts";
import type { Ledger } from "./ledger.ts";

/**
 * A ledger that puts beside what a machine says of itself whom AWS takes it for: into all that is written down, by
 * whichever command. What an approval and a policy say of that is theirs, and older records say nothing of it.
 * @param principal see principalOf; undefined where AWS has no name, or does not say. Asked before the first record, and never throws
 */
export function signedLedger(ledger: Ledger, principal: () => Promise<string | undefined>): Ledger {
  const signed = async (by: Author): Promise<Author> => {
    const name = await principal();
    return name === undefined ? by : { ...by, principal: name };
  };
  const signing = async <T extends { readonly by: Author }>(draft: T): Promise<T> => ({
    ...draft,
    by: await signed(draft.by),
  });
  return {
    ...ledger,
    takeLease: async (environment, draft, mayTakeOver) =>
      ledger.takeLease(environment, await signing(draft), mayTakeOver),
    begin: async (environment, number, draft) => ledger.begin(environment, number, await signing(draft)),
    finish: async (environment, outcome) => {
      const name = await principal();
      return ledger.finish(environment, name === undefined ? outcome : { ...outcome, principal: name });
    },
    freeze: async (environment, draft) => ledger.freeze(environment, await signing(draft)),
    wouldFreeze: async (environment, draft) => ledger.wouldFreeze(environment, await signing(draft)),
    lift: async (environment, by, at) => ledger.lift(environment, await signed(by), at),
    attest: async (bundle, evidence) => ledger.attest(bundle, await signing(evidence)),
    recordPromotion: async (promotion) => ledger.recordPromotion(await signing(promotion)),
    recordFirstSigned: async (environment, first) => ledger.recordFirstSigned(environment, await signing(first)),
    recordExec: async (environment, nonce, exec) => ledger.recordExec(environment, nonce, await signing(exec)),
  };
}
