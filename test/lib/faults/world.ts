import { noSignatures } from "../../fakes/signatures.ts";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { ECSClient } from "@aws-sdk/client-ecs";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateRepositoryCommand, ECRClient } from "@aws-sdk/client-ecr";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { checksOfSmoke } from "../../../src/lib/config/checks-for.ts";
import type { PublishPorts } from "../../../src/lib/actions/publish/run.ts";
import type { AwsClients } from "../../../src/lib/aws/clients.ts";
import { openContact } from "../../../src/lib/aws/contact.ts";
import type { Clock } from "../../../src/lib/clock/clock.ts";
import type { Config } from "../../../src/lib/config/config.ts";
import { loadConfig } from "../../../src/lib/config/load.ts";
import type { EcrRepo } from "../../../src/lib/image/ecr-repo.ts";
import { type Progress, silentProgress } from "../../../src/lib/progress/progress.ts";
import { dockerImages } from "../../../src/lib/docker/images.ts";
import { connectRegistry } from "../../../src/lib/registry/ecr/ecr.ts";
import type { Registry } from "../../../src/lib/registry/registry.ts";
import { type ReleaseFiles, releaseFiles } from "../../../src/lib/provenance/release-files.ts";
import { openRegistry } from "../../../src/lib/registry/open.ts";
import type { AccessControl } from "../../../src/lib/sandbox/server/iam/access-control.ts";
import { createLogs } from "../../../src/lib/sandbox/server/logs/logs.ts";
import type { JsonService } from "../../../src/lib/sandbox/server/protocol.ts";
import { type HostExecutor, type Pace, realPace } from "../../../src/lib/sandbox/server/ssm/hosts.ts";
import { createSsmOn } from "../../../src/lib/sandbox/server/ssm/ssm.ts";
import type { Head } from "../../../src/lib/source/source.ts";
import { anEnvironment } from "../../fakes/config.ts";
import { type FakeDocker, fakeDocker } from "../../fakes/docker.ts";
import { fakeIndex } from "../../fakes/index-image.ts";
import { startFakeDistribution } from "../../fakes/distribution.ts";
import { hurriedClock, skippingClock } from "../../fakes/hurried-clock.ts";
import { credentials, openSandbox, type OpenSandbox, region } from "../sandbox/server/open-sandbox.ts";
import { type Gate, openGate } from "./gate.ts";
import { parse } from "yaml";
import type { RawModel } from "../../../src/lib/compose/raw-model.ts";
import { runtimeFile, smokeFile } from "../../fakes/compose-files.ts";
import { layouts, repoAt } from "../../fakes/ecr-repo.ts";
import { passed } from "./promote-ports.ts";
import { pushOverHttp } from "./push.ts";

const root = new URL("../../..", import.meta.url).pathname;

/** What a process that publishes or promotes has around it. */
export interface Outside {
  readonly gate: Pick<Gate, "url" | "host">;
  readonly config: Config;
  readonly docker: FakeDocker;
}

/** A sandbox behind a gate, with the repositories of the real threads.yml. */
export interface FaultWorld extends AsyncDisposable, Outside {
  readonly gate: Gate;
  readonly sandbox: OpenSandbox;
  readonly repo: EcrRepo;
  /** Past the gate: what is really there. */
  readonly truth: Registry;
  /** A commit whose images passed the smoke test; no other has its contents. */
  commit(): Head;
}

