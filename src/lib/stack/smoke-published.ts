import type { DockerImages } from "../docker/images.ts";
import { printReference } from "../image/reference.ts";
import type { Registry } from "../registry/registry.ts";
import type { Release } from "../release/release.ts";
import type { StackReport } from "./result.ts";

/** Runs the stack from these references and checks it. @throws ThreadsError checks where it does not pass */
export type SmokeImages = (what: {
  /** `host/repository@sha256:…` by service: never a tag. */
  readonly images: Readonly<Record<string, string>>;
  readonly revision: string;
  readonly tree: string;
  /** Docker configuration with the registry's login, for the pulls. */
  readonly dockerConfig: string;
  /** The stack stays, for a person to look at. */
  readonly keep?: boolean;
}) => Promise<StackReport>;

export interface SmokePublishedPorts {
  readonly registry: Pick<Registry, "host" | "login">;
  readonly docker: Pick<DockerImages, "signedIn">;
  readonly smoke: SmokeImages;
}

/** Tests what lies in the registry, by digest: what passes is what will run, byte for byte. */
export async function smokePublished(
  { revision, tree, images }: Pick<Release, "revision" | "tree" | "images">,
  { registry, docker, smoke }: SmokePublishedPorts,
): Promise<StackReport> {
  const references = publishedReferences(images, registry.host);
  return docker.signedIn(await registry.login(), ({ folder }) =>
    smoke({ images: references, revision, tree, dockerConfig: folder }),
  );
}

/** By service, what is pulled: never a tag. @param host of the registry */
export function publishedReferences(images: Release["images"], host: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(images).map(([service, pin]) => [service, printReference({ host, ...pin })]),
  );
}
