import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { type ComposeFile, readComposeFile } from "./compose-file.ts";

/** What a folder shows of the application in it; everything is read, nothing is run. */
export interface Project {
  /** Name of the folder. */
  readonly folder: string;
  /** Its compose files, those near the top first. */
  readonly compose: readonly ComposeFile[];
  /** Files with every key of an environment, those of the usual names first: `.env.example`, `.env.prod-sample`. */
  readonly environments: readonly TextFile[];
  /** Files that may say where the application tells its health. */
  readonly sources: readonly TextFile[];
}

export interface TextFile {
  /** Relative to the folder. */
  readonly path: string;
  readonly text: string;
}

const composeName = /^(?:docker-)?compose(?:[._-][\w.-]+)?\.ya?ml$|^[\w-]+[._-](?:docker-)?compose\.ya?ml$/;
/** What a file of any other name has that is one all the same. */
const composeText = /^services:\s*(?:#.*)?$[^]*(?:^\s+|[{,]\s*)(?:image|build):/m;
/** All that lies in a folder of that name. */
const composeFolder = /(?:^|\/)(?:docker-)?compose\/[\w.-]+\.ya?ml$/;
const environmentName = /^(?:\.?env)[._-](?:example|sample|dist|template)$|^(?:example|sample)\.env$/;
/** That of one environment of several, or of one service. */
const ownEnvironmentName = /^\.?env[._-][\w.-]+[._-](?:example|sample|dist|template)$/;
const sourceName =
  /\.(?:py|rb|js|mjs|cjs|ts|tsx|go|java|kt|php|rs|ex|cs|properties|conf)$|^(?:Gemfile|pom\.xml|build\.gradle(?:\.kts)?)$/;
const elsewhere =
  /^(?:\.git|\.github|\.devcontainer|\.vscode|node_modules|vendor|dist|build|target|\.venv|venv|__pycache__|\.threads|tests?|spec|docs?)$/;

const deepest = 5;
const mostFiles = 3_000;
const largest = 256 * 1024;

/** Reads a folder: no further than five levels and three thousand files, so that it takes a moment in any repository. */
export function lookAtProject(root: string): Project {
  const files = filesBelow(root);
  const named = (pattern: RegExp): string[] => files.filter((file) => pattern.test(basename(file)));
  const read = (path: string): TextFile => ({ path, text: readFileSync(join(root, path), "utf8") });
  const environments = [...named(environmentName), ...named(ownEnvironmentName)];
  return {
    folder: basename(root),
    compose: composeAmong(files, read).map(({ path, text }) => readComposeFile(path, text)),
    environments: environments.map(read),
    sources: named(sourceName).map(read),
  };
}

/** By their usual names; only where none has one, by what stands in them. */
function composeAmong(files: readonly string[], read: (path: string) => TextFile): readonly TextFile[] {
  const named = files.filter((file) => composeName.test(basename(file)) || composeFolder.test(file)).map(read);
  if (named.length > 0) return named;
  const yaml = files.filter((file) => /\.ya?ml$/.test(file)).map(read);
  return yaml.filter(({ text }) => composeText.test(text));
}

/** Level by level, so that what lies near the top comes first; within one, by alphabet. */
function filesBelow(root: string): string[] {
  const found: string[] = [];
  let level = [""];
  for (let depth = 0; depth < deepest && found.length < mostFiles; depth += 1) {
    const entries = level.flatMap((folder) =>
      readdirSync(join(root, folder), { withFileTypes: true })
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((entry) => ({ entry, path: join(folder, entry.name) })),
    );
    const files = entries.filter(({ entry, path }) => entry.isFile() && isSmall(join(root, path)));
    found.push(...files.map(({ path }) => path));
    level = entries.filter(({ entry }) => entry.isDirectory() && !elsewhere.test(entry.name)).map(({ path }) => path);
  }
  return found.slice(0, mostFiles);
}

function isSmall(path: string): boolean {
  return existsSync(path) && statSync(path).size <= largest;
}
