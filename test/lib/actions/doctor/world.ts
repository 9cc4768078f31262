import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CreateRepositoryCommand, type CreateRepositoryCommandInput } from "@aws-sdk/client-ecr";
import type { DoctorPorts } from "../../../../src/lib/actions/doctor/ports.ts";
import { once } from "../../../../src/lib/aws/once.ts";
import type { AwsClients } from "../../../../src/lib/aws/clients.ts";
import { loadConfig } from "../../../../src/lib/config/load.ts";
import type { Ledger } from "../../../../src/lib/ledger/ledger.ts";
import { parameterLedger } from "../../../../src/lib/ledger/parameters.ts";
import { smallProcesses } from "../../process/small-shell.ts";
import { silentProgress } from "../../../../src/lib/progress/progress.ts";
import { openDoctor } from "../../../../src/lib/wire/doctor.ts";
import { startFakeDistribution } from "../../../fakes/distribution.ts";
import { skippingClock } from "../../../fakes/hurried-clock.ts";
import { FakeSsm } from "../../../fakes/ssm.ts";
import { type Reply, scriptedDocker } from "../../docker/scripted-docker.ts";
import { openSandbox, type OpenSandbox } from "../../sandbox/server/open-sandbox.ts";
import { type TestRepository, testRepository } from "../../source/repository.ts";

type DoctorWorld = Parameters<typeof openDoctor>[0];

export const services = ["web", "celery", "celery-beat", "nginx"];

/** Everything that doctor looks at, as real as it gets in a process: git, the sandbox's ECR and STS, SSM, a docker that answers. */
export interface TestWorld extends AsyncDisposable {
  readonly repository: TestRepository;
  readonly sandbox: OpenSandbox;
  readonly ssm: FakeSsm;
  readonly ledger: Ledger;
  readonly aws: () => Promise<AwsClients>;
  /** The ports that the command opens, in a world that may differ in something. */
  ports(change?: Partial<DoctorWorld>): DoctorPorts;
  /** The six repositories, as `threads sandbox up` makes them unless told otherwise. */
  createRepositories(settings?: Partial<CreateRepositoryCommandInput>, without?: readonly string[]): Promise<void>;
  /** Two hosts for prod, one for staging: what threads.yml asks for. */
  addHosts(): void;
}

export async function testWorld(
  change: { readonly docker?: (args: string) => Reply; readonly ecrRepo?: string } = {},
): Promise<TestWorld> {
  const distribution = await startFakeDistribution();
  const sandbox = await openSandbox({ upstream: distribution.upstream, withoutSockets: true });
  const [repository, ssm] = [testRepository(), new FakeSsm()];
  await ssm.open();
  for (const file of [
    "threads.yml",
    ...["prod", "smoke-test", "test"].map((name) => `backend/docker-compose-${name}.yml`),
  ])
    repository.write(file, readFileSync(new URL(`../../../../${file}`, import.meta.url), "utf8"));
  repository.commit("Begin");
  const clients = ssm.clients();
  const clock = skippingClock();
  const docker = scriptedDocker((args) => (change.docker ?? wellDocker)(args.join(" ")));
  const host = (id: number, environment: string): Parameters<FakeSsm["addHost"]>[0] => ({
    id: `i-0000000000000000${id}`,
    name: `${environment}-${id}`,
    tags: { "threads-env": environment },
    online: true,
    run: () => Promise.resolve({}),
  });
  const world: DoctorWorld = {
    runtime: { node: "24.21.0", wanted: ">=22.13", threads: "0.1.0" },
    env: {},
    clock,
    progress: silentProgress,
    signal: new AbortController().signal,
    config: () =>
      Promise.resolve().then(() =>
        loadConfig({
          start: repository.root,
          file: join(repository.root, "threads.yml"),
          env: { ECR_REPO: `127.0.0.1:${sandbox.port}/${change.ecrRepo ?? "threads/"}` },
        }),
      ),
    processes: {
      run: (command, options) =>
        command.file === "git" ? smallProcesses.run(command, options) : docker.run(command, options),
    },
    aws: () =>
      Promise.resolve({
        ...clients,
        ecr: () => Promise.resolve(sandbox.ecr),
        sts: () => Promise.resolve(sandbox.sts),
      }),
  };
  return {
    repository,
    sandbox,
    ssm,
    ledger: parameterLedger({ aws: clients, clock, app: "threads", version: "0.1.0", progress: silentProgress }),
    aws: () => world.aws(),
    // Read once a command, as the command itself does.
    ports: (other = {}) => openDoctor({ ...world, config: once(world.config), ...other }),
    createRepositories: async (settings = { imageTagMutability: "IMMUTABLE" }, without = []) => {
      for (const name of [...services, "edge", "bundle"].filter((one) => !without.includes(one)))
        await sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName: `threads/${name}`, ...settings }));
    },
    addHosts: () => {
      for (const one of [host(1, "prod"), host(2, "prod"), host(3, "staging")]) ssm.addHost(one);
    },
    [Symbol.asyncDispose]: async () => {
      repository[Symbol.dispose]();
      await ssm.close();
      await sandbox.stop();
      await distribution.stop();
    },
  };
}

function wellDocker(args: string): Reply {
  if (args.startsWith("buildx")) return "github.com/docker/buildx v0.13.1 788433953af1";
  // Nothing was left behind.
  if (args.includes(" ls ")) return "";
  return args.startsWith("compose") ? "2.26.1" : "26.1.5";
}
