import { unlessAborted } from "../../clock/unless-aborted.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { requireThawed } from "../../ledger/freeze.ts";
import type { RecordedRelease } from "../../ledger/ledger.ts";
import { type Standing, standing } from "../../ledger/standing.ts";
import { type Step, step } from "../../progress/progress.ts";
import { whileChecking } from "../../registry/while-checking.ts";
import type { PublishedRelease } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import { type HostedEnvironment, hostedEnvironment, readyHosts } from "../status/fleet.ts";
import { type Observed, observe } from "../status/observe.ts";
import { chooseRelease, type ChoicePorts } from "./choose-release.ts";
import { planRollout, requireFree, type RolloutPlan } from "./plan.ts";
import type { RolloutResult } from "./result.ts";
import { rollOut, type RolloutPorts } from "./rollout.ts";

export interface DeployOptions {
  readonly environment: string;
  /** A sha, a tag, a branch, an environment's name; HEAD where undefined. */
  readonly release: string | undefined;
  readonly dryRun: boolean;
  /** Deploy although every host runs it already. */
  readonly force: boolean;
  /** Number of an unfinished deployment to take over. */
  readonly supersede: number | undefined;
}

/** What rollback needs as well. */
export interface FleetPorts extends RolloutPorts {
  /** Fails unless the credentials are those of the registry's account and region. */
  readonly checkAccount: () => Promise<unknown>;
}

export interface DeployPorts extends FleetPorts {
  readonly repo: ChoicePorts["repo"] & Pick<EcrRepo, "understood">;
  readonly registry: ChoicePorts["registry"];
  readonly source: ChoicePorts["source"];
}

/** Brings one release to every host of an environment, one after another, and writes it into the ledger. */
export async function deploy(options: DeployOptions, ports: DeployPorts): Promise<RolloutResult> {
  const began = ports.clock.now();
  const environment = hostedEnvironment(ports.config, options.environment, "deploy");
  ports.progress.note(ports.repo.understood);
  const found = await lookAt(environment, ports, async (own) => {
    await ports.checkAccount();
    const typed = `threads deploy -e ${environment.name} ${options.release ?? "HEAD"}`;
    const [published, seen, freeze] = await Promise.all([
      chooseRelease({ environment, release: options.release }, ports),
      survey({ environment, supersede: options.supersede, typed }, ports),
      ports.ledger.frozen(environment.name),
    ]);
    own.done(`${environment.name}: release ${shortRevision(published.release.revision)}, ${hostCount(seen.observed)}`);
    return { release: recorded(published), freeze, ...seen };
  });
  const plan = planRollout({ kind: "deploy", environment, supersede: options.supersede, ...found }, ports.config);
  if (plan.running && !options.force)
    return report({ plan, status: "already-running", took: ports.clock.now() - began });
  requireThawed(environment.name, found.freeze);
  if (options.dryRun) return report({ plan, status: "planned", took: ports.clock.now() - began });
  return carryOut(plan, began, ports);
}

export interface Survey {
  readonly standing: Standing;
  readonly observed: readonly Observed[];
}

/** The first step of a rollout, in which nothing is changed: whoever presses Ctrl-C in it waits for nothing. */
export function lookAt<T>(
  { name }: HostedEnvironment,
  { progress, signal }: Pick<FleetPorts, "progress" | "signal">,
  look: (step: Step) => Promise<T>,
): Promise<T> {
  return step(progress, `Look at ${name}`, (own) => unlessAborted(signal, () => look(own)));
}

/** The ledger and the hosts, both asked before anything is changed; somebody else's deployment is found first. */
export async function survey(
  wanted: {
    readonly environment: HostedEnvironment;
    readonly supersede: number | undefined;
    /** What the ledger's word allows or forbids, asked while the hosts are; its refusal is told first. */
    readonly allow?: (standing: Standing) => Promise<unknown>;
    /** The command without flags, as it is typed again. */
    readonly typed: string;
  },
  ports: Pick<FleetPorts, "config" | "ledger" | "remote" | "signal">,
): Promise<Survey> {
  const { config, ledger, remote, signal } = ports;
  const { environment, typed } = wanted;
  const [{ deployments, serverTime }, hosts] = await Promise.all([
    ledger.chronicle(environment.name),
    readyHosts(environment, remote),
  ]);
  const now = standing(deployments, serverTime);
  requireFree({ ...wanted, standing: now }, typed);
  const observed = await whileChecking(
    async () => wanted.allow?.(now),
    () => observe({ app: config.app, environment: environment.name, hosts }, { remote, signal }),
  );
  return { standing: now, observed };
}

/** Walks the plan and puts its success into a result. */
export async function carryOut(plan: RolloutPlan, began: number, ports: FleetPorts): Promise<RolloutResult> {
  const ending = await rollOut(plan, ports);
  return report({ plan, status: "deployed", took: ports.clock.now() - began, states: ending.hosts });
}

/** The result of a plan, carried out or not. */
export function report(facts: {
  readonly plan: RolloutPlan;
  readonly status: RolloutResult["status"];
  readonly took: number;
  readonly states?: readonly { readonly id: string; readonly state: RolloutResult["hosts"][number]["state"] }[];
}): RolloutResult {
  const { plan, status, took, states } = facts;
  const { revision, tree, bundle, images } = plan.release;
  const state = status === "already-running" ? "new" : "untouched";
  return {
    status,
    kind: plan.kind,
    environment: plan.environment.name,
    number: status === "deployed" ? plan.number : undefined,
    release: {
      revision,
      tree,
      bundle: bundle.digest,
      images: Object.fromEntries(Object.entries(images).map(([service, pin]) => [service, pin.digest])),
    },
    hosts: plan.hosts.map((host) => ({ ...host, state: states?.find((one) => one.id === host.id)?.state ?? state })),
    steps: plan.steps,
    rollbackOf: plan.rollbackOf,
    undo: status === "deployed" ? plan.undo : undefined,
    took,
  };
}

function recorded({ release, digest, repository }: PublishedRelease): RecordedRelease {
  const { revision, tree, images } = release;
  return { revision, tree, images, bundle: { repository, digest } };
}

function hostCount(observed: readonly Observed[]): string {
  return observed.length === 1 ? "1 host" : `${observed.length} hosts`;
}
