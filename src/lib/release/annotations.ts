import { ThreadsError } from "../errors/threads-error.ts";
import { type Digest, isDigest } from "../image/digest.ts";
import { isRepository } from "../image/repository.ts";
import { type Migration, orderedMigrations, readMigrations } from "./migrations.ts";
import type { ImagePin, Release } from "./release.ts";

const newest = 2;
const key = {
  schema: "org.threads.bundle",
  app: "org.threads.app",
  revision: "org.opencontainers.image.revision",
  tree: "org.threads.tree",
  committedAt: "org.opencontainers.image.created",
  services: "org.threads.services",
  image: (service: string) => `org.threads.image.${service}`,
  edge: "org.threads.edge",
  requiredKeys: "org.threads.required-keys",
  migrations: "org.threads.migrations",
} as const;

/** A release as annotations of the bundle's manifest, so that one BatchGetImage reads it. */
export function releaseAnnotations(release: Release): Record<string, string> {
  const pins = Object.entries(release.images);
  const text = ({ repository, digest }: ImagePin): string => `${repository}@${digest}`;
  return {
    [key.schema]: String(release.schema),
    [key.app]: release.app,
    [key.revision]: release.revision,
    [key.tree]: release.tree,
    [key.committedAt]: release.committedAt,
    [key.services]: pins.map(([service]) => service).join(" "),
    ...Object.fromEntries(pins.map(([service, image]) => [key.image(service), text(image)])),
    ...(release.edge && { [key.edge]: text(release.edge) }),
    ...(release.requiredKeys && { [key.requiredKeys]: release.requiredKeys.join(" ") }),
    ...(release.migrations && { [key.migrations]: JSON.stringify(orderedMigrations(release.migrations)) }),
  };
}

/**
 * Reads a release from the bundle's manifest.
 * @throws ThreadsError BUNDLE_TOO_NEW for a schema that only a newer threads knows, NOT_A_BUNDLE for anything that is none.
 */
export function parseRelease(bundle: { readonly body: string; readonly digest: Digest }): Release {
  const annotations = annotationsOf(bundle.body);
  const version = annotations?.[key.schema];
  if (annotations === undefined || version === undefined) throw notABundle(bundle.digest, "it has no release in it");
  const schema = version === "1" ? 1 : version === "2" ? 2 : undefined;
  if (schema === undefined) throw tooNew(bundle.digest, version);
  const text = (name: string, grammar: RegExp): string => {
    const value = annotations[name] ?? "";
    if (grammar.test(value)) return value;
    throw notABundle(bundle.digest, `${name} is ${JSON.stringify(annotations[name] ?? null)}`);
  };
  const pinned = (name: string): ImagePin => pin(text(name, /@/), bundle.digest);
  const services = text(key.services, /^[a-z0-9-]+( [a-z0-9-]+)*$/).split(" ");
  return {
    schema,
    app: text(key.app, /^.+$/),
    revision: text(key.revision, /^[0-9a-f]{40,64}$/),
    tree: text(key.tree, /^[0-9a-f]{40,64}$/),
    committedAt: text(key.committedAt, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    images: Object.fromEntries(services.map((service) => [service, pinned(key.image(service))])),
    ...(annotations[key.edge] !== undefined && { edge: pinned(key.edge) }),
    ...(annotations[key.requiredKeys] !== undefined && {
      requiredKeys: text(key.requiredKeys, /^([A-Za-z_][\w.-]*( [A-Za-z_][\w.-]*)*)?$/)
        .split(" ")
        .filter((name) => name !== ""),
    }),
    ...(annotations[key.migrations] !== undefined && {
      migrations: migrationsIn(annotations[key.migrations] ?? "", bundle.digest),
    }),
  };
}

function annotationsOf(body: string): Record<string, string> | undefined {
  try {
    return (JSON.parse(body) as { annotations?: Record<string, string> }).annotations;
  } catch {
    return undefined;
  }
}

function pin(text: string, bundle: Digest): ImagePin {
  const at = text.indexOf("@");
  const repository = text.slice(0, at);
  const digest = text.slice(at + 1);
  if (isRepository(repository) && isDigest(digest)) return { repository, digest };
  throw notABundle(bundle, `${JSON.stringify(text)} pins no image`);
}

function migrationsIn(text: string, bundle: Digest): readonly Migration[] {
  const read = readMigrations(text);
  if ("why" in read) throw notABundle(bundle, `${key.migrations}: ${read.why}`);
  return read;
}

function notABundle(digest: Digest, why: string): ThreadsError {
  return new ThreadsError("NOT_A_BUNDLE", {
    message: `${digest} is not a release bundle: ${why}`,
    next: ["threads publish"],
    advice: ["check registry.bundle in threads.yml"],
  });
}

function tooNew(digest: Digest, version: string): ThreadsError {
  return new ThreadsError("BUNDLE_TOO_NEW", {
    message: `${digest} was published by a newer threads (bundle schema ${version}; this one reads up to ${String(newest)})`,
    next: ["npm install threads@latest"],
  });
}
