import { relative } from "node:path";
import { carriedFolder, type CommittedFile } from "../compose/carried.ts";
import type { RawModel, Resources } from "../compose/raw-model.ts";
import { listedAlone } from "../compose/required-keys.ts";
import { runtimeFacts } from "../compose/runtime-facts.ts";
import { type RuntimeModel, runtimeModel, type Purpose } from "../compose/runtime-model.ts";
import type { SlotFiles } from "../compose/slots.ts";
import { parseModelYaml } from "../compose/yaml.ts";
import type { Config } from "../config/config.ts";
import type { BundleFiles } from "../release/bundle.ts";
import { edgeName } from "../release/release.ts";
import type { Source } from "../source/source.ts";
import { type CommittedPorts, committedModel } from "./committed-model.ts";

/** What a commit's own files say of its release, and nobody else: the same on every machine with the same compose. */
export interface ReleaseFiles {
  readonly config: Config;
  readonly raw: RawModel;
  /** What of it runs. */
  readonly model: Resources;
  /** How messages name the compose files. */
  readonly named: string;
  /** References of images that are not built here, by service, and that of the edge: to be pinned. */
  readonly elsewhere: Readonly<Record<string, string>>;
  /** How a host changes to it. */
  readonly strategy: "slots" | "recreate";
  /** What travels in the bundle beside `release.json`, but for the edge's pin. */
  readonly files: BundleFiles;
  /** Services whose health check has a `start_interval` and no `start_period` of its own. */
  readonly startIntervals: readonly string[];
  /** Names that a host's environment file must have. */
  readonly requiredKeys: readonly string[];
  /** How services run the images of the release. */
  readonly uses: RuntimeModel["uses"];
  /** What a person should know of it, and what stops nothing. */
  readonly warnings: readonly string[];
}

/** @param at a commit or a tree. @throws ThreadsError COMPOSE_FILE, CONFIG_INVALID */
export async function releaseFiles(
  at: string,
  ports: CommittedPorts,
  purpose: Purpose = "publish",
): Promise<ReleaseFiles> {
  const { config, raw, files: committed } = await committedModel(at, ports);
  const named = config.runtime.compose.map((file) => relative(config.root, file)).join(", ");
  const runtime = runtimeModel(raw, runtimeFacts(config, committed), named, purpose);
  const elsewhere = Object.keys(runtime.elsewhere);
  const slots = await slotsOf(runtime.model, { elsewhere, named, config });
  const carried = await contentsOf(runtime.carried, at, ports.source);
  return {
    config,
    raw,
    model: runtime.model,
    named,
    elsewhere: { ...runtime.elsewhere, ...slots.elsewhere },
    strategy: slots.strategy,
    files: { ...modelFiles(runtime), ...slots.files, ...carried },
    startIntervals: runtime.startIntervals,
    requiredKeys: runtime.requiredKeys,
    uses: runtime.uses,
    warnings: slots.warnings,
  };
}

interface SlotWish {
  /** Services whose image is not built here. */
  readonly elsewhere: readonly string[];
  readonly named: string;
  readonly config: Config;
}

/** In slots wherever that is possible, unless threads.yml has it otherwise. */
async function slotsOf(
  model: Resources,
  { elsewhere, named, config }: SlotWish,
): Promise<SlotFiles & Pick<ReleaseFiles, "elsewhere" | "strategy">> {
  const { strategy, edge } = config.runtime;
  const single = { strategy: "recreate", files: {}, elsewhere: {} } as const;
  if (strategy === "recreate") return { ...single, warnings: [] };
  const { slotFacts, slotFiles, slotProblems } = await import("../compose/slots.ts");
  const facts = slotFacts(config, { elsewhere, files: named });
  const [problem] = strategy === undefined ? slotProblems(model, facts) : [];
  if (problem !== undefined)
    return { ...single, warnings: [`hosts will replace containers and not switch slots: ${named} ${problem}`] };
  return { ...slotFiles(model, facts), strategy: "slots", elsewhere: { [edgeName]: edge.image } };
}

/** What slots need of a bundle's own model. @throws ThreadsError COMPOSE_FILE */
export async function slotFilesOf(compose: string, files: ReleaseFiles): Promise<BundleFiles> {
  const { config, named, elsewhere, strategy } = files;
  const services = Object.keys(elsewhere).filter((name) => strategy !== "slots" || name !== edgeName);
  return (await slotsOf(parseModelYaml(compose) as Resources, { elsewhere: services, named, config })).files;
}

/** What travels in the bundle of a release that names no keys itself, as an older threads has published it. */
export function olderFiles({ files, raw }: Pick<ReleaseFiles, "files" | "raw">): BundleFiles {
  return { ...files, [requiredFile]: lines(listedAlone(raw)) };
}

/** `compose.yml` as ever; the rest below one folder, which a host takes as a whole. */
function modelFiles({ compose, services, requiredKeys }: RuntimeModel): BundleFiles {
  const expected = services.map(({ name, replicas, ending }) => `${name} ${replicas ?? "any"} ${ending}\n`);
  return {
    "compose.yml": compose,
    "model/expected": expected.join(""),
    [requiredFile]: lines(requiredKeys),
  };
}

const requiredFile = "model/required";

function lines(keys: readonly string[]): string {
  return keys.map((key) => `${key}\n`).join("");
}

async function contentsOf(
  files: readonly CommittedFile[],
  at: string,
  source: Pick<Source, "filesAt">,
): Promise<BundleFiles> {
  const contents = await source.filesAt(
    at,
    files.map(({ path }) => path),
  );
  const named = files.map(({ path, kind }, index) => {
    const file = { contents: contents[index] ?? "", executable: kind === "executable" };
    return [`model/${carriedFolder}/${path}`, file] as const;
  });
  return Object.fromEntries(named);
}
