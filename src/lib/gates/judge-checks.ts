import { list } from "../text/words.ts";
import type { GateFacts } from "./gate-facts.ts";
import { blocked, missing, notConfigured, passed, type GateVerdict, waiting } from "./verdict.ts";

/** Whether the checks of GitHub that are asked for have passed on that very commit. */
export function judgeChecks({ environment: { name, gates }, published, checks: seen }: GateFacts): GateVerdict {
  const { checks: wanted } = gates;
  if (wanted === undefined) return notConfigured;
  const again = `threads gates ${published.release.revision} -e ${name}`;
  // What nobody can tell has not passed.
  if (seen === undefined || "unknown" in seen)
    return {
      ...missing(`whether ${list(wanted)} passed cannot be told: ${seen?.unknown ?? "nobody asked"}`, again),
      advice: seen?.advice ?? [
        "sign in with gh auth login, or set GITHUB_TOKEN, and GITHUB_API_URL where it is not github.com",
      ],
    };
  const named = wanted.map((check) => ({ check, all: seen.filter((one) => one.name === check) }));
  const of = (state: "failed" | "pending") =>
    named.flatMap(({ check, all }) => {
      const found = all.find((one) => one.state === state);
      return found === undefined
        ? []
        : [{ ...found, says: `${check} ${state === "failed" ? `ended with ${found.word}` : `is ${found.word}`}` }];
    });
  const failed = of("failed");
  const pending = of("pending");
  const absent = named.flatMap(({ check, all }) => (all.length === 0 ? [check] : []));
  const says = [
    ...[...failed, ...pending].map((one) => one.says),
    ...(absent.length === 0 ? [] : [`there is no check ${list(absent)} on this commit`]),
  ].join("; ");
  const advice = [...failed, ...pending].flatMap(({ url }) => (url === "" ? [] : [`look at ${url}`]));
  if (failed.length > 0) return { ...blocked(says, again), advice };
  if (absent.length > 0) return { ...missing(says, again), advice };
  if (pending.length > 0) return { ...waiting(says, { by: "GitHub's checks" }, again), advice };
  return passed(`${list(wanted)} passed on this commit`);
}
