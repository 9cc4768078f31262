import type { Digest } from "../../image/digest.ts";
import { isDeployable } from "../../fleet/hosts.ts";
import { gatesAsked } from "../../gates/asks.ts";
import { type FactPorts, gatherFacts } from "../../gates/facts.ts";
import type { GateFacts } from "../../gates/gate-facts.ts";
import { isThere, type Snapshot, type SnapshotPorts, takeSnapshot } from "../../gates/snapshot.ts";
import type { EnvironmentConfig } from "../../config/config.ts";
import type { Hold } from "../../ledger/hold.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { standing } from "../../ledger/standing.ts";
import type { Registry } from "../../registry/registry.ts";
import type { Lineage } from "../../source/lineage.ts";
import { type Ships, shipping } from "../../fleet/ships.ts";
import type { PromotionTarget, TagTarget } from "./target.ts";

export interface LookPorts extends FactPorts {
  readonly registry: Pick<Registry, "find" | "findMany" | "read">;
  readonly lineage: Lineage;
  readonly ledger: FactPorts["ledger"] & Pick<Ledger, "isPromoted">;
}

/** Everything that a promotion is decided by, as of one moment. */
export interface PromotionFacts {
  readonly images: readonly TargetState[];
  readonly bundle: TargetState;
  /** Whether the ledger knows of the promotion; nobody asks it where the bundle lacks the environment's tag. */
  readonly isRecorded: boolean;
  readonly gates: GateFacts;
  readonly ships: Ships | null;
  /** The environment's newest deployment and the one that runs; zero where there is none. */
  readonly deployments: { readonly latest: number; readonly current: number };
  /** What the environment is held with. */
  readonly hold: Hold | undefined;
}

/** A target as the registry has it. */
export interface TargetState extends TagTarget {
  /** Whether the registry still has the digest. */
  readonly there: boolean;
  /** What the tag under which it was published names now. */
  readonly publishedAs: Digest | undefined;
  /** What the tags to give name now; a tag that is not there is not in the map. */
  readonly tagged: ReadonlyMap<string, Digest>;
}

/** The registry and the records about a revision. @param services the release's own, where they are known already */
export function snapshotFor(
  what: {
    readonly environment: EnvironmentConfig;
    readonly revision: string;
    readonly labels: readonly string[];
    readonly services?: readonly string[];
  },
  ports: SnapshotPorts,
): Promise<Snapshot> {
  const { environment } = what;
  const { verified } = environment.gates;
  const own = isDeployable(environment) ? [environment.name] : [];
  return takeSnapshot({ ...what, deployments: verified === undefined ? own : [verified, ...own] }, ports);
}

/** Makes of a snapshot everything that decides a promotion; asks only for what that left open. Reads only. */
export async function look(target: PromotionTarget, snapshot: Snapshot, ports: LookPorts): Promise<PromotionFacts> {
  const { environment, resolved } = target;
  const { published } = resolved;
  const deploymentLog = snapshot.deploymentLogs.get(environment.name);
  const [{ bundle, isRecorded }, images, gates] = await Promise.all([
    bundleState(target, snapshot, ports),
    Promise.all(target.images.map((image) => stateOf(image, snapshot, ports))),
    gatherFacts({ environment, published, snapshot }, ports),
  ]);
  const now = deploymentLog === undefined ? undefined : standing(deploymentLog.deployments, deploymentLog.serverTime);
  const ships =
    now === undefined
      ? null
      : await shipping(now.current, { revision: published.release.revision, bundle: published.digest }, ports.lineage);
  const latest = deploymentLog?.deployments[0]?.intent.number ?? 0;
  return {
    images,
    bundle,
    isRecorded,
    gates,
    ships,
    deployments: { latest, current: now?.current?.number ?? 0 },
    hold: now?.hold,
  };
}

async function stateOf(target: TagTarget, snapshot: Snapshot, ports: LookPorts): Promise<TargetState> {
  const { repository, tags, published } = target;
  const seen = snapshot.tagged.get(repository);
  // A service or a repository that only this release knows: the configuration has others now.
  const open = tags.filter((tag) => seen?.has(tag) !== true);
  const more = open.length === 0 ? undefined : await ports.registry.findMany(repository, open);
  const named = tags.flatMap((tag): [string, Digest][] => {
    const image = seen?.get(tag) ?? more?.get(tag);
    return image === undefined ? [] : [[tag, image.digest]];
  });
  const there = await isThere(target, snapshot, ports.registry);
  return { ...target, there, publishedAs: seen?.get(published)?.digest, tagged: new Map(named) };
}

/** The bundle with the environment's tag looks promoted: only then the ledger is asked whether it is, with all that deploy will want of it. */
async function bundleState(
  { environment, bundle: target, resolved: { published } }: PromotionTarget,
  snapshot: Snapshot,
  ports: LookPorts,
): Promise<Pick<PromotionFacts, "bundle" | "isRecorded">> {
  const bundle = await stateOf(target, snapshot, ports);
  const isTagged = bundle.tagged.get(target.tags.at(-1) ?? "") === published.digest;
  const { revision } = published.release;
  const promoted = { environment: environment.name, bundle: published.digest, revision };
  const wanted = { compared: true, gates: gatesAsked(snapshot.revisionRecords.policy) };
  return { bundle, isRecorded: isTagged && (await ports.ledger.isPromoted(promoted, wanted)) };
}
