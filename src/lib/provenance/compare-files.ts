import type { Compose } from "../compose/docker-compose.ts";
import type { Registry } from "../registry/registry.ts";
import { type BundleFiles, releaseJson } from "../release/bundle.ts";
import type { PublishedRelease, Release } from "../release/release.ts";
import type { TarEntry } from "../release/tar.ts";
import { bundleFiles, type Files } from "./bundle-files.ts";
import { modelDifferences } from "./compare-models.ts";
import { differencesOf } from "./differences.ts";
import { type ReleaseFiles, slotFilesOf } from "./release-files.ts";

export interface ComparePorts {
  readonly registry: Pick<Registry, "read" | "download">;
  readonly compose: Pick<Compose, "openModel">;
  readonly signal: AbortSignal;
}

interface Expected {
  readonly release: Release;
  /** Everything beside release.json. */
  readonly whole: BundleFiles;
  readonly files: ReleaseFiles;
}

/** Opens the bundle and compares it with what git gives, a sentence a difference. @throws ThreadsError what downloading throws */
export async function compareFiles(
  published: PublishedRelease,
  expected: Expected,
  ports: ComparePorts,
): Promise<readonly string[]> {
  const there = await bundleFiles(published, ports.registry);
  return typeof there === "string" ? [there] : fileDifferences(there, expected, ports);
}

async function fileDifferences(
  there: Files,
  { release, whole, files }: Expected,
  ports: ComparePorts,
): Promise<readonly string[]> {
  const wanted = new Map(Object.entries({ ...whole, "release.json": releaseJson(release) }));
  const text = (name: string): string => Buffer.from(there.get(name)?.contents ?? "").toString("utf8");
  const known = new Set(wanted.keys());
  const surplus = [...there.keys()].filter((name) => !known.has(name));
  const odd = [...wanted].filter(([name, file]) => !isSame(there.get(name), file)).map(([name]) => name);
  const models = odd.includes("compose.yml")
    ? await modelDifferences({ bundle: text("compose.yml"), git: String(wanted.get("compose.yml")) }, ports)
    : [];
  // What is made of the model follows from the bundle's own, where that means the same.
  const made = models.length === 0 ? await slotFilesOf(text("compose.yml"), files) : {};
  return [
    ...surplus.map((name) => `${name} is in it, and git's files do not ask for it`),
    ...models.map((line) => `compose.yml: ${line}`),
    ...odd.flatMap((name) => {
      if (name === "compose.yml" || isSame(there.get(name), made[name])) return [];
      if (!there.has(name)) return [`${name} is not in it, and git's files ask for it`];
      if (name === "release.json") return differencesOf(parsed(text(name)), JSON.parse(releaseJson(release)));
      return [`${name} is not what git's files give`];
    }),
  ];
}

/** Byte for byte, and whether it runs. */
function isSame(there: Omit<TarEntry, "name"> | undefined, file: BundleFiles[string] | undefined): boolean {
  if (there === undefined || file === undefined) return false;
  const { contents, executable = false } = typeof file === "string" ? { contents: file } : file;
  return Buffer.from(there.contents).equals(Buffer.from(contents)) && (there.executable ?? false) === executable;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
