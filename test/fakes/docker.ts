import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";
import { CommandFailed, type CommandLine, type Processes, type RunOptions } from "../../src/lib/process/processes.ts";
import { digestOf } from "../../src/lib/image/digest.ts";
import type { FakeEcr } from "./ecr.ts";
import { type FakeIndex, writeLayout } from "./index-image.ts";

/** An image of the fake daemon; `config` stands for its contents. */
export interface FakeImage {
  readonly config: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly architecture?: string;
  /** Absolute paths of files in it. */
  readonly files?: readonly string[];
  /** What it runs by itself. */
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  /** Of its own health check, in nanoseconds. */
  readonly startPeriod?: number;
  /** The image is an index, in a daemon that keeps its images in containerd. */
  readonly index?: FakeIndex;
}

export interface FakeDocker {
  readonly processes: Processes;
  /** By name, as `docker image tag` gives it. */
  readonly images: Map<string, FakeImage>;
  /** Those that were made and not taken away. */
  readonly containers: Set<string>;
  /** Every command line that was run, with what it was given. */
  readonly ran: { readonly line: string; readonly options: RunOptions }[];
  /** Fails the next command that begins so. */
  fail(begins: string, failure: { readonly exitCode: number | undefined; readonly says: string }): void;
  /** What a command prints that is run in an image by itself. */
  prints: string;
  /** The context that is current: "default", or one of the user's own. */
  context: string;
}

/** Where the fake daemon's pushes arrive. */
export interface PushTarget {
  readonly host: string;
  /** @returns what docker prints. @throws Error whose message is what docker says. */
  push(image: {
    readonly repository: string;
    readonly tag: string;
    readonly image: FakeImage;
    /** What docker was last given for this host under this configuration. */
    readonly password: string | undefined;
  }): Promise<readonly string[]>;
}

/** The few docker commands that publishing needs, on a daemon of its own; a push arrives in the fake ECR, or where else it is told to. */
export function fakeDocker(to: FakeEcr | PushTarget): FakeDocker {
  const target = "state" in to ? intoFakeEcr(to) : to;
  const passwords = new Map<string, string | undefined>();
  const failures: { begins: string; exitCode: number | undefined; says: string }[] = [];
  const docker: FakeDocker = {
    images: new Map(),
    containers: new Set(),
    ran: [],
    context: "default",
    prints: "[]",
    fail: (begins, failure) => failures.push({ begins, ...failure }),
    processes: {
      run: async (command, options = {}) => {
        options.signal?.throwIfAborted();
        docker.ran.push({ line: [command.file, ...command.args].join(" "), options });
        const said = command.file === "sh" ? ["image", "save", ...command.args.slice(3)] : command.args;
        const failing = failures.findIndex(({ begins }) => said.join(" ").startsWith(begins));
        const [failure] = failing < 0 ? [] : failures.splice(failing, 1);
        if (failure !== undefined) throw failed(command, failure.exitCode, failure.says);
        const config = options.env?.["DOCKER_CONFIG"] ?? "";
        if (command.args[0] === "login") passwords.set(config, options.input);
        return answer(docker, { ...target, password: passwords.get(config) }, { command, options });
      },
    },
  };
  return docker;
}

const good = { exitCode: 0, stderr: "" };

type SignedIn = PushTarget & { readonly password: string | undefined };

