import type { Identity } from "../../aws/identity.ts";
import type { Clock } from "../../clock/clock.ts";
import type { CommittedFile } from "../../compose/carried.ts";
import type { Leftovers } from "../../compose/leftovers.ts";
import type { RawModel } from "../../compose/raw-model.ts";
import type { Config, EnvironmentConfig } from "../../config/config.ts";
import type { Engine } from "../../docker/engine.ts";
import type { LiveEcs } from "../../ecs/live/live-ecs.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import type { DeploymentLog } from "../../ledger/ledger.ts";
import type { Policy } from "../../ledger/policy.ts";
import type { ResolvedStack } from "../../project/resolve-stack.ts";
import type { Runtime } from "../../process/runtime.ts";
import type { Progress } from "../../progress/progress.ts";
import type { LifecycleSource } from "../../registry/lifecycle/source.ts";
import type { RepositorySettings } from "../../registry/ecr/repository-settings.ts";
import type { FoundDocument } from "../../remote/documents.ts";
import type { LogGroup } from "../../remote/log-group.ts";
import type { Host, HostTag } from "../../remote/remote.ts";
import type { ScriptDocument } from "../../script/document.ts";
import type { Head } from "../../source/source.ts";

/**
 * Everything that doctor may ask for. Each asks when it is called and rejects with a ThreadsError of its own, so that
 * one thing that is missing hides no other.
 */
export interface DoctorPorts {
  readonly runtime: Runtime;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly progress: Progress;
  config(): Promise<Config>;
  /** Line of threads.yml on which a key is, by its dotted path; null where it is not written. */
  lines(config: Pick<Config, "file">): (key: string) => number | null;
  /** A stack as compose resolves it. @param files absolute paths */
  stack(files: readonly string[]): Promise<ResolvedStack<RawModel>>;
  head(): Promise<Head>;
  /** Every file of HEAD below the folder of threads.yml. @throws ThreadsError NOT_A_REPOSITORY, NO_COMMITS … */
  committed(): Promise<readonly CommittedFile[]>;
  engine(): Promise<Engine>;
  /** First line of `docker buildx version`; undefined where there is no such command. */
  buildx(): Promise<string | undefined>;
  /** What killed runs have left on this machine. */
  leftovers(): Promise<Leftovers>;
  repo(): Promise<EcrRepo>;
  /** @throws ThreadsError NO_CREDENTIALS, WRONG_ACCOUNT … */
  identity(): Promise<Identity>;
  repositories(): Promise<readonly string[]>;
  settings(repository: string): Promise<RepositorySettings | undefined>;
  lifecycle(): Promise<LifecycleSource>;
  /** What ECS has and runs. */
  ecs(): Promise<LiveEcs>;
  /** Those by which the hosts of an environment take orders, as this release of threads makes them. */
  documents(environment: string): Promise<readonly ScriptDocument[]>;
  findDocument(document: ScriptDocument): Promise<FoundDocument>;
  /** @param isThere whether it has other versions */
  writeDocument(document: ScriptDocument, isThere: boolean): Promise<void>;
  /** What hosts write of their deployments. */
  logGroup(): Promise<LogGroup>;
  /** Whether CloudWatch Logs has a log group of that name. */
  hasLogGroup(name: string): Promise<boolean>;
  hosts(tag: HostTag): Promise<readonly Host[]>;
  /** As far back as any check needs it. */
  deploymentLog(environment: string): Promise<DeploymentLog>;
  /** What is pushed of its gates. @throws ThreadsError POLICY_UNREADABLE … */
  policy(environment: string): Promise<Policy | undefined>;
  /** Number of parameters in the account and region, counted up to `most`. */
  parameters(most: number): Promise<number>;
}

/** What a check is given. */
export interface CheckPorts extends DoctorPorts {
  /** Those that doctor was asked to look at. */
  environments(): Promise<readonly EnvironmentConfig[]>;
}
