import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Images } from "./container-spec.ts";
import type { PackageFiles } from "./package-root.ts";

/** An image of ours, named by the hash of everything that goes into it: where the name exists, nothing has to be built. */
export interface Recipe {
  readonly title: string;
  readonly tag: string;
  readonly dockerfile: string;
  readonly context: string;
}

export interface Recipes {
  readonly services: Recipe;
  readonly host: Recipe;
}

/** What every image here is made from, or is: official where Docker Hub is reachable, made by bin/setup elsewhere. */
export const foreignImages = { base: "debian:trixie-slim", postgres: "postgres:17", redis: "redis:7" };

/**
 * Both recipes, read and hashed (a few milliseconds).
 * @throws ThreadsError refused, where the server has not been compiled
 */
export function readRecipes(files: PackageFiles): Recipes {
  const { compiled, images } = files;
  const server = join(compiled, "sandbox", "server");
  const services = join(compiled, "sandbox", "images", "services");
  if (!existsSync(join(server, "main.js")) || !existsSync(services)) throw notBuilt(server);
  return {
    services: {
      title: "Distribution and the AWS server",
      tag: `threads-sandbox-services:${hashFiles(compiled, [services, server, join(compiled, "image"), join(compiled, "iam")])}`,
      dockerfile: join(services, "Dockerfile"),
      context: compiled,
    },
    host: {
      title: "the hosts",
      tag: `threads-sandbox-host:${hashFiles(images, [join(images, "host")])}`,
      dockerfile: join(images, "host", "Dockerfile"),
      context: join(images, "host"),
    },
  };
}

function notBuilt(server: string): ThreadsError {
  return new ThreadsError("SANDBOX_NOT_BUILT", {
    message: `the sandbox's server is not compiled: ${server} is missing or incomplete`,
    next: ["npm run build"],
  });
}

/** The names under which containers are started. */
export function imageNames(recipes: Recipes): Images {
  return {
    services: recipes.services.tag,
    host: recipes.host.tag,
    postgres: foreignImages.postgres,
    redis: foreignImages.redis,
  };
}

/** Twelve hex digits over the paths and bytes of all files under `folders`. */
function hashFiles(root: string, folders: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of folders.flatMap(filesUnder).sort()) {
    const bytes = readFileSync(file);
    hash.update(`${relative(root, file)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex").slice(0, 12);
}

/** Run from its sources, the CLI still bakes the compiled server: true where that is older than its source. */
export function isStale(files: PackageFiles): boolean {
  if (!files.fromSource) return false;
  const newest = (folder: string): number => Math.max(0, ...filesUnder(folder).map((file) => statSync(file).mtimeMs));
  const source = join(files.root, "src", "lib", "sandbox");
  return newest(join(source, "server")) > newest(join(files.compiled, "sandbox", "server"));
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
