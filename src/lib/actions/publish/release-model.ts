import { relative } from "node:path";
import { carriedFolder, type CommittedFile } from "../../compose/carried.ts";
import type { Compose } from "../../compose/docker-compose.ts";
import type { RawModel } from "../../compose/raw-model.ts";
import { runtimeFacts } from "../../compose/runtime-facts.ts";
import { type RuntimeModel, runtimeModel } from "../../compose/runtime-model.ts";
import type { SlotFiles } from "../../compose/slots.ts";
import type { Config } from "../../config/config.ts";
import { digestOf } from "../../image/digest.ts";
import type { BundleFiles } from "../../release/bundle.ts";
import { edgeName, imageVariable } from "../../release/release.ts";
import type { Source } from "../../source/source.ts";
import { applicationEnvironment } from "../../stack/environment.ts";

/** What the compose files of a revision say of its release. */
export interface ReleaseModel {
  /** References of images that are not built here, by service, and that of the edge: to be pinned. */
  readonly elsewhere: Readonly<Record<string, string>>;
  /** How a host changes to it. */
  readonly strategy: "slots" | "recreate";
  /** What travels in the bundle beside `release.json`. */
  readonly files: BundleFiles;
  /** Services of threads.yml whose image the smoke stack takes from elsewhere: it carries no label of ours. */
  readonly notBuilt: readonly string[];
  /** Services whose health check has a `start_interval` and no `start_period` of its own. */
  readonly startIntervals: readonly string[];
  /** What a person should know of it, and what stops nothing. */
  readonly warnings: readonly string[];
}

export interface ModelPorts {
  readonly config: Config;
  readonly compose: Pick<Compose, "environment" | "openModel" | "readAsHost">;
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
  const slots = await slotsOf(runtime, named, config);
  const carried = await contentsOf(runtime.carried, revision, source);
  const bundled = { ...modelFiles(runtime), ...slots.files, ...carried };
  // Without it variables stay open; smoke says what is wrong with the template.
  const quiet = { warn: () => undefined };
  const environment = await applicationEnvironment({ ...ports, progress: quiet }).catch(
    () => new Map<string, string>(),
  );
  const variables = variablesOf(raw, { revision, port: config.runtime.port });
  await compose.readAsHost({ files: bundled, environment, variables, named }, signal);
  return {
    elsewhere: { ...runtime.elsewhere, ...slots.elsewhere },
    strategy: slots.strategy,
    files: bundled,
    notBuilt: config.services.filter((service) => (smoke.services[service]?.build ?? null) === null),
    startIntervals: runtime.startIntervals,
    warnings: slots.warnings,
  };
}

/** In slots wherever that is possible, unless threads.yml has it otherwise. @param named how messages name the compose files */
async function slotsOf(
  { model, elsewhere }: RuntimeModel,
  named: string,
  config: Config,
): Promise<SlotFiles & Pick<ReleaseModel, "elsewhere" | "strategy">> {
  const { strategy, edge } = config.runtime;
  const single = { strategy: "recreate", files: {}, elsewhere: {} } as const;
  if (strategy === "recreate") return { ...single, warnings: [] };
  const { slotFacts, slotFiles, slotProblems } = await import("../../compose/slots.ts");
  const facts = slotFacts(config, { elsewhere: Object.keys(elsewhere), files: named });
  const [problem] = strategy === undefined ? slotProblems(model, facts) : [];
  if (problem !== undefined)
    return { ...single, warnings: [`hosts will replace containers and not switch slots: ${named} ${problem}`] };
  return { ...slotFiles(model, facts), strategy: "slots", elsewhere: { [edgeName]: edge.image } };
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
