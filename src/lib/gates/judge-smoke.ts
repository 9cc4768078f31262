import type { CheckConfig } from "../config/config.ts";
import { authorText } from "../ledger/author.ts";
import { countMarks, isMarked, unnamed } from "../ledger/check-marks.ts";
import { checksByName, type Evidence } from "../ledger/evidence.ts";
import type { PublishedRelease } from "../release/release.ts";
import { count, dated, list } from "../text/words.ts";
import { blocked, missing, passed, type GateVerdict } from "./verdict.ts";

export interface SmokeFacts {
  readonly published: PublishedRelease;
  /** What the ledger has of smoke tests of this bundle, newest first. */
  readonly smokes: readonly Evidence[];
  /** What a smoke test has to ask, as threads.yml says now, and the policy. */
  readonly smokeChecks: readonly AskedCheck[];
  /** Those of the policy that threads.yml does not have: a smoke test of this machine would not show them. */
  readonly smokeLacks?: readonly AskedCheck[];
}

export type AskedCheck = Pick<CheckConfig, "path" | "status">;

/**
 * What the records of smoke tests are worth: whoever may write them can write anything, so that one is there proves nothing.
 * @param promote the promotion, as it is typed. @param environment the one that it is for
 */
export function judgeSmokes(facts: SmokeFacts, promote: string, environment: string): GateVerdict {
  const [newest] = facts.smokes;
  const good = smokeThatCounts(facts);
  if (good === undefined && facts.smokeLacks !== undefined && facts.smokeLacks.length > 0)
    return lackingChecks("no smoke test of these digests on record shows", facts.smokeLacks, environment);
  const asWell = { advice: ["the promotion runs the smoke test first"] };
  if (newest === undefined) return { ...missing("no smoke test of these digests is on record", promote), ...asWell };
  if (good === undefined)
    return {
      ...missing(`the smoke test on record (${dated(newest.at)}) ${flawOf(newest, asked(facts)) ?? ""}`, promote),
      ...asWell,
    };
  const checks = count(good.checks.length + good.moreChecks, "check");
  return passed(`${checks} passed on these digests, ${dated(good.at)} by ${authorText(good.by)}`);
}

/** What no run of this threads.yml can show: it is not waited for, and nothing is run. */
export function lackingChecks(what: string, lacking: readonly AskedCheck[], environment: string): GateVerdict {
  return {
    ...blocked(
      `${what} ${paths(lacking)}, which the policy asks for, and which this threads.yml does not have`,
      `threads policy show -e ${environment}`,
    ),
    advice: [
      "run it from a commit whose threads.yml has these checks, or put them back",
      `or push a policy without them: threads policy push -e ${environment} --reason "…"`,
    ],
  };
}

/** The newest smoke test of these very digests in which every check that is asked for has passed. */
export function smokeThatCounts(facts: SmokeFacts): Evidence | undefined {
  return facts.smokes.find((evidence) => flawOf(evidence, asked(facts)) === undefined);
}

function asked({ published, smokeChecks, smokeLacks }: SmokeFacts): Wanted {
  return { published, wanted: smokeChecks, lacks: smokeLacks };
}

interface Wanted {
  readonly published: PublishedRelease;
  /** Checks that it must show, as threads.yml says now. */
  readonly wanted: readonly AskedCheck[];
  /** Those of them that threads.yml does not have: a number of other checks stands for none of these. */
  readonly lacks?: readonly AskedCheck[] | undefined;
}

/** Why evidence does not count, completing "the smoke test on record …". */
export function flawOf(evidence: Evidence, { published, wanted, lacks = [] }: Wanted): string | undefined {
  const { checks, moreChecks } = evidence;
  if (!coversImages(evidence, published)) return "was of other digests";
  if (checks.length === 0) return "shows no check";
  const failed = checks.filter(({ ok }) => !ok);
  if (failed.length > 0) return `did not pass: ${paths(failed)}`;
  const { marks = "" } = evidence;
  // Where not all of the others are marked, what the rest are is not known, and their number stands for those beyond.
  const marked = countMarks(marks);
  const all = marked === moreChecks ? wanted : wanted.slice(0, checksByName + marked);
  const beyond = lacks.filter((check) => !all.includes(check));
  const lacking = unnamed([...all, ...beyond], checks).filter((check) => !isMarked(marks, check));
  if (lacking.length > 0) return `does not show ${paths(lacking)}`;
  const more = wanted.length - checks.length - moreChecks;
  return more > 0 ? `made ${count(more, "check")} fewer than it is asked for` : undefined;
}

/** Whether the evidence was taken of exactly the release's images. */
function coversImages(evidence: Pick<Evidence, "images">, { release }: PublishedRelease): boolean {
  const pins = Object.entries(release.images);
  return (
    Object.keys(evidence.images).length === pins.length &&
    pins.every(([service, { digest }]) => evidence.images[service] === digest)
  );
}

function paths(checks: readonly Pick<AskedCheck, "path">[]): string {
  return list([...new Set(checks.map(({ path }) => path))]);
}
