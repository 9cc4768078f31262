import type { Clock } from "../../clock/clock.ts";
import { requestsOfVerify } from "../../config/checks-for.ts";
import type { Config } from "../../config/config.ts";
import { type Expectation, judgeServices, runsRelease } from "../../fleet/judge.ts";
import type { Observed } from "../../fleet/target.ts";
import type { Way } from "../../fleet/way.ts";
import type { CheckResult } from "../../probe/check.ts";
import { runChecks } from "../../probe/checks.ts";
import { shortRevision } from "../../release/revision.ts";
import type { HostCheck, VerifiedHost } from "./result.ts";

export interface CheckHostPorts {
  readonly config: Pick<Config, "checks">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface Checked {
  readonly way: Way;
  readonly observed: Observed;
  readonly expectation: Expectation & { readonly release: { readonly revision: string } };
}

/** Looks at what runs on a host, and asks its application for every check. */
export async function checkHost(
  { way, observed, expectation }: Checked,
  { config, clock, signal }: CheckHostPorts,
): Promise<VerifiedHost> {
  const { host, summary, silence } = observed;
  const { id, name } = host;
  if (summary === undefined) return { id, name, verdict: "unread", says: silence ?? "no answer", checks: [] };
  const { base, get, limitMs: timeoutMs } = way;
  const { revision } = expectation.release;
  const asked = requestsOfVerify(config).map((check) => way.asked(check));
  const checks = await runChecks({ base, checks: asked, revision, timeoutMs }, { get, exec: noCommand, clock, signal });
  const unread = way.silence();
  if (unread !== undefined) return { id, name, verdict: "unread", says: unread, checks: [] };
  const seen = checks.map(shownCheck);
  const says = runsRelease(summary, expectation) ? "" : whatRuns(observed, expectation);
  return { id, name, verdict: says === "" && seen.every(({ ok }) => ok) ? "passed" : "failed", says, checks: seen };
}

/** How long it took says more of the way there than of the application. */
export function shownCheck({ path, status, ok, detail }: CheckResult): HostCheck {
  return { path, status, ok, detail };
}

export const noCommand = (): Promise<never> => Promise.reject(new Error("no command runs on hosts for a check"));

function whatRuns({ summary }: Observed, expectation: Checked["expectation"]): string {
  if (summary === undefined) return "";
  if (summary.busy) return "a deployment is at work on it";
  if (!summary.docker) return "Docker does not answer";
  const wrong = judgeServices(summary, expectation).filter(({ verdict }) => verdict !== "ok");
  const [first] = wrong;
  if (first !== undefined)
    return `${first.service} ${first.says}${wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : ""}`;
  const { current } = summary;
  const meant = shortRevision(expectation.release.revision);
  return current === undefined
    ? `has no release on record, and ${meant} was deployed`
    : `has ${shortRevision(current.revision)} on record, and ${meant} was deployed`;
}
