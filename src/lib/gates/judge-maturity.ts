import { dated, span, utc } from "../text/words.ts";
import type { GateFacts } from "./gate-facts.ts";
import { blocked, notConfigured, passed, type GateVerdict, waiting } from "./verdict.ts";
import { describeLine } from "../registry/describe-line.ts";

/** Whether the release was published long enough ago, by the registry's clock. */
export function judgeMaturity({ environment, published, publishedAt, now }: GateFacts): GateVerdict {
  const { maturityMs } = environment.gates;
  if (maturityMs === undefined) return notConfigured;
  if (publishedAt === undefined)
    return blocked("the registry does not say when the bundle was published", describeLine(published));
  const age = now - publishedAt;
  const since = `published ${dated(utc(publishedAt))}`;
  if (age >= maturityMs) return passed(`${since}, ${span(age)} ago (${span(maturityMs)} are asked for)`);
  // Rounded up: it is over when it says so.
  const at = publishedAt + maturityMs;
  return {
    ...waiting(
      `${since}, and ${span(maturityMs)} are asked for: ${span(maturityMs - age)} to go`,
      { by: "time", at },
      `threads gates ${published.release.revision} -e ${environment.name}`,
    ),
    advice: [`wait until ${dated(utc(at + 59_999))}`],
  };
}