export async function faultWorld({
  mutability = "IMMUTABLE",
  services = 2,
  layout = "perService",
  indexes = false,
  hosts = noHosts,
  pace = realPace,
  hiddenFor = 0,
}: {
  readonly mutability?: "MUTABLE" | "IMMUTABLE";
  readonly services?: number;
  readonly layout?: keyof typeof layouts;
  /** The first service's image is an index with attestations, as docker's containerd store keeps it. */
  readonly indexes?: boolean;
  /** What is deployed to. */
  readonly hosts?: HostExecutor;
  /** The time of SSM. */
  readonly pace?: Pace;
  /** How long SSM does not show a new command, in milliseconds. */
  readonly hiddenFor?: number;
} = {}): Promise<FaultWorld> {
  const distribution = await startFakeDistribution();
  const stateDir = await mkdtemp(join(tmpdir(), "threads-faults-"));
  const openServices = async (access: AccessControl): Promise<readonly JsonService[]> => {
    const { service, store } = await createLogs(join(stateDir, "logs"), () => pace.now());
    const logs = { store, access };
    return [await createSsmOn({ stateDir, executor: hosts, pace, hiddenFor, report: () => undefined, logs }), service];
  };
  const sandbox = await openSandbox({ upstream: distribution.upstream, services: openServices, withoutSockets: true });
  const gate = await openGate(sandbox.listener);
  const config = configFor(gate.host, services, layout);
  const repo = repoAt(gate.host, layouts[layout]);
  const names = [...config.services, config.registry.bundle];
  for (const repositoryName of new Set(names.map((name) => repo.repositoryFor(name)))) {
    await sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: mutability }));
  }
  const docker = fakeDocker(pushOverHttp(gate.host));
  const truth = connectRegistry({ repo, aws: { ecr: () => Promise.resolve(sandbox.ecr) }, clock: hurriedClock() });
  let commits = 0;
  return {
    gate,
    sandbox,
    repo,
    config,
    docker,
    truth,
    commit: () => {
      commits += 1;
      return smoked(docker, config, { number: commits, indexes });
    },
    [Symbol.asyncDispose]: async () => {
      await gate[Symbol.asyncDispose]();
      await sandbox.stop();
      await distribution.stop();
      await rm(stateDir, { recursive: true });
    },
  };
}

function configFor(host: string, services: number, layout: keyof typeof layouts): Config {
  const whole = loadConfig({ start: root, file: undefined, env: { ECR_REPO: `${host}/${layouts[layout]}` } });
  // Two of the four: every kind of call is there, and the same calls for the other two, or the edge, would teach nothing.
  const runtime = { ...whole.runtime, strategy: "recreate" as const };
  return { ...whole, services: whole.services.slice(0, services), environments: smokeOnly(whole), runtime };
}

/** A world as another process sees it, which knows only the gate. */
export function outerWorld(host: string, services: number): Outside {
  return {
    gate: { url: `http://${host}`, host },
    config: configFor(host, services, "perService"),
    docker: fakeDocker(pushOverHttp(host)),
  };
}

/** Of the gates only the smoke test: nothing is deployed here, so that nothing could be verified. */
function smokeOnly({ environments }: Config): Config["environments"] {
  const { gates } = anEnvironment("any");
  return Object.fromEntries(Object.entries(environments).map(([name, one]) => [name, { ...one, gates }]));
}

const noHosts: HostExecutor = {
  hosts: () => Promise.resolve([]),
  run: () => Promise.reject(new Error("nothing is deployed here")),
  restart: () => Promise.reject(new Error("nothing is deployed here")),
};

/** The commit of that number, with the images that smoke would have left. */
export function smoked(
  docker: FakeDocker,
  { app, services }: Config,
  { number, indexes = false }: { readonly number: number; readonly indexes?: boolean },
): Head {
  const revision = number.toString(16).padStart(40, "0");
  const tree = `f${number.toString(16).padStart(39, "0")}`;
  for (const [place, service] of services.entries())
    docker.images.set(`${app}-${service}:${revision}`, {
      config: `${service} ${String(number)}`,
      ...(indexes && place === 0 ? { index: fakeIndex({ text: `${service} ${String(number)}` }) } : {}),
      labels: {
        "org.opencontainers.image.revision": revision,
        "org.threads.tree": tree,
      },
    });
  return {
    revision,
    tree,
    committedAt: "2026-11-22T10:00:00Z",
    branch: "dev",
    dirty: [],
    shallow: false,
    upstream: undefined,
    pushed: undefined,
  };
}

/** What one process has: clients, a clock and a signal of its own. */
export interface Process {
  readonly ports: PublishPorts;
  readonly aws: AwsClients;
  readonly clock: Clock;
  readonly stop: AbortController;
  /** What its steps said while they were at it. */
  readonly said: string[];
  end(): void;
}

