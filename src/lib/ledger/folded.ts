import type { Deployment, FoldedDeployment, HostOutcome } from "./ledger.ts";
import { utc } from "../text/words.ts";
import { encodeRecord, recordFits } from "./record.ts";

/** What is kept of a deployment that is long past: for people, and for a gate that asks whether its bundle ever ran. */
export function fold({ intent, outcome, recordedAt, endedAt }: Deployment): FoldedDeployment {
  const { number, kind, revision, bundle, by, startedAt, rollbackOf, supersedes } = intent;
  const hosts: Partial<Record<HostOutcome["state"], number>> = {};
  for (const { state } of outcome?.hosts ?? intent.hosts.map(() => ({ state: "unknown" as const })))
    hosts[state] = (hosts[state] ?? 0) + 1;
  return {
    number,
    kind,
    revision,
    bundle: bundle.digest,
    result: outcome?.result ?? "lost",
    by,
    startedAt: utc(Date.parse(recordedAt ?? startedAt)),
    finishedAt: outcome === undefined ? null : utc(Date.parse(endedAt ?? outcome.finishedAt)),
    hosts,
    ...(rollbackOf === undefined ? {} : { rollbackOf }),
    ...(supersedes === undefined ? {} : { supersedes }),
  };
}

/** The deployment again, as far as it was kept: not its images, nor which hosts they were, nor where the bundle lay. */
export function unfold(folded: FoldedDeployment): Deployment {
  const { number, kind, revision, bundle, result, by, startedAt, finishedAt, hosts: _, ...rest } = folded;
  const at = finishedAt ?? startedAt;
  return {
    intent: {
      schema: 1,
      number,
      kind,
      revision,
      tree: "",
      bundle: { repository: "", digest: bundle },
      images: {},
      hosts: [],
      by,
      startedAt,
      deadline: startedAt,
      nonce: "",
      ...rest,
    },
    outcome: result === "lost" ? undefined : { schema: 1, number, nonce: "", result, hosts: [], finishedAt: at },
    recordedAt: startedAt,
    endedAt: finishedAt ?? undefined,
  };
}

/**
 * A block of ten as it is written. Ten of them with long names and addresses are more than a parameter takes: then those are
 * cut, and never a deployment left out.
 */
export function encodeBlock(deployments: readonly FoldedDeployment[], version: string): string {
  const ways = [whole, withoutHost, withoutRun, shortName, shortPrincipal].map((way) => ({
    schema: 1,
    version,
    deployments: deployments.map((one) => ({ ...one, by: way(one.by) })),
  }));
  const fitting = ways.find(recordFits) ?? ways.at(-1) ?? {};
  return encodeRecord(fitting, "a record of ten folded deployments", {});
}

type By = FoldedDeployment["by"];
const whole = (by: By): By => by;
/** The address of a run says more than the name of the machine that it was given. */
const withoutHost = (by: By): By => (by.runUrl === undefined ? by : { ...by, host: "" });
/** Whom AWS vouches for says more than either. */
const withoutRun = ({ user, principal }: By): By => ({ user, host: "", ...(principal !== undefined && { principal }) });
const shortName = (by: By): By => ({ ...withoutRun(by), user: by.user.slice(0, 8) });
/** A part of a principal would be another one. */
const shortPrincipal = ({ user }: By): By => ({ user: user.slice(0, 8), host: "" });
