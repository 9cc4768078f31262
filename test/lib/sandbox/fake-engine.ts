import { createServer, type Server } from "node:http";
import {
  CommandFailed,
  type CommandLine,
  type Finished,
  type Processes,
  type RunOptions,
} from "../../../src/lib/process/processes.ts";

interface FakeContainer {
  state: string;
  readonly spec: string;
  readonly network: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A Docker engine that keeps books in memory, behind the `docker` words that the sandbox uses; anything else is refused. */
export interface FakeEngine {
  readonly processes: Processes;
  readonly containers: Map<string, FakeContainer>;
  readonly networks: Set<string>;
  readonly volumes: Set<string>;
  readonly images: Set<string>;
  /** Every command line, in order. */
  readonly calls: string[][];
  /** What scripts in containers were given on stdin, by container. */
  readonly inputs: Map<string, string>;
  /** Called before each command. */
  before: (args: readonly string[]) => void | Promise<void>;
  /** ECR repositories, clusters of ECS and log groups that were created at the endpoint. */
  readonly repositories: string[];
  readonly clusters: string[];
  readonly logGroups: string[];
  /** Of Parameter Store. */
  readonly parameters: Map<string, string>;
  /** Names of the roles that were put there last. */
  roles: readonly string[];
  close(): Promise<void>;
}

type AwsInput = Partial<Record<"repositoryName" | "clusterName" | "logGroupName" | "Name" | "Value", string>> & {
  readonly Names?: readonly string[];
};

/** Its `aws` container is a real HTTP server on the sandbox's port that is healthy and creates what a sandbox needs. */
export function fakeEngine(): FakeEngine {
  const servers = new Map<string, Server>();
  const engine: FakeEngine = {
    containers: new Map(),
    networks: new Set(),
    volumes: new Set(),
    images: new Set(["debian:trixie-slim", "postgres:17", "redis:7"]),
    calls: [],
    inputs: new Map(),
    repositories: [],
    clusters: [],
    logGroups: [],
    parameters: new Map(),
    roles: [],
    before: () => undefined,
    processes: { run },
    close: async () => {
      await Promise.all([...servers.keys()].map(stopServer));
    },
  };
  return engine;

  async function run(command: CommandLine, options: RunOptions = {}): Promise<Finished> {
    options.signal?.throwIfAborted();
    engine.calls.push([...command.args]);
    await engine.before(command.args);
    options.signal?.throwIfAborted();
    const answer = await answerTo(command.args, options);
    if (answer === undefined && options.allowFailure !== true)
      throw new CommandFailed({ command, exitCode: 1, tail: ["fake engine: refused"], reason: "exited with 1" });
    for (const line of answer?.split("\n") ?? []) options.onLine?.(line, "stdout");
    return { exitCode: answer === undefined ? 1 : 0, stdout: answer ?? "", stderr: "" };
  }

  async function answerTo(args: readonly string[], options: RunOptions): Promise<string | undefined> {
    const [verb, noun] = args;
    const names = args.slice(args.findLastIndex((word) => word.startsWith("--")) + 1);
    if (verb === "container" && noun === "ls")
      return [...engine.containers]
        .map(([name, { state, spec, network }]) => [name, state, spec, network, `${state} a moment ago`].join("\t"))
        .join("\n");
    if (verb === "network" && noun === "ls") return [...engine.networks].join("\n");
    if (verb === "volume" && noun === "ls") return [...engine.volumes].join("\n");
    if (verb === "image" && noun === "ls") return [...engine.images].join("\n");
    if (verb === "network" && noun === "create") return String(engine.networks.add(args.at(-1) ?? "").size);
    if (verb === "network" && noun === "rm") return String(args.slice(2).every((name) => engine.networks.delete(name)));
    if (verb === "volume" && noun === "rm") return String(args.slice(3).every((name) => engine.volumes.delete(name)));
    if (verb === "build") return String(engine.images.add(args[args.indexOf("--tag") + 1] ?? "").size);
    if (verb === "run") return start(args, options.env ?? {});
    if (verb === "container" && noun === "rm") return remove(names);
    if (verb === "stop") return names.slice(1).join();
    if (verb === "stats")
      return names
        .slice(1)
        .map((name) => `${name}\t10.5MiB / 8GiB`)
        .join("\n");
    if (verb === "logs") return "the last thing it said";
    if (verb === "exec") {
      const [, , container = ""] = args;
      if (engine.containers.get(container)?.state !== "running") return undefined;
      engine.inputs.set(container, options.input ?? "");
      return "";
    }
    return undefined;
  }

  async function start(
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ): Promise<string | undefined> {
    const after = (word: string): string => args[args.indexOf(word) + 1] ?? "";
    const name = after("--name");
    if (engine.containers.has(name) || !engine.networks.has(after("--network"))) return undefined;
    const spec = args.find((word) => word.startsWith("threads.spec="))?.slice("threads.spec=".length) ?? "";
    engine.containers.set(name, { state: "running", spec, network: after("--network"), env });
    for (const mount of args.filter((word) => word.startsWith("type=volume"))) {
      const volume = /source=([^,]+)/.exec(mount)?.[1];
      if (volume !== undefined) engine.volumes.add(volume);
    }
    if (name.endsWith("-aws")) servers.set(name, await listen(Number(env["PORT"])));
    return name;
  }

  async function remove(names: readonly string[]): Promise<string> {
    for (const name of names) {
      engine.containers.delete(name);
      await stopServer(name);
    }
    return "";
  }

  async function stopServer(name: string): Promise<void> {
    const server = servers.get(name);
    servers.delete(name);
    server?.closeAllConnections();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  function answerAws(operation: string, input: AwsInput): object {
    const { repositoryName = "", clusterName = "", logGroupName = "", Name = "", Value = "", Names = [] } = input;
    if (operation === "CreateRepository") engine.repositories.push(repositoryName);
    else if (operation === "CreateCluster") engine.clusters.push(clusterName);
    else if (operation === "CreateLogGroup") engine.logGroups.push(logGroupName);
    else if (operation === "PutParameter") engine.parameters.set(Name, Value);
    else if (operation === "GetParameters")
      return {
        Parameters: Names.flatMap((one) => {
          const value = engine.parameters.get(one);
          return value === undefined ? [] : [{ Name: one, Value: value }];
        }),
      };
    else throw new Error(`the fake engine does not know ${operation}`);
    return {};
  }

  function listen(port: number): Promise<Server> {
    const server = createServer((request, response) => {
      if (request.url === "/_sandbox/health") return response.end("{}");
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      return request.on("end", () => {
        if (request.url === "/_sandbox/roles") {
          engine.roles = (JSON.parse(body) as { roles: { name: string }[] }).roles.map(({ name }) => name);
          return response.end("{}");
        }
        const [, operation = ""] = String(request.headers["x-amz-target"]).split(".");
        const answer = answerAws(operation, JSON.parse(body) as AwsInput);
        return response.setHeader("content-type", "application/x-amz-json-1.1").end(JSON.stringify(answer));
      });
    });
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => resolve(server));
    });
  }
}