async function answer(
  docker: FakeDocker,
  target: SignedIn,
  { command, options }: { command: CommandLine; options: RunOptions },
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  if (command.file === "sh" && command.args[1]?.includes("container cp") === true) return listed(docker, command);
  if (command.file === "sh") return { ...good, stdout: await exported(docker, command) };
  const [verb, noun, ...rest] = command.args;
  switch (`${verb ?? ""} ${noun ?? ""}`) {
    case "context show":
      return { ...good, stdout: docker.context };
    case "context export":
    case "context import":
    case "context use":
    case "login --username":
      return { ...good, stdout: "" };
    case "image tag": {
      const [from = "", to = ""] = rest;
      const image = docker.images.get(from);
      if (image === undefined) throw failed(command, 1, `No such image: ${from}`);
      docker.images.set(to, image);
      return { ...good, stdout: "" };
    }
    // Its name tells what it was made of.
    case "container create": {
      const image = rest.at(-2) ?? "";
      if (!docker.images.has(image)) throw failed(command, 1, `No such image: ${image}`);
      docker.containers.add(`of ${image}`);
      return { ...good, stdout: `of ${image}\n` };
    }
    case "container rm":
      docker.containers.delete(rest.at(-1) ?? "");
      return { ...good, stdout: "" };
    case "image inspect":
      return inspect(docker, rest);
    case "image save":
      return save(docker, command);
    case "image load": {
      const loaded = JSON.parse(readFileSync(command.args.at(-1) ?? "", "utf8")) as [string, FakeImage][];
      for (const [name, image] of loaded) docker.images.set(name, image);
      return { ...good, stdout: "" };
    }
    case "compose --ansi":
      return openConfig(command, options);
    case "compose -p":
      return plainEnvironment(command, options);
    case "run --rm": {
      const image = command.args.find((word) => docker.images.has(word));
      if (image === undefined) throw failed(command, 125, "Unable to find image");
      return { ...good, stdout: docker.prints };
    }
    case "image push":
      return push(docker, target, { command, options });
    default:
      throw failed(command, 1, "unknown command");
  }
}

/** `docker compose … config --no-interpolate` of one file that says all itself. */
function openConfig(
  command: CommandLine,
  { signal }: RunOptions,
): { exitCode: number; stdout: string; stderr: string } {
  signal?.throwIfAborted();
  // Whether hosts could read it is for a real compose to say.
  if (command.args.includes("--quiet")) return { ...good, stdout: "" };
  if (!command.args.includes("--no-interpolate")) throw failed(command, 1, "unknown command");
  const file = command.args[command.args.indexOf("-f") + 1] ?? "";
  try {
    return { ...good, stdout: JSON.stringify(parse(readFileSync(file, "utf8"))) };
  } catch (error) {
    throw failed(command, 15, `yaml: ${(error as Error).message}`);
  }
}

/** `docker compose … config` of a service with one environment file, as long as that needs no compose to be understood. */
function plainEnvironment(
  command: CommandLine,
  { input = "" }: RunOptions,
): { exitCode: number; stdout: string; stderr: string } {
  const { services } = JSON.parse(input) as { services: { values: { env_file: [string] } } };
  const lines = readFileSync(services.values.env_file[0], "utf8").split("\n");
  const values = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const strange = values.findIndex((line) => !/^[A-Z_]+='?[\w.,:/-]*'?$/.test(line));
  if (strange >= 0) throw failed(command, 1, `line ${strange + 1}: only a real compose can read it`);
  const environment = Object.fromEntries(values.map((line) => line.replaceAll("'", "").split("=")));
  return { ...good, stdout: JSON.stringify({ services: { values: { environment } } }) };
}

function inspect(docker: FakeDocker, names: readonly string[]): { exitCode: number; stdout: string; stderr: string } {
  const found = names.flatMap((name) => {
    const image = docker.images.get(name);
    if (image === undefined) return [];
    const RepoTags = [...docker.images].filter(([, other]) => other === image).map(([tag]) => tag);
    const Id = digestOf(image.config);
    const Architecture = image.architecture ?? "amd64";
    const Healthcheck = { Test: ["CMD", "true"], ...(image.startPeriod && { StartPeriod: image.startPeriod }) };
    const Config = { Labels: image.labels, Healthcheck, Entrypoint: image.entrypoint, Cmd: image.command };
    const plain = { Id, Architecture, RepoTags, RepoDigests: [] as string[], Config };
    if (image.index === undefined) return [plain];
    const { digest, mediaType } = image.index;
    return [{ ...plain, Id: digest, RepoDigests: [`${name}@${digest}`], Descriptor: { mediaType } }];
  });
  const missing = names.filter((name) => !docker.images.has(name)).map((name) => `Error: No such image: ${name}`);
  return { exitCode: missing.length > 0 ? 1 : 0, stdout: JSON.stringify(found), stderr: missing.join("\n") };
}

