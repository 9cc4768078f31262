import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Compose } from "../compose/docker-compose.ts";
import type { RawModel, Resources } from "../compose/raw-model.ts";
import { modelYaml, parseModelYaml } from "../compose/yaml.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { differencesOf } from "./differences.ts";

/**
 * How two models differ in what they mean: versions of compose write one model differently, so both are read by the compose that
 * is here, and what it makes of them is compared.
 */
export async function modelDifferences(
  texts: { readonly bundle: string; readonly git: string },
  ports: { readonly compose: Pick<Compose, "openModel">; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const odd = oddityOf(texts.bundle);
  if (odd !== undefined) return [odd];
  const folder = await mkdtemp(join(tmpdir(), "threads-models-"));
  try {
    const read = async (name: keyof typeof texts): Promise<RawModel> => {
      const file = join(folder, `${name}.yml`);
      await writeFile(file, texts[name], { mode: 0o600 });
      return ports.compose.openModel([file], ports.signal);
    };
    const git = await read("git");
    const bundle = await read("bundle").catch(unreadable);
    return typeof bundle === "string" ? [bundle] : differencesOf(bundle, git);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const parts = new Set(["services", "networks", "volumes", "configs", "secrets"]);

/**
 * What compose resolves before it shows a model would be resolved here, and on a host again, with other files: a model of ours has
 * nothing of it, and is written as we write it, so that no two readers can take it for different things.
 */
function oddityOf(text: string): string | undefined {
  const model = parsed(text);
  if (model === undefined || modelYaml(model) !== text) return "it is not written as threads writes a model";
  const strange = Object.keys(model).filter((key) => !parts.has(key));
  const extending = Object.entries(model.services ?? {}).filter(([, service]) => "extends" in service);
  const [first] = [...strange, ...extending.map(([name]) => `services.${name}.extends`)];
  return first === undefined ? undefined : `${first} is no part of a model that threads writes`;
}

function parsed(text: string): Partial<Resources> | undefined {
  try {
    const model = parseModelYaml(text);
    return typeof model === "object" && model !== null ? model : undefined;
  } catch {
    return undefined;
  }
}

function unreadable(error: unknown): string {
  if (error instanceof ThreadsError && error.code === "COMPOSE_FILE") return "docker compose cannot read it";
  throw error;
}
