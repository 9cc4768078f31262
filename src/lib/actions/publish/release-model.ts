import { posix, relative } from "node:path";
import { carriedFolder } from "../../compose/carried.ts";
import type { Compose } from "../../compose/docker-compose.ts";
import { composeFileFault } from "../../compose/file-fault.ts";
import { type RuntimeModel, runtimeModel } from "../../compose/runtime-model.ts";
import type { Config } from "../../config/config.ts";
import type { Source } from "../../source/source.ts";

/** What the compose files of a revision say of its release. */
export interface ReleaseModel {
  readonly runtime: RuntimeModel;
  /** What travels in the bundle beside `release.json`, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Services of threads.yml whose image the smoke stack takes from elsewhere: it carries no label of ours. */
  readonly notBuilt: readonly string[];
}

export interface ModelPorts {
  readonly config: Config;
  readonly compose: Pick<Compose, "openModel">;
  readonly source: Pick<Source, "files" | "fileAt">;
  readonly signal: AbortSignal;
}

/** Bytes of all files that travel beside the model: configuration, not data. */
const mostBytes = 1024 * 1024;

/** Bytes of a name in the bundle, see release/tar.ts. */
const longestName = 100;

/** Resolves the compose files. The tree is clean, so that what lies here is what is committed. @throws ThreadsError COMPOSE_FILE */
export async function releaseModel(revision: string, ports: ModelPorts): Promise<ReleaseModel> {
  const { config, compose, source, signal } = ports;
  const files = config.runtime.compose;
  const [smoke, raw, tracked] = await Promise.all([
    compose.openModel(config.smoke.compose, signal),
    compose.openModel(files, signal),
    source.files(revision),
  ]);
  const named = files.map((file) => relative(config.root, file));
  const runtime = runtimeModel(raw, {
    services: config.services,
    migrate: config.runtime.migrate,
    folder: posix.dirname(named[0] ?? "").replace(/^\.$/, ""),
    files: named.join(", "),
    isTracked: (path) => tracked.some((file) => file === path || file.startsWith(`${path}/`)),
  });
  const carried = tracked.filter((file) =>
    runtime.carried.some((path) => file === path || file.startsWith(`${path}/`)),
  );
  return {
    runtime,
    files: { ...bundleFiles(runtime), ...(await contentsOf(carried, revision, source)) },
    notBuilt: config.services.filter((service) => (smoke.services[service]?.build ?? null) === null),
  };
}

/** `compose.yml` as ever; the rest below one folder, which a host takes as a whole. */
function bundleFiles({ compose, services, requiredKeys }: RuntimeModel): Record<string, string> {
  const expected = services.map(({ name, replicas, ending }) => `${name} ${replicas ?? "any"} ${ending}\n`);
  return {
    "compose.yml": compose,
    "model/expected": expected.join(""),
    "model/required": requiredKeys.map((key) => `${key}\n`).join(""),
  };
}

async function contentsOf(
  paths: readonly string[],
  revision: string,
  source: Pick<Source, "fileAt">,
): Promise<Record<string, string>> {
  const long = paths.find((path) => Buffer.byteLength(`model/${carriedFolder}/${path}`) > longestName);
  if (long !== undefined)
    throw composeFileFault(
      `the path of ${long} is too long to travel in a release`,
      `shorten it to ${longestName - `model/${carriedFolder}/`.length} bytes`,
    );
  const read = paths.map(async (path): Promise<[string, string]> => [
    `model/${carriedFolder}/${path}`,
    await source.fileAt(revision, path),
  ]);
  const all = await Promise.all(read);
  const bytes = all.reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0);
  if (bytes > mostBytes)
    throw composeFileFault(
      `the files that the runtime mounts have ${Math.ceil(bytes / 1024)} KiB, ${mostBytes / 1024} may travel in a release`,
      "copy them into an image in its Dockerfile",
      { details: paths },
    );
  return Object.fromEntries(all);
}