/** @param tries that each client of the SDK makes. @param as whose credentials it has; an administrator's by default */
export async function startProcess(world: Outside, head: Head, tries = 1, as: object = credentials): Promise<Process> {
  const { gate, config } = world;
  const stop = new AbortController();
  const { signal } = stop;
  // What is tried for two minutes is tried a few times.
  const clock = skippingClock(40);
  const { aws, end } = clients(gate.url, tries, as);
  const said: string[] = [];
  const source: PublishPorts["source"] = {
    ...nowhere,
    head: () => Promise.resolve(head),
    files: () => Promise.resolve([]),
    filesAt: (_, paths) => Promise.resolve(paths.map(() => Buffer.from(runtimeFile(config.services)))),
  };
  const ports = {
    ...(await openRegistry({ config, aws, clock, signal })),
    config,
    source,
    docker: dockerImages({ processes: world.docker.processes, signal }),
    provenance: () => Promise.resolve({ state: "same" as const }),
    readFiles: (revision: string): Promise<ReleaseFiles> => releaseFiles(revision, ports, "compare"),
    compose: {
      openModel: async ([file = ""]: readonly string[]) =>
        parse(file === config.smoke.compose[0] ? smokeFile(config.services) : await readFile(file, "utf8")) as RawModel,
      // Without docker: the template of this repository has a plain value a line.
      environment: (text: string) => {
        const pairs = [...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, key = "", value = ""]) => [key, value] as const);
        return Promise.resolve({ values: new Map(pairs), unset: [] });
      },
      readAsHost: () => Promise.resolve(),
      images: () => Promise.resolve([]),
      runAlone: () => Promise.resolve("[]"),
      pull: () => Promise.reject(new Error("all images are built here")),
    },
    smoke: () => Promise.resolve(passed(checksOfSmoke(config))),
    signatures: noSignatures,
    archive: { save: () => Promise.resolve(), load: () => Promise.reject(new Error("nothing is handed over")) },
    progress: { ...listening(said), warn: (text: string) => void said.push(text) },
    clock,
    signal,
  };
  return { ports, aws, clock, stop, said, end };
}

/** Of git nothing more is needed than what a test gives. */
const nowhere = new Proxy({} as PublishPorts["source"], {
  get: (_, name) => () => Promise.reject(new Error(`git was asked for ${String(name)}`)),
});

function listening(said: string[]): Progress {
  return {
    ...silentProgress,
    tasks: (tasks, options) => {
      const heard = tasks.map((task) => ({
        ...task,
        run: (step: Parameters<typeof task.run>[0]) => task.run({ ...step, update: (text) => said.push(text) }),
      }));
      return silentProgress.tasks(heard, options);
    },
  };
}

/** The real clients with as many tries as awsClients gives them, but without their pauses: a test has no time. */
export function clients(endpoint: string, tries = 5, as: object = credentials): { aws: AwsClients; end: () => void } {
  const settings = { region, endpoint, credentials: as as typeof credentials, retryStrategy: hurriedRetries(tries) };
  const [ecr, sts, ssm] = [new ECRClient(settings), new STSClient(settings), new SSMClient(settings)];
  const once = new SSMClient({ ...settings, retryStrategy: hurriedRetries(1) });
  const [logs, ecs, secrets] = [
    new CloudWatchLogsClient(settings),
    new ECSClient(settings),
    new SecretsManagerClient(settings),
  ];
  const aws: AwsClients = {
    region,
    contact: openContact(),
    ecr: () => Promise.resolve(ecr),
    sts: () => Promise.resolve(sts),
    ssm: () => Promise.resolve(ssm),
    ssmOnce: () => Promise.resolve(once),
    logs: () => Promise.resolve(logs),
    ecs: () => Promise.resolve(ecs),
    secrets: () => Promise.resolve(secrets),
  };
  const end = (): void => {
    for (const client of [ecr, sts, ssm, once, logs, ecs, secrets]) client.destroy();
  };
  return { aws, end };
}

interface RetryToken {
  getRetryCount(): number;
  getRetryDelay(): number;
}

function hurriedRetries(attempts: number): {
  acquireInitialRetryToken(): Promise<RetryToken>;
  refreshRetryTokenForRetry(token: RetryToken, error: { errorType: string }): Promise<RetryToken>;
  recordSuccess(): void;
} {
  const token = (count: number): RetryToken => ({ getRetryCount: () => count, getRetryDelay: () => 0 });
  return {
    acquireInitialRetryToken: () => Promise.resolve(token(0)),
    refreshRetryTokenForRetry: (last, { errorType }) =>
      errorType === "CLIENT_ERROR" || last.getRetryCount() + 1 >= attempts
        ? Promise.reject(new Error("no more tries"))
        : Promise.resolve(token(last.getRetryCount() + 1)),
    recordSuccess: () => undefined,
  };
}
