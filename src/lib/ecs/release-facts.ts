import type { Compose } from "../compose/docker-compose.ts";
import type { Resources } from "../compose/raw-model.ts";
import { parseModelYaml } from "../compose/yaml.ts";
import type { Config } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { bundleFiles, type Files } from "../provenance/bundle-files.ts";
import type { Registry } from "../registry/registry.ts";
import type { PublishedRelease } from "../release/release.ts";
import { shortRevision } from "../release/revision.ts";
import type { EcsEnvironment } from "./environment-on-ecs.ts";
import { type EcsFacts, ownVariables, type Settings } from "./facts.ts";
import { factsBeforehand, imageOf } from "./facts-of.ts";
import { readEnvFiles } from "./read-env-files.ts";
import { readImageFacts } from "./read-images.ts";

export interface ReleaseFactPorts {
  readonly config: Config;
  readonly region: string;
  readonly registry: Pick<Registry, "host" | "read" | "download">;
  readonly compose: Pick<Compose, "environment">;
  /** Names of what a path of Parameter Store has for the application. */
  readonly settingNames: (path: string) => Promise<ReadonlySet<string>>;
  readonly signal: AbortSignal;
}

/**
 * All that a translation is made from, of a published release: what its bundle has and what its images say, both read by digest,
 * and nothing pulled. @throws ThreadsError NOT_A_BUNDLE, IMAGE_GONE, DOWNLOAD_FAILED, COMPOSE_FILE
 */
export async function releaseFacts(
  published: PublishedRelease,
  environment: EcsEnvironment,
  ports: ReleaseFactPorts,
): Promise<EcsFacts> {
  const { release, digest } = published;
  const files = await readable(published, ports.registry);
  const model = parseModelYaml(textIn(files, "compose.yml")) as Resources;
  const known = factsBeforehand(environment, { ...ports, model });
  const pins = new Map(
    Object.keys(model.services).flatMap((name) => {
      const pin = release.images[imageOf(name, model, Object.keys(release.images)) ?? ""];
      return pin === undefined ? [] : [[name, pin] as const];
    }),
  );
  const [facts, names] = await Promise.all([
    Promise.all([...pins].map(async ([name, pin]) => [name, await readImageFacts(pin, ports.registry)] as const)),
    namesOf(known.settings, ports),
  ]);
  const settings = { ...known.settings, names };
  const own = ownVariables({ ...release, ecs: environment.ecs });
  const envFiles = await readEnvFiles(model, (name) => textIn(files, name), { ...ports, own, settings });
  const { host } = ports.registry;
  return {
    ...known,
    images: Object.fromEntries([...pins].map(([name, pin]) => [name, `${host}/${pin.repository}@${pin.digest}`])),
    imageFacts: Object.fromEntries(facts),
    settings,
    envFiles,
    revision: release.revision,
    tree: release.tree,
    bundle: digest,
    requiredKeys: textIn(files, "model/required")
      .split("\n")
      .filter((key) => key !== ""),
  };
}

/** A bundle of before had the compose file as it was written, which only a host could read. */
async function readable(published: PublishedRelease, registry: ReleaseFactPorts["registry"]): Promise<Files> {
  const { release, digest } = published;
  const revision = shortRevision(release.revision);
  const files =
    release.schema === 1
      ? "an older threads has published it, without a model of what runs"
      : await bundleFiles(published, registry);
  if (typeof files !== "string") return files;
  throw new ThreadsError("NOT_A_BUNDLE", {
    message: `the bundle of ${revision} cannot be translated for ECS: ${files}`,
    details: [`${published.repository}@${digest}`],
    next: ["threads publish"],
    advice: ["publish a new commit, which makes a bundle of today"],
  });
}

function textIn(files: Files, name: string): string {
  return Buffer.from(files.get(name)?.contents ?? "").toString("utf8");
}

/** Nobody is asked where threads.yml names them, or where there are none. */
async function namesOf({ from, names }: Settings, { settingNames }: ReleaseFactPorts): Promise<Settings["names"]> {
  if (from === undefined) return undefined;
  return names ?? settingNames(from);
}
