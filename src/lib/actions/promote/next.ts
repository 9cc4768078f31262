import type { Gate } from "../../gates/result.ts";
import type { Next } from "../../errors/next.ts";
import { type Hold, holdText, liftFlag } from "../../ledger/hold.ts";
import { promoteCommand } from "./command.ts";

/** As much of a result as decides what comes next. */
interface Promoted {
  readonly outcome: "promoted" | "already-promoted" | "planned" | "waiting" | "refused";
  readonly revision: string;
  readonly environment: string;
  readonly tags: readonly string[];
  readonly gates: readonly Gate[];
  /** Null where the environment has no hosts. */
  readonly ships: object | null;
  readonly repeatSmoke?: boolean;
  readonly bundle: { readonly digest: string };
  /** What the environment is held with. */
  readonly hold?: Hold | undefined;
}

/** The very release that this was about; nothing that would be refused. */
export function nextAfterPromotion(promoted: Promoted): Next {
  const { outcome, revision, environment, tags: labels, gates, ships, repeatSmoke = false, hold, bundle } = promoted;
  if (outcome === "planned")
    return { next: [promoteCommand({ revision, environment, labels, gates, repeatSmoke })], advice: [] };
  // An environment without hosts ships nothing to anywhere.
  if (ships === null) return { next: [], advice: [] };
  const lift = liftFlag(hold, bundle.digest);
  const deploy = `threads deploy -e ${environment} ${revision}${lift}`;
  const held = hold === undefined || lift === "" ? [] : [holdText(environment, hold)];
  const isFrozen = gates.some(({ gate, state }) => gate === "freeze" && state !== "passed");
  if (!isFrozen) return { next: [deploy], advice: held };
  return {
    next: [`threads freeze -e ${environment} --lift`, deploy],
    advice: [`${environment} is frozen: nothing is deployed to it before the freeze is lifted`, ...held],
  };
}
