import { relative } from "node:path";
import { carriedFolder, type CommittedFile } from "../../compose/carried.ts";
import type { Compose } from "../../compose/docker-compose.ts";
import { runtimeFacts } from "../../compose/runtime-facts.ts";
import { type RuntimeModel, runtimeModel } from "../../compose/runtime-model.ts";
import type { Config } from "../../config/config.ts";
import type { BundleFiles } from "../../release/bundle.ts";
import type { Source } from "../../source/source.ts";

/** What the compose files of a revision say of its release. */
export interface ReleaseModel {
  readonly runtime: RuntimeModel;
  /** What travels in the bundle beside `release.json`. */
  readonly files: BundleFiles;
  /** Services of threads.yml whose image the smoke stack takes from elsewhere: it carries no label of ours. */
  readonly notBuilt: readonly string[];
}

export interface ModelPorts {
  readonly config: Config;
  readonly compose: Pick<Compose, "openModel">;
  readonly source: Pick<Source, "files" | "filesAt">;
  readonly signal: AbortSignal;
}

/** Resolves the compose files. The tree is clean, so that what lies here is what is committed. @throws ThreadsError COMPOSE_FILE */
export async function releaseModel(revision: string, ports: ModelPorts): Promise<ReleaseModel> {
  const { config, compose, source, signal } = ports;
  const files = config.runtime.compose;
  const [smoke, raw, committed] = await Promise.all([
    compose.openModel(config.smoke.compose, signal),
    compose.openModel(files, signal),
    source.files(revision),
  ]);
  const named = files.map((file) => relative(config.root, file)).join(", ");
  const runtime = runtimeModel(raw, runtimeFacts(config, committed), named);
  const carried = await contentsOf(runtime.carried, revision, source);
  return {
    runtime,
    files: { ...modelFiles(runtime), ...carried },
    notBuilt: config.services.filter((service) => (smoke.services[service]?.build ?? null) === null),
  };
}

/** `compose.yml` as ever; the rest below one folder, which a host takes as a whole. */
function modelFiles({ compose, services, requiredKeys }: RuntimeModel): BundleFiles {
  const expected = services.map(({ name, replicas, ending }) => `${name} ${replicas ?? "any"} ${ending}\n`);
  return {
    "compose.yml": compose,
    "model/expected": expected.join(""),
    "model/required": requiredKeys.map((key) => `${key}\n`).join(""),
  };
}

async function contentsOf(
  files: readonly CommittedFile[],
  revision: string,
  source: Pick<Source, "filesAt">,
): Promise<BundleFiles> {
  const contents = await source.filesAt(
    revision,
    files.map(({ path }) => path),
  );
  const named = files.map(({ path, kind }, index) => {
    const file = { contents: contents[index] ?? "", executable: kind === "executable" };
    return [`model/${carriedFolder}/${path}`, file] as const;
  });
  return Object.fromEntries(named);
}
