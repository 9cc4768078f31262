import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildToolsImage } from "../e2e/docker-tools.ts";
import type { Contestant } from "./measure.ts";

/** The registry answers from this very process: nothing may block it. */
const run = promisify(execFile);

interface PeerWorld {
  /** `host:port` of the registry. */
  readonly host: string;
  /** Holds `docker/config.json` with the login. */
  readonly folder: string;
  /** Each holds an image under the tag `real`. */
  readonly repositories: readonly string[];
  nextTag(): string;
}

interface Peers extends AsyncDisposable {
  readonly contestants: readonly Contestant[];
}

interface Way {
  readonly program: string;
  readonly name?: string;
  readonly line: (repository: string, tag: string) => string;
  readonly prepare?: () => Promise<void>;
}

/**
 * The ways to promote without threads, one image after the other as people's scripts do it. What is not installed runs in a
 * container on this machine's network, which adds one `docker exec` (0.1 s) to the whole script, and is named so.
 */
export async function openPeers(world: PeerWorld): Promise<Peers> {
  const ways = waysOf(world);
  const missing = ways.some(({ program }) => !isInstalled(program));
  const container = missing ? await startTools(world.folder) : undefined;
  return {
    contestants: ways.map((way) => contestant(way, world, container)),
    [Symbol.asyncDispose]: async () => {
      if (container !== undefined) await run("docker", ["rm", "--force", container]);
    },
  };
}

function waysOf({ host }: PeerWorld): readonly Way[] {
  const plain = "--src-tls-verify=false --dest-tls-verify=false";
  return [
    {
      program: "docker",
      name: "docker pull, tag, push",
      line: (name, tag) =>
        `docker pull -q ${name}:real && docker tag ${name}:real ${name}:${tag} && docker push -q ${name}:${tag}`,
      prepare: () => removeImages(host),
    },
    {
      program: "docker",
      name: "docker buildx imagetools create",
      line: (name, tag) => `docker buildx imagetools create -t ${name}:${tag} ${name}:real`,
    },
    {
      program: "skopeo",
      name: "skopeo copy",
      line: (name, tag) => `skopeo copy ${plain} docker://${name}:real docker://${name}:${tag}`,
    },
    { program: "oras", name: "oras tag", line: (name, tag) => `oras tag --plain-http ${name}:real ${tag}` },
  ];
}

function contestant({ program, name = program, line, prepare }: Way, world: PeerWorld, container?: string): Contestant {
  const here = container === undefined || isInstalled(program);
  const logins = (folder: string): Record<string, string> => ({
    DOCKER_CONFIG: join(folder, "docker"),
    REGISTRY_AUTH_FILE: join(folder, "docker/config.json"),
  });
  return {
    name: here ? name : `${name} (in a container)`,
    argv: () => {
      const tag = world.nextTag();
      const lines = world.repositories.map((repository) => line(`${world.host}/${repository}`, tag));
      const script = ["set -e", ...lines].join("\n");
      return here ? ["sh", "-c", script] : ["docker", "exec", container, "sh", "-c", script];
    },
    ...(here ? { env: logins(world.folder) } : {}),
    ...(prepare === undefined ? {} : { prepare }),
  };
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"]).status === 0 || spawnSync(program, ["version"]).status === 0;
}

async function startTools(folder: string): Promise<string> {
  const image = await buildToolsImage();
  const inside = "/logins";
  const env = [`DOCKER_CONFIG=${inside}`, `REGISTRY_AUTH_FILE=${inside}/config.json`].flatMap((one) => ["--env", one]);
  const options = ["--network", "host", "--init", "--volume", `${join(folder, "docker")}:${inside}:ro`, ...env];
  const { stdout } = await run("docker", ["run", "--detach", ...options, image, "sleep", "infinity"]);
  return stdout.trim();
}

/** What docker has pulled from there, so that it must pull again. */
export async function removeImages(host: string): Promise<void> {
  const { stdout } = await run("docker", ["images", "-q", "--no-trunc", "--filter", `reference=${host}/*/*`]);
  const ids = new Set(stdout.split("\n").filter(Boolean));
  if (ids.size > 0) await run("docker", ["rmi", "--force", ...ids]);
}
