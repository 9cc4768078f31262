import type { Config, EnvironmentConfig } from "../../config/config.ts";
import type { Digest } from "../../image/digest.ts";
import type { Chronicle, Intent, Ledger } from "../../ledger/ledger.ts";
import { standing } from "../../ledger/standing.ts";
import type { Registry } from "../../registry/registry.ts";
import type { PublishedRelease } from "../../release/release.ts";
import type { Lineage } from "../../source/lineage.ts";
import { type FactPorts, gatherFacts } from "../gates/facts.ts";
import { type GateFacts, judgeGates, type Overrides } from "../gates/judge.ts";
import { hasHosts } from "../status/fleet.ts";
import { type Situation, type Standing, type Target, targetsOf } from "./plan.ts";
import type { Ships } from "./result.ts";

export interface SurveyPorts extends FactPorts {
  readonly config: Pick<Config, "environments">;
  readonly ledger: Pick<Ledger, "chronicle" | "outlook">;
  readonly lineage: Lineage;
}

export interface Sought {
  readonly environment: EnvironmentConfig;
  readonly published: PublishedRelease;
  readonly tags: readonly string[];
  readonly overrides: Overrides;
  readonly repeatSmoke: boolean;
}

export interface Survey {
  readonly situation: Situation;
  readonly facts: GateFacts;
  /** The environment's newest deployment and the one that stands; zero where there is none. */
  readonly deployments: { readonly latest: number; readonly current: number };
}

/** Looks at everything that decides a promotion, all at once: the registry, the ledger, git. Reads only. */
export async function survey(sought: Sought, ports: SurveyPorts): Promise<Survey> {
  const { environment, published, tags, overrides, repeatSmoke } = sought;
  const { images, bundle } = targetsOf(published);
  // One turn of the event loop: what is asked of a repository travels in one request.
  const looks = Promise.all([bundle, ...images].map((target) => look(target, tags, ports.registry)));
  const [[last, ...rest], facts, chronicle] = await Promise.all([
    looks as Promise<[Standing, ...Standing[]]>,
    gatherFacts(environment, published, ports),
    hasHosts(environment) ? ports.ledger.chronicle(environment.name) : undefined,
  ]);
  const now = chronicle === undefined ? undefined : standing(chronicle.deployments, chronicle.serverTime);
  const ships = now === undefined ? null : await shipping(now.current, published, ports.lineage);
  const gates = judgeGates(facts, overrides);
  return {
    situation: { published, tags, images: rest, bundle: last, gates, ships, repeatSmoke },
    facts,
    deployments: { latest: newest(chronicle), current: now?.current?.number ?? 0 },
  };
}

function newest(chronicle: Chronicle | undefined): number {
  return chronicle?.deployments[0]?.intent.number ?? 0;
}

async function look(target: Target, tags: readonly string[], registry: Pick<Registry, "find">): Promise<Standing> {
  const { repository, digest } = target;
  const [image, ...found] = await Promise.all([digest, ...tags].map((name) => registry.find(repository, name)));
  const named = tags.flatMap((tag, index): [string, Digest][] => {
    const there = found[index];
    return there === undefined ? [] : [[tag, there.digest]];
  });
  return { ...target, there: image !== undefined, tagged: new Map(named) };
}

const nothing = { commits: 0, log: [], dropped: 0, migrations: [], unknown: null };

async function shipping(current: Intent | undefined, published: PublishedRelease, lineage: Lineage): Promise<Ships> {
  if (current === undefined) return { ...nothing, from: null };
  const from = { revision: current.revision, number: current.number };
  if (current.bundle.digest === published.digest) return { ...nothing, from };
  const between = await lineage.between(current.revision, published.release.revision);
  return "unknown" in between ? { ...nothing, from, unknown: between.unknown } : { ...between, from, unknown: null };
}
