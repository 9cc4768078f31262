import { shortRevision } from "../../release/revision.ts";
import type { EnvironmentStatus, HostStatus, StatusResult } from "../../fleet/status-result.ts";

/** What is said of something, by what it is about. */
type Facts = ReadonlyMap<string, string>;

/**
 * What is different from the look before, a sentence for each; of a first look what stands out. Pure.
 * @param before undefined where there was none
 */
export function changesOf(before: StatusResult | undefined, after: StatusResult): readonly string[] {
  const now = new Map(after.environments.flatMap((one) => [...factsOf(one)]));
  const then = before === undefined ? undefined : new Map(before.environments.flatMap((one) => [...factsOf(one)]));
  const said = [...now].flatMap(([about, says]) => {
    if (then === undefined) return isOfService(about) ? [] : [says];
    const was = then.get(about);
    return was !== undefined && timeless(was) === timeless(says) ? [] : [says];
  });
  const over = [...(then ?? [])].flatMap(([about, says]) => (now.has(about) ? [] : [`no longer: ${says}`]));
  return [...said, ...over];
}

function factsOf(status: EnvironmentStatus): Facts {
  const { environment, release, outcome, latest, freeze, hold, hosts, problems } = status;
  const facts = new Map<string, string>();
  const runs =
    release === null ? "nothing was ever deployed" : `${shortRevision(release.revision)} (#${release.number})`;
  facts.set(`${environment} outcome`, `${environment} ${runs}: ${outcome.replaceAll("-", " ")}`);
  if (latest !== null)
    facts.set(
      `${environment} attempt`,
      `${environment} #${latest.number} ${latest.kind} ${shortRevision(latest.revision)} ${latest.result}`,
    );
  if (freeze !== null) facts.set(`${environment} freeze`, `${environment} is frozen: ${freeze.reason}`);
  if (hold !== null)
    facts.set(
      `${environment} hold`,
      `${environment} is held since its rollback #${hold.number}${hold.reason === null ? "" : `: ${hold.reason}`}`,
    );
  for (const problem of problems) facts.set(`${environment} ! ${timeless(problem)}`, `${environment} ! ${problem}`);
  for (const host of hosts) for (const [about, says] of hostFacts(environment, host)) facts.set(about, says);
  return facts;
}

function hostFacts(environment: string, { id, name, services }: HostStatus): (readonly [string, string])[] {
  return services.map(({ service, digest, state, health, verdict }) => {
    const word = verdict === "ok" ? (health === "none" ? state : health) : verdict;
    const image = digest === null ? "" : ` ${digest.replace("sha256:", "").slice(0, 12)}`;
    return [`${environment} ${id} service ${service}`, `${environment} ${name} ${service}${image} ${word}`] as const;
  });
}

const isOfService = (about: string): boolean => / service /.test(about);

/** How long ago something was is another one at each look, and no news. */
function timeless(text: string): string {
  return text.replaceAll(/\d+ (?:s|min|h|d)\b(?: \d+ (?:min|h)\b)?/g, "…");
}
