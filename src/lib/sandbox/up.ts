import { createHash } from "node:crypto";
import { engineSocket } from "../docker/address.ts";
import { remove } from "../docker/commands.ts";
import { listNames } from "./commands.ts";
import type { Next } from "../errors/next.ts";
import { containerSpecs, type ContainerSpec, fingerprint, hostUrl } from "./containers.ts";
import { docker, lines } from "./engine.ts";
import { hostEnvironmentFile } from "./host-environment.ts";
import { isHealthy } from "./health.ts";
import { ensureImages } from "./ensure-images.ts";
import { imageNames, isStale, readRecipes } from "./images.ts";
import { type HostCount, objectName } from "./layout.ts";
import { withLock } from "./lock.ts";
import type { PackageFiles } from "./package-root.ts";
import { type Listed, planUp, type UpPlan } from "./plan.ts";
import { prepareState } from "./prepare-state.ts";
import { trustedRoles } from "./roles.ts";
import type { SandboxRole } from "./server/iam/access-control.ts";
import type { SandboxPorts } from "./sandbox.ts";
import { repositoriesFor } from "./repositories.ts";
import { type HostFiles, startContainers, type StartOptions } from "./start.ts";
import { type SandboxState, writeState } from "./state.ts";

export interface UpOptions {
  /** Undefined: what it has, or as many in each environment as threads.yml asks for at least. */
  readonly hosts: readonly HostCount[] | undefined;
  /** The CLI's environment: DOCKER_HOST, and AWS_REGION where the configuration names none. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: PackageFiles;
  /** Only look; nothing is started, made or written. */
  readonly dryRun?: boolean;
}

export interface UpResult extends Next {
  readonly outcome: "started" | "already-up" | "planned";
  readonly id: string;
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** ECR_REPO of this sandbox. */
  readonly repository: string;
  readonly hosts: readonly {
    readonly id: string;
    readonly env: string;
    readonly name: string;
    /** Null where the compose file shows the port to the host alone. */
    readonly url: string | null;
  }[];
  /** Containers that had to be started, of a plan those that would be; none when it was up already. */
  readonly started: readonly string[];
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
    app: ports.config.app,
  });
  const files = hostFiles(state, ports);
  const repositories = await repositoriesFor(ports);
  const plan = planUp(specs, state.databasesMade === true ? listed : outdated(listed, postgres(state)), state.id);
  const named = { repositories, roles: await trustedRoles(state, ports) };
  const print = printOf(specs, files, named);
  if (plan.start.length === 0 && plan.remove.length === 0 && state.ready === print && (await isHealthy(state.port)))
    return result(state, plan, ports);
  if (options.dryRun === true) return planned(await result(state, plan, ports), options);
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
  return result(state, plan, ports);
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

/** One word for containers, environment files, repositories and roles: equal means that the last complete `up` wanted exactly these. */
function printOf(
  specs: readonly ContainerSpec[],
  files: HostFiles,
  named: { readonly repositories: readonly string[]; readonly roles: readonly SandboxRole[] },
): string {
  const { repositories, roles } = named;
  const all = [...specs.map(fingerprint), ...files.values(), ...repositories, JSON.stringify(roles)];
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

async function result(state: SandboxState, plan: UpPlan, { config, bound }: SandboxPorts): Promise<UpResult> {
  const why = await bound();
  const started = plan.start.map(({ part }) => part);
  return {
    outcome: started.length === 0 ? "already-up" : "started",
    id: state.id,
    endpoint: `http://127.0.0.1:${state.port}`,
    repository: `127.0.0.1:${state.port}/${config.app}/`,
    hosts: state.hosts.map((host) => ({
      id: host.id,
      env: host.env,
      name: host.name,
      url: why === undefined ? hostUrl(host) : null,
    })),
    started,
    next: ['eval "$(threads sandbox env)"', "threads smoke", "threads publish", ...firstDeployment(state)],
    advice: [...(why === undefined ? [] : [boundAdvice(why)]), ...withoutEcs(config)],
  };
}

/** What is not up already, but may be nothing more than what hosts or the registry are told anew. */
function planned(done: UpResult, { hosts }: UpOptions): UpResult {
  const counts = hosts === undefined ? "" : ` --hosts ${hosts.map(({ env, count }) => `${env}=${count}`).join(",")}`;
  return { ...done, outcome: "planned", next: [`threads sandbox up${counts}`] };
}

/** @param why what shows the port to the host alone */
function boundAdvice(why: string): string {
  return `${why}: only programs on a host reach that; publish the port without an address to see it from this machine`;
}

/** What threads.yml has, and the sandbox does not. */
function withoutEcs({ environments }: SandboxPorts["config"]): string[] {
  return Object.values(environments).flatMap(({ name, ecs }) =>
    ecs === undefined
      ? []
      : [`${name} runs on ECS, which the sandbox does not have yet: it publishes and renders for it`],
  );
}

/** To the environment of the first host: which there are is threads.yml's business. */
function firstDeployment({ hosts }: SandboxState): string[] {
  return hosts.slice(0, 1).map(({ env }) => `threads deploy -e ${env} HEAD`);
}
