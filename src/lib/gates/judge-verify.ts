import { authorText } from "../ledger/author.ts";
import { count, dated } from "../text/words.ts";
import type { GateFacts } from "./gate-facts.ts";
import { flawOf, lackingChecks } from "./judge-smoke.ts";
import { missing, notConfigured, passed, type GateVerdict } from "./verdict.ts";

/** Whether every host of the environment has answered, with these digests, every check that it is asked for today. */
export function judgeVerify({ environment, published, looks, hostChecks, hostLacks = [] }: GateFacts): GateVerdict {
  const where = environment.gates.verify;
  if (where === undefined) return notConfigured;
  const wanted = { published, wanted: hostChecks, lacks: hostLacks };
  const seen = looks.filter((one) => one.kind === "verify" && one.environment === where);
  const again = [`threads verify -e ${where}`, `threads deploy -e ${where} ${published.release.revision}`] as const;
  const [newest] = seen;
  const good = seen.find((one) => flawOf(one, wanted) === undefined);
  if (good === undefined && hostLacks.length > 0)
    return lackingChecks(`no verification of ${where} on record shows`, hostLacks, environment.name);
  if (newest === undefined) return missing(`these digests were never verified in ${where}`, ...again);
  if (good === undefined)
    return missing(
      `the verification of ${where} on record (${dated(newest.at)}) ${flawOf(newest, wanted) ?? ""}`,
      ...again,
    );
  const checks = count(good.checks.length + good.moreChecks, "check");
  return passed(`${checks} passed in ${where}, ${dated(good.at)} by ${authorText(good.by)}`);
}
