import { createHash } from "node:crypto";
import { engineSocket } from "../docker/address.ts";
import { remove } from "../docker/commands.ts";
import { listNames } from "./commands.ts";
import type { ContainerSpec } from "./container-spec.ts";
import { containerSpecs, fingerprint } from "./containers.ts";
import { docker, lines } from "./engine.ts";
import { hostEnvironmentFile } from "./host-environment.ts";
import { logGroupsOf } from "./clusters.ts";
import { ecsSettings } from "./ensure-settings.ts";
import { isHealthy } from "./health.ts";
import { ensureImages } from "./ensure-images.ts";
import { imageNames, isStale, readRecipes } from "./images.ts";
import { type HostCount, objectName } from "./layout.ts";
import { withLock } from "./lock.ts";
import type { PackageFiles } from "./package-root.ts";
import { type Listed, planUp, type UpPlan } from "./plan.ts";
import { prepareState } from "./prepare-state.ts";
import { trustedRoles } from "./roles.ts";
import type { SandboxPorts } from "./sandbox.ts";
import { repositoriesFor } from "./repositories.ts";
import { type HostFiles, startContainers, type StartOptions } from "./start.ts";
import { type SandboxState, writeState } from "./state.ts";
import { checkedPath } from "./target-groups.ts";
import { planned, resultOf, type UpResult } from "./up-result.ts";

export interface UpOptions {
  /** Undefined: what it has, or as many in each environment as threads.yml asks for at least. */
  readonly hosts: readonly HostCount[] | undefined;
  /** The CLI's environment: DOCKER_HOST, and AWS_REGION where the configuration names none. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: PackageFiles;
  /** Only look; nothing is started, made or written. */
  readonly dryRun?: boolean;
}

/**
 * Brings the sandbox of this checkout up, whatever of it is there already. Interrupted, it takes back what it started.
 * @throws ThreadsError refused: no engine, a port taken, a container that does not become ready
 */
export function up(options: UpOptions, ports: SandboxPorts): Promise<UpResult> {
  const alone = (): Promise<UpResult> => upAlone(options, ports);
  return options.dryRun === true ? alone() : withLock(ports.config.root, alone);
}

async function upAlone(options: UpOptions, ports: SandboxPorts): Promise<UpResult> {
  const recipes = readRecipes(options.files);
  const { state, listed } = await prepareState(options, ports);
  const specs = containerSpecs({
    state,
    images: imageNames(recipes),
    engineSocket: engineSocket(options.env),
    tags: hostTags(ports),
    services: ports.config.sandbox.services,
    runtime: ports.config.runtime,
    checkedPath: checkedPath(ports.config),
    app: ports.config.app,
  });
  const files = hostFiles(state, ports);
  const repositories = await repositoriesFor(ports);
  const plan = planUp(specs, state.databasesMade === true ? listed : outdated(listed, postgres(state)), state.id);
  const named = { repositories, roles: await trustedRoles(state, ports), settings: ecsSettings(state, ports) };
  const print = printOf(specs, files, { ...named, logGroups: logGroupsOf(ports.config) });
  if (plan.start.length === 0 && plan.remove.length === 0 && state.ready === print && (await isHealthy(state.port)))
    return resultOf(state, plan, ports);
  if (options.dryRun === true) return planned(await resultOf(state, plan, ports), options.hosts);
  if (isStale(options.files))
    ports.progress.warn("dist is older than src: the sandbox runs the server of the last `npm run build`");
  const { ready: _, ...underWay } = state;
  writeState(underWay);
  const [networks] = await Promise.all([
    lines(ports.processes, listNames("network", state.id)),
    ensureImages(recipes, ports),
  ]);
  const hadNetwork = networks.length > 0;
  await bringUp({ state: underWay, specs, plan, hadNetwork, hostFiles: files, ...named }, ports);
  writeState({ ...underWay, ...databasesMade(state, ports), ready: print });
  return resultOf(state, plan, ports);
}

async function bringUp({ state, plan, ...rest }: StartOptions, ports: SandboxPorts): Promise<void> {
  const { processes, signal } = ports;
  if (plan.remove.length > 0) await docker(processes, remove("container", plan.remove));
  // An `up` that ended while PostgreSQL initialised has left a cluster that looks complete and is not.
  if (state.databasesMade !== true && wantsDatabases(ports))
    await docker(processes, remove("volume", [postgres(state)]));
  try {
    await startContainers({ state, plan, ...rest }, ports);
    signal.throwIfAborted();
  } catch (error) {
    if (!signal.aborted) throw error;
    await takeBack({ state, plan, hadNetwork: rest.hadNetwork }, ports);
    throw signal.reason;
  }
}

function wantsDatabases({ config }: Pick<SandboxPorts, "config">): boolean {
  return config.sandbox.services.includes("postgres");
}

function postgres({ id }: SandboxState): string {
  return objectName(id, "postgres");
}

function outdated(listed: readonly Listed[], name: string): Listed[] {
  return listed.map((container) => (container.name === name ? { ...container, spec: "" } : container));
}

/** After Ctrl-C: what this run started goes, what was there before stays, volumes and state stay for the next time. */
async function takeBack(
  given: { state: SandboxState; plan: UpPlan; hadNetwork: boolean },
  ports: SandboxPorts,
): Promise<void> {
  const names = given.plan.start.map(({ name }) => name);
  ports.progress.note("Stopping what was started …");
  if (names.length > 0) await ports.processes.run(remove("container", names), { allowFailure: true });
  if (!given.hadNetwork)
    await ports.processes.run(remove("network", [objectName(given.state.id, "net")]), { allowFailure: true });
}

/** One word for containers, environment files, repositories, roles and what ECS is given: equal means that the last complete `up` wanted exactly these. */
function printOf(
  specs: readonly ContainerSpec[],
  files: HostFiles,
  named: Pick<StartOptions, "repositories" | "roles" | "settings"> & { readonly logGroups: readonly string[] },
): string {
  const { repositories, roles, settings, logGroups: groups } = named;
  const onEcs = settings.length + groups.length === 0 ? [] : [JSON.stringify([settings, groups])];
  const all = [...specs.map(fingerprint), ...files.values(), ...repositories, JSON.stringify(roles), ...onEcs];
  return createHash("sha256").update(all.join()).digest("hex").slice(0, 16);
}

/** The environment file of each environment's hosts. */
function hostFiles(state: SandboxState, { config }: SandboxPorts): HostFiles {
  const names = new Set(state.hosts.map(({ env }) => env));
  return new Map([...names].map((env) => [env, hostEnvironmentFile(config, env, state)]));
}

/** Each environment has its database from the first time on that PostgreSQL is asked for. */
function databasesMade(
  { databasesMade: before }: SandboxState,
  { config }: Pick<SandboxPorts, "config">,
): Pick<SandboxState, "databasesMade"> {
  return before === true || wantsDatabases({ config }) ? { databasesMade: true } : {};
}

function hostTags({ config }: SandboxPorts): Record<string, { tag: string; value: string }> {
  return Object.fromEntries(
    Object.values(config.environments).flatMap(({ name, hosts }) => (hosts === undefined ? [] : [[name, hosts]])),
  );
}