/** Files of a container as `docker container cp | tar -t` lists them. */
function listed(docker: FakeDocker, { args }: CommandLine): { exitCode: number; stdout: string; stderr: string } {
  const [container = "", path = ""] = args.slice(3);
  const files = docker.images.get(container.replace(/^of /, ""))?.files ?? [];
  const below = files
    .filter((file) => file.startsWith(`${path}/`))
    .map((file) => file.slice(path.lastIndexOf("/") + 1));
  const stderr =
    below.length > 0 ? "" : `Error response from daemon: Could not find the file ${path} in container ${container}`;
  return { exitCode: 0, stdout: below.join("\n"), stderr };
}

/** An archive with the names of its images, and all that they are. */
function save(docker: FakeDocker, command: CommandLine): { exitCode: number; stdout: string; stderr: string } {
  const [file = "", ...names] = command.args.slice(3);
  const images = names.map((name) => {
    const image = docker.images.get(name);
    if (image === undefined) throw failed(command, 1, `Error response from daemon: reference does not exist: ${name}`);
    return [name, image];
  });
  writeFileSync(file, JSON.stringify(images));
  return { ...good, stdout: "" };
}

/** What the two pipes of `docker image save` and `tar` do: one file to stdout, or everything into a folder. */
async function exported(docker: FakeDocker, command: CommandLine): Promise<string> {
  const [, script = "", , ...words] = command.args;
  const whole = script.includes("-C");
  const [folder = "", ...names] = whole ? words : ["", words[0] ?? ""];
  const indexes = names.map((name) => docker.images.get(name)?.index);
  for (const index of indexes) {
    if (index === undefined) throw failed(command, 1, `Error response from daemon: reference does not exist`);
    if (whole) await writeLayout(folder, index);
  }
  return whole ? "" : (indexes[0]?.blobs.get((words[1] ?? "").replace("blobs/sha256/", "sha256:"))?.toString() ?? "");
}

async function push(
  docker: FakeDocker,
  target: SignedIn,
  { command, options }: { command: CommandLine; options: RunOptions },
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const name = command.args.at(-1) ?? "";
  const [, host, repository = "", tag = ""] = /^([^/]+)\/(.+):([^:]+)$/.exec(name) ?? [];
  const image = docker.images.get(name);
  if (image === undefined || host !== target.host) throw failed(command, 1, `An image does not exist: ${name}`);
  const lines = await target.push({ repository, tag, image, password: target.password }).catch((error: unknown) => {
    throw failed(command, 1, (error as Error).message);
  });
  for (const line of lines) options.onLine?.(line, "stdout");
  return { ...good, stdout: lines.join("\n") };
}

function intoFakeEcr(ecr: FakeEcr): PushTarget {
  return {
    host: ecr.host,
    push: ({ repository, tag, image }) => {
      const held = ecr.state.repositories.get(repository);
      if (held === undefined)
        return Promise.reject(new Error(`name unknown: The repository with name '${repository}' does not exist`));
      if (held.immutable && held.tags.has(tag))
        return Promise.reject(
          new Error(`tag invalid: The image tag '${tag}' cannot be overwritten because the repository is immutable.`),
        );
      const digest = ecr.push(repository, tag, { config: image.config });
      return Promise.resolve([
        `The push refers to repository [${ecr.host}/${repository}]`,
        "5f70bf18a086: Preparing",
        "5f70bf18a086: Pushed",
        `${tag}: digest: ${digest} size: 528`,
      ]);
    },
  };
}

function failed(command: CommandLine, exitCode: number | undefined, says: string): CommandFailed {
  const reason = exitCode === undefined ? says : `exited with ${String(exitCode)}`;
  return new CommandFailed({ command, exitCode, tail: exitCode === undefined ? [] : [says], reason });
}
