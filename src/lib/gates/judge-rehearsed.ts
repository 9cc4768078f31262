import { overrun } from "../config/measured.ts";
import type { RehearsedGateConfig } from "../config/config.ts";
import { authorText } from "../ledger/author.ts";
import type { Evidence } from "../ledger/evidence.ts";
import type { Intent } from "../ledger/ledger.ts";
import { shortRevision } from "../release/revision.ts";
import { count, dated, list, took } from "../text/words.ts";
import type { GateFacts } from "./gate-facts.ts";
import { flawOf } from "./judge-smoke.ts";
import { sameRelease } from "./stay.ts";
import { missing, notConfigured, passed, type GateVerdict } from "./verdict.ts";

/**
 * Whether the deployment of these digests was rehearsed over what the environment runs today: over another release it would have
 * been another deployment.
 */
export function judgeRehearsed({ environment, published, looks, current, locksAreSeen }: GateFacts): GateVerdict {
  const { name, gates } = environment;
  const wanted = gates.rehearsed;
  if (wanted === undefined || current === undefined) return notConfigured;
  if (current === null) return passed(`${name} runs nothing yet that a deployment could disturb`);
  if (sameRelease(published)(current)) return passed(`${name} runs these digests (deployment ${current.number})`);
  const again = `threads rehearse ${published.release.revision} -e ${name}`;
  const seen = looks.filter((one) => one.kind === "rehearse" && one.environment === name);
  const why = (one: Evidence): string | undefined =>
    flawOf(one, { published, wanted: [] }) ?? otherDeployment(one, current) ?? shortfall(one, wanted) ?? unseen(one);
  const unseen = ({ rehearsal }: Evidence): string | undefined =>
    rehearsal?.lockMs === null && locksAreSeen ? "does not tell how long locks were held" : undefined;
  const [newest] = seen;
  if (newest === undefined) return missing(`the deployment of these digests to ${name} was never rehearsed`, again);
  const good = seen.find((one) => why(one) === undefined);
  if (good === undefined) return missing(`the rehearsal on record (${dated(newest.at)}) ${why(newest) ?? ""}`, again);
  return passed(`${told(good)}, over ${shortRevision(current.revision)}, ${dated(good.at)} by ${authorText(good.by)}`);
}

/** Completes "the rehearsal on record …". */
function otherDeployment({ rehearsal }: Evidence, { bundle, revision }: Intent): string | undefined {
  if (rehearsal === undefined) return "does not tell over which release it was";
  return rehearsal.over === bundle.digest ? undefined : `was over another release than ${shortRevision(revision)}`;
}

function shortfall({ load, rehearsal }: Evidence, { budget, lockMs }: RehearsedGateConfig): string | undefined {
  if (load === undefined) return "does not tell what was measured";
  const held = rehearsal?.lockMs ?? 0;
  if (held > lockMs) return `has a lock that was held for ${took(held)}, and ${took(lockMs)} are allowed`;
  const over = budget.flatMap((limit) => overrun(limit, load) ?? []);
  return over.length === 0 ? undefined : `does not keep the budget: ${list(over)}`;
}

function told({ load, rehearsal }: Evidence): string {
  const { requests = 0, errors = 0 } = load ?? {};
  const lock = rehearsal?.lockMs ?? null;
  const locks = lock === null ? "locks were not seen" : `no lock for more than ${took(lock)}`;
  return `${count(requests, "request")}, ${count(errors, "error")}, ${locks}`;
}
