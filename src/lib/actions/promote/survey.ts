import type { EnvironmentConfig } from "../../config/config.ts";
import type { Digest } from "../../image/digest.ts";
import type { Chronicle, Intent, Ledger } from "../../ledger/ledger.ts";
import { standing } from "../../ledger/standing.ts";
import type { Registry } from "../../registry/registry.ts";
import type { PublishedRelease } from "../../release/release.ts";
import type { Lineage } from "../../source/lineage.ts";
import { type FactPorts, gatherFacts } from "../../gates/facts.ts";
import { type GateFacts, judgeGates, type Overrides } from "../../gates/judge.ts";
import { isThere, type Surroundings } from "../../gates/surroundings.ts";
import { hasHosts } from "../../fleet/hosts.ts";
import { type Labelling, type Situation, type Standing, type Target, targetsOf } from "./plan.ts";
import type { Ships } from "./result.ts";

export interface SurveyPorts extends FactPorts {
  readonly registry: Pick<Registry, "find" | "findMany">;
  readonly lineage: Lineage;
  readonly ledger: Pick<Ledger, "isPromoted">;
}

export interface Sought {
  readonly environment: EnvironmentConfig;
  readonly published: PublishedRelease;
  /** What the tags to give say, and how the registry's tags say it. */
  readonly labelling: Labelling;
  readonly overrides: Overrides;
  readonly repeatSmoke: boolean;
  /** How long unfinished scans were waited for just now. */
  readonly scansAwaitedMs?: number;
}

export interface Survey {
  readonly situation: Situation;
  readonly facts: GateFacts;
  /** The environment's newest deployment and the one that stands; zero where there is none. */
  readonly deployments: { readonly latest: number; readonly current: number };
}

/** Environments whose deployments a promotion is decided by: the one of `verified`, and its own where it has hosts. */
export function deploymentsFor(environment: EnvironmentConfig): readonly string[] {
  const { verified } = environment.gates;
  return [...(verified === undefined ? [] : [verified]), ...(hasHosts(environment) ? [environment.name] : [])];
}

/** Makes of what was seen around everything that decides a promotion; asks only for what that left open. Reads only. */
export async function survey(sought: Sought, around: Surroundings, ports: SurveyPorts): Promise<Survey> {
  const { environment, published, labelling, overrides, repeatSmoke } = sought;
  const { images, bundle } = targetsOf(published, labelling);
  const chronicle = around.chronicles.get(environment.name);
  const [{ last, isRecorded }, rest, facts] = await Promise.all([
    standLast(bundle, sought, { around, ports }),
    Promise.all(images.map((target) => stand(target, around, ports))),
    gatherFacts({ environment, published, around }, ports),
  ]);
  const now = chronicle === undefined ? undefined : standing(chronicle.deployments, chronicle.serverTime);
  const ships = now === undefined ? null : await shipping(now.current, published, ports.lineage);
  const gates = judgeGates({ ...facts, scansAwaitedMs: sought.scansAwaitedMs }, overrides);
  return {
    situation: {
      published,
      labels: labelling.labels,
      images: rest,
      bundle: last,
      isRecorded,
      gates,
      ships,
      repeatSmoke,
    },
    facts,
    deployments: { latest: newest(chronicle), current: now?.current?.number ?? 0 },
  };
}

function newest(chronicle: Chronicle | undefined): number {
  return chronicle?.deployments[0]?.intent.number ?? 0;
}

async function stand(target: Target, around: Surroundings, ports: SurveyPorts): Promise<Standing> {
  const { repository, tags } = target;
  const seen = around.tagged.get(repository);
  // A service or a repository that only this release knows: the configuration has others now.
  const open = tags.filter((tag) => seen?.has(tag) !== true);
  const more = open.length === 0 ? undefined : await ports.registry.findMany(repository, open);
  const named = tags.flatMap((tag): [string, Digest][] => {
    const image = seen?.get(tag) ?? more?.get(tag);
    return image === undefined ? [] : [[tag, image.digest]];
  });
  return { ...target, there: await isThere(target, around, ports.registry), tagged: new Map(named) };
}

/** The bundle with the environment's tag looks promoted: only then the ledger is asked whether it is. */
async function standLast(
  target: Target,
  { environment, published }: Sought,
  { around, ports }: { readonly around: Surroundings; readonly ports: SurveyPorts },
): Promise<{ readonly last: Standing; readonly isRecorded: boolean }> {
  const last = await stand(target, around, ports);
  const isTagged = last.tagged.get(target.tags.at(-1) ?? "") === published.digest;
  const { revision } = published.release;
  const promoted = { environment: environment.name, bundle: published.digest, revision };
  return { last, isRecorded: isTagged && (await ports.ledger.isPromoted(promoted)) };
}

const nothing = { commits: 0, log: [], dropped: 0, migrations: [], unknown: null };

async function shipping(current: Intent | undefined, published: PublishedRelease, lineage: Lineage): Promise<Ships> {
  if (current === undefined) return { ...nothing, from: null };
  const from = { revision: current.revision, number: current.number };
  if (current.bundle.digest === published.digest) return { ...nothing, from };
  const between = await lineage.between(current.revision, published.release.revision);
  return "unknown" in between ? { ...nothing, from, unknown: between.unknown } : { ...between, from, unknown: null };
}
