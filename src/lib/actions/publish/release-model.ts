import type { Compose } from "../../compose/docker-compose.ts";
import type { RawModel } from "../../compose/raw-model.ts";
import type { Config } from "../../config/config.ts";
import { digestOf } from "../../image/digest.ts";
import { type ReleaseFiles, releaseFiles } from "../../provenance/release-files.ts";
import { imageVariable } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import type { Source } from "../../source/source.ts";
import { applicationEnvironment } from "../../stack/environment.ts";

/** What the compose files of a revision say of its release. */
export interface ReleaseModel extends Omit<ReleaseFiles, "config" | "raw" | "model" | "named"> {
  /** Services of threads.yml whose image the smoke stack takes from elsewhere: it carries no label of ours. */
  readonly notBuilt: readonly string[];
}

export interface ModelPorts {
  readonly config: Config;
  readonly compose: Pick<Compose, "environment" | "openModel" | "readAsHost">;
  readonly source: Pick<Source, "files" | "filesAt">;
  readonly signal: AbortSignal;
}

/** Resolves the compose files as git has them, and lets compose read the outcome as a host will. @throws ThreadsError COMPOSE_FILE, NOT_FOR_ECS */
export async function releaseModel(revision: string, ports: ModelPorts): Promise<ReleaseModel> {
  const { config, compose, signal } = ports;
  const [smoke, found] = await Promise.all([
    compose.openModel(config.smoke.compose, signal),
    releaseFiles(revision, ports),
  ]);
  const { config: committed, raw, model: resources, named, ...model } = found;
  if (Object.values(committed.environments).some(({ ecs }) => ecs !== undefined)) {
    const { requireForEcs } = await import("./for-ecs.ts");
    requireForEcs(committed, resources, shortRevision(revision));
  }
  // Without it variables stay open; smoke says what is wrong with the template.
  const quiet = { warn: () => undefined };
  const environment = await applicationEnvironment({ ...ports, progress: quiet }).catch(
    () => new Map<string, string>(),
  );
  const variables = variablesOf(raw, { revision, port: config.runtime.port });
  await compose.readAsHost({ files: model.files, environment, variables, named }, signal);
  return {
    ...model,
    notBuilt: config.services.filter((service) => (smoke.services[service]?.build ?? null) === null),
  };
}

/** What threads puts beside a model on hosts; what is pinned later has a digest, and compose looks at its form. */
function variablesOf(
  { services }: RawModel,
  { revision, port }: { readonly revision: string; readonly port: number },
): ReadonlyMap<string, string> {
  const images = Object.keys(services).map(
    (name) => [imageVariable(name), `threads.invalid/${name}@${digestOf("")}`] as const,
  );
  return new Map([...images, ["REVISION", revision], ["TREE", revision], ["HTTP_PORT", String(port)]]);
}
