import { imageVariable } from "../release/release.ts";
import type { Problem } from "./problem.ts";
import type { RawModel, Resources } from "./raw-model.ts";

/** What threads itself puts beside the environment file of a host. */
const own = new Set(["ENV_FILE", "HTTP_PORT", "REVISION", "TREE"]);

/**
 * Names that a host's environment file must have, each with a value: those of `x-required-env`, in their order, and those without
 * which compose reads nothing (`${NAME:?…}`), wherever they stand in what hosts run.
 */
export function requiredKeys(raw: RawModel, model: Resources, problems: Problem[]): string[] {
  const listed = listedKeys(raw["x-required-env"], problems);
  const ours = new Set([...own, ...Object.keys(raw.services).map(imageVariable)]);
  const wanted = wantedKeys(model).filter((name) => !ours.has(name) && !name.startsWith("THREADS_"));
  return [...new Set([...listed, ...wanted.toSorted()])];
}

/** Names without which compose reads nothing of what hosts run. */
export function wantedKeys(model: Resources): string[] {
  return textsIn(model).flatMap(wantedIn);
}

/** What a threads that did not read `${NAME:?…}` has published: those of `x-required-env` alone, as they stand there. */
export function listedAlone(raw: Pick<RawModel, "x-required-env">): string[] {
  const listed = raw["x-required-env"];
  return Array.isArray(listed) ? listed.map(String) : [];
}

/** It is an extension, so that compose lets anything stand there. */
function listedKeys(value: unknown, problems: Problem[]): readonly string[] {
  if (value === undefined || value === null) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const wrong = list.find((one) => typeof one !== "string" || !/^[A-Za-z_][\w.-]*$/.test(one));
  if (Array.isArray(value) && wrong === undefined) return list as readonly string[];
  problems.push({
    says: `has an x-required-env that is no list of names (${JSON.stringify(wrong ?? value)}): write it as [NAME, OTHER_NAME]`,
  });
  return [];
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** `${NAME:?why}` outside of another variable's default, which only stands where that one is not set. */
function wantedIn(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  for (const { 0: part, 1: name } of text.replaceAll("$$", "").matchAll(/\$\{(\w+:\?)?|\}/g)) {
    if (part === "}") depth = Math.max(0, depth - 1);
    else if (depth++ === 0 && name !== undefined) found.push(name.slice(0, -":?".length));
  }
  return found;
}
