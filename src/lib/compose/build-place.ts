import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { lineOfStep } from "../docker/dockerfile.ts";
import type { Place } from "../errors/threads-error.ts";
import type { RawService } from "./stack-model.ts";

interface RawBuild {
  readonly context?: string;
  readonly dockerfile?: string;
}

export interface BuildPlace extends Place {
  /** `api/Dockerfile:3`, from the folder of the compose file. */
  readonly shown: string;
}

/**
 * Where a build went wrong.
 * @param step BuildKit's name for what failed, the service first: `[web 2/5] RUN …`; undefined where no step did
 * @param sentence of BuildKit's, which tells the line of what it cannot read
 * @param services that are built, with absolute paths
 * @param folder of the compose file
 */
export function buildPlace(
  { step, sentence }: { readonly step: string | undefined; readonly sentence: string },
  services: Readonly<Record<string, RawService>>,
  folder: string,
): BuildPlace | undefined {
  const [, named = ""] = /^\[(\S+) /.exec(step ?? "") ?? [];
  const build = services[named]?.build ?? (step === undefined ? onlyBuild(services) : undefined);
  const { context, dockerfile = "Dockerfile" } = (build ?? {}) as RawBuild;
  if (context === undefined) return undefined;
  const file = resolve(context, dockerfile);
  const [, unread] = /dockerfile parse error on line (\d+)/.exec(sentence) ?? [];
  const line = unread === undefined ? lineOfStep(textOf(file), step ?? "") : Number(unread);
  return { file, line, shown: `${relative(folder, file)}${line === undefined ? "" : `:${line}`}` };
}

function onlyBuild(services: Readonly<Record<string, RawService>>): unknown {
  const builds = Object.values(services).flatMap(({ build }) => build ?? []);
  return new Set(builds.map((build) => JSON.stringify(build))).size === 1 ? builds[0] : undefined;
}

/** A context may be an address. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
