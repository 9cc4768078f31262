import { tellRepo } from "../../registry/tell-repo.ts";
import type { Config, EnvironmentConfig } from "../../config/config.ts";
import { environmentOf } from "../../config/environment.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { isDeployable } from "../../fleet/hosts.ts";
import { liftFlag } from "../../ledger/hold.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { standing } from "../../ledger/standing.ts";
import { type Progress, step } from "../../progress/progress.ts";
import { both } from "../../progress/both.ts";
import { shortRevision } from "../../release/revision.ts";
import { resolveRelease } from "../../resolve/resolve-release.ts";
import type { ResolvedRelease, ResolvePorts } from "../../resolve/types.ts";
import { gatesAsked } from "../../gates/asks.ts";
import { type FactPorts, gatherFacts, type Witnesses } from "../../gates/facts.ts";
import { isShut, judgeGates, judgeUnpublished } from "../../gates/judge.ts";
import type { Gate, GatesResult } from "../../gates/result.ts";
import { eachOnce, type Snapshot, type SnapshotPorts, takeSnapshot } from "../../gates/snapshot.ts";
import { noGates } from "../../gates/stricter.ts";

export interface GatesPorts extends Omit<ResolvePorts, "config" | "registry" | "ledger">, Witnesses {
  readonly config: Config;
  readonly repo: ResolvePorts["repo"] & Pick<EcrRepo, "explanation" | "inferred">;
  readonly registry: ResolvePorts["registry"] & SnapshotPorts["registry"] & FactPorts["registry"];
  readonly ledger: ResolvePorts["ledger"] &
    SnapshotPorts["ledger"] &
    Pick<Ledger, "ruling" | "readOn" | "isPromoted" | "firstSigned">;
  readonly progress: Progress;
}

export interface GatesOptions {
  /** A sha, a name of git's, an environment's name; HEAD where undefined. */
  readonly release: string | undefined;
  readonly environment: string;
}

/** Judges the gates between a release and an environment. Reads only. */
export async function gates(options: GatesOptions, ports: GatesPorts): Promise<GatesResult> {
  const again = (revision: string, name = options.environment): string => `threads gates ${revision} -e ${name}`;
  const environment = asAsked(
    environmentOf(ports.config, options.environment, (name) => again(options.release ?? "HEAD", name)),
  );
  const { verified } = environment.gates;
  // What a deployment there is held with, where that comes next.
  const own = environment.requiresPromotion || !isDeployable(environment) ? [] : [environment.name];
  const deployments = [...(verified === undefined ? [] : [verified]), ...own];
  const snapshotOf = eachOnce((revision) => takeSnapshot({ revision, environment, labels: [], deployments }, ports));
  tellRepo(ports.repo, ports.progress);
  return step(ports.progress, "Look at the gates", async (look) => {
    const resolved = await both(ports.checkAccount, () =>
      resolveRelease({ ref: options.release, again, begun: snapshotOf }, ports).catch(absent),
    );
    const result =
      resolved instanceof ThreadsError
        ? await unpublished(environment, resolved, { options, ports })
        : await published(environment, resolved, { snapshotOf, ports });
    look.done(`Looked at the gates of ${shortRevision(result.revision)}`);
    return result;
  });
}

/** An environment without gates takes what is published; what `promote` would do there unasked stands in nobody's way. */
function asAsked(environment: EnvironmentConfig): EnvironmentConfig {
  return environment.requiresPromotion ? environment : { ...environment, gates: noGates };
}

/** That there is nothing to promote is an answer here; any other failure is one. */
function absent(error: unknown): ThreadsError {
  if (error instanceof ThreadsError && (error.code === "NOT_PUBLISHED" || error.code === "IMAGE_GONE")) return error;
  throw error;
}

async function published(
  own: EnvironmentConfig,
  { published: release, says }: ResolvedRelease,
  { snapshotOf, ports }: { readonly snapshotOf: (revision: string) => Promise<Snapshot>; readonly ports: GatesPorts },
): Promise<GatesResult> {
  const { revision } = release.release;
  const snapshot = await snapshotOf(revision);
  const facts = await gatherFacts({ environment: own, published: release, snapshot }, ports);
  const { environment } = facts;
  const judged = judgeGates(facts, new Map());
  const about = { environment: environment.name, revision };
  const promoted = { environment: environment.name, revision, bundle: release.digest };
  const wanted = { gates: gatesAsked(snapshot.revisionRecords.policy) };
  const isPromoted =
    environment.requiresPromotion && !judged.some(isShut) && (await ports.ledger.isPromoted(promoted, wanted));
  // Where it is still to be promoted, nobody needs to know what holds a deployment.
  const log = isPromoted
    ? await ports.ledger.deploymentLog(environment.name)
    : snapshot.deploymentLogs.get(environment.name);
  const hold = log === undefined ? undefined : standing(log.deployments, log.serverTime).hold;
  const lift = liftFlag(hold, release.digest);
  return { ...about, bundle: release.digest, says, ...verdict(judged, { environment, revision, lift, isPromoted }) };
}

async function unpublished(
  environment: EnvironmentConfig,
  why: ThreadsError,
  { options, ports }: { readonly options: GatesOptions; readonly ports: GatesPorts },
): Promise<GatesResult> {
  const { release = "HEAD" } = options;
  const [ruling, commit] = await Promise.all([
    ports.ledger.ruling(environment.name),
    ports.source.resolve(release).catch(() => undefined),
  ]);
  const judged = judgeUnpublished(environment, why, ruling);
  const revision = commit?.revision ?? release;
  const about = { environment: environment.name, revision };
  return { ...about, bundle: null, says: why.message, ...verdict(judged, { environment, revision }) };
}

interface About {
  readonly environment: EnvironmentConfig;
  readonly revision: string;
  /** What a deployment needs to pass a hold, see `liftFlag`. */
  readonly lift?: string;
  readonly isPromoted?: boolean;
}

function onwards({ environment, revision, lift = "", isPromoted = false }: About): string[] {
  const { name, requiresPromotion } = environment;
  if (requiresPromotion && !isPromoted) return [`threads promote ${revision} -e ${name}`];
  return isDeployable(environment) ? [`threads deploy -e ${name} ${revision}${lift}`] : [];
}

function verdict(judged: readonly Gate[], about: About): Pick<GatesResult, "outcome" | "gates" | "next" | "advice"> {
  const shut = judged.filter(isShut);
  const promotable = shut.every(({ gate, state }) => gate === "smoke" && state === "missing");
  return {
    outcome: shut.length === 0 ? "open" : promotable ? "smoke-missing" : "shut",
    gates: judged,
    next: promotable ? onwards(about) : [...new Set(shut.flatMap(({ next }) => next))],
    advice: promotable ? [] : [...new Set(shut.flatMap(({ advice }) => advice))],
  };
}
