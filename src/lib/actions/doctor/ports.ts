import { once } from "../../aws/once.ts";
import type { AwsClients } from "../../aws/clients.ts";
import type { Identity } from "../../aws/identity.ts";
import type { Clock } from "../../clock/clock.ts";
import type { Config, EnvironmentConfig } from "../../config/config.ts";
import { checkBuildx, checkEngine, type Engine } from "../../docker/engine.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import type { Chronicle } from "../../ledger/ledger.ts";
import { parameterLedger } from "../../ledger/parameters.ts";
import { countParameters } from "../../ledger/store.ts";
import type { Processes } from "../../process/processes.ts";
import type { Progress } from "../../progress/progress.ts";
import { ecrLifecycle, type LifecycleSource } from "../../registry/lifecycle/source.ts";
import { openRegistry } from "../../registry/open.ts";
import { ecrRepositorySettings, type RepositorySettings } from "../../registry/ecr/repository-settings.ts";
import type { Host, HostTag } from "../../remote/remote.ts";
import { ssmRemote } from "../../remote/ssm.ts";
import { gitSource } from "../../source/git.ts";
import type { Head } from "../../source/source.ts";
import { saysNeeded } from "./protected.ts";

/** What doctor runs on, as the program knows it. */
export interface Runtime {
  /** Without the leading `v`. */
  readonly node: string;
  /** `engines.node` of the package: `>=22.13`. */
  readonly wanted: string;
  readonly threads: string;
}

/**
 * Everything that a check may ask for. Each asks when it is called and rejects with a ThreadsError of its own, so that
 * one thing that is missing hides no other.
 */
export interface DoctorPorts {
  readonly runtime: Runtime;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly progress: Progress;
  config(): Promise<Config>;
  /** Those that doctor was asked to look at. */
  environments(): Promise<readonly EnvironmentConfig[]>;
  head(): Promise<Head>;
  engine(): Promise<Engine>;
  /** First line of `docker buildx version`; undefined where there is no such command. */
  buildx(): Promise<string | undefined>;
  repo(): Promise<EcrRepo>;
  /** @throws ThreadsError NO_CREDENTIALS, WRONG_ACCOUNT … */
  identity(): Promise<Identity>;
  repositories(): Promise<readonly string[]>;
  settings(repository: string): Promise<RepositorySettings | undefined>;
  lifecycle(): Promise<LifecycleSource>;
  hosts(tag: HostTag): Promise<readonly Host[]>;
  /** As far back as any check needs it. */
  chronicle(environment: string): Promise<Chronicle>;
  /** Number of parameters in the account and region, counted up to `most`. */
  parameters(most: number): Promise<number>;
}

/** The part of the command's world that doctor looks at. */
export interface DoctorWorld {
  readonly runtime: Runtime;
  readonly env: DoctorPorts["env"];
  readonly clock: Clock;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  config(): Promise<Config>;
  readonly processes: Processes;
  aws(): Promise<AwsClients>;
}

/** @param environment look at this one only, where it is given */
export function doctorPorts(world: DoctorWorld, environment: string | undefined): DoctorPorts {
  const { runtime, env, clock, progress, signal, processes } = world;
  const config = (): Promise<Config> => world.config();
  const registry = once(async () => {
    const [known, aws] = await Promise.all([config(), world.aws()]);
    return { ...(await openRegistry({ config: known, aws, clock, signal })), aws };
  });
  const settings = once(async () => ecrRepositorySettings({ ...(await registry()), clock, signal }));
  const ledger = once(async () => {
    const [aws, { app }] = await Promise.all([world.aws(), config()]);
    // What is passed over is a finding here.
    return parameterLedger({ aws, clock, signal, app, version: runtime.threads, progress: { warn: () => undefined } });
  });
  const told = remember(async (name) => (await ledger()).chronicle(name, saysNeeded));
  const described = remember(async (repository) => (await settings())(repository));
  return {
    runtime,
    env,
    clock,
    progress,
    config,
    environments: async () =>
      Object.values((await config()).environments).filter(
        ({ name }) => environment === undefined || name === environment,
      ),
    head: async () => gitSource({ processes, root: (await config()).root }).head(),
    engine: async () => checkEngine({ processes, signal }),
    buildx: async () => checkBuildx({ processes, signal }),
    repo: async () => (await registry()).repo,
    identity: async () => (await registry()).checkAccount(),
    repositories: async () => {
      const [{ services, registry: names }, { repo }] = await Promise.all([config(), registry()]);
      return [...new Set([...services, names.bundle].map((name) => repo.repositoryFor(name)))];
    },
    settings: described,
    lifecycle: async () => ecrLifecycle({ ...(await registry()), clock, signal }),
    hosts: async (tag) => ssmRemote({ aws: await world.aws(), clock, signal }).hosts(tag),
    chronicle: told,
    parameters: async (most) => countParameters(most, { aws: await world.aws(), clock, signal }),
  };
}

/** Several checks want the same answer: it is asked for once. */
function remember<T>(ask: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (name) => {
    const answer = answers.get(name) ?? ask(name);
    answers.set(name, answer);
    return answer;
  };
}
