import type { Config } from "../../config/config.ts";
import { type LocalImage, mayBeIndex } from "../../docker/image.ts";
import type { DockerImages } from "../../docker/images.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Digest } from "../../image/digest.ts";
import type { Registry, StoredManifest } from "../../registry/registry.ts";
import { type PublishedRelease, pulledImages } from "../../release/release.ts";
import { list } from "../../text/words.ts";
import { isSame, localName } from "./plan.ts";

export interface Different {
  readonly service: string;
  readonly here: string;
  readonly there: Digest;
  /** What compose files call it, where it is not built here. */
  readonly reference?: string;
}

/** The images of a release in the registry, beside those of this machine. */
export interface Compared {
  readonly different: readonly Different[];
  /** What cannot be compared: docker has no such image, or the release no pin. */
  readonly missing: readonly string[];
}

interface ComparePorts {
  readonly config: Pick<Config, "app" | "services">;
  readonly registry: Pick<Registry, "host" | "read">;
  readonly docker: Pick<DockerImages, "inspect">;
}

export const nothingCompared: Compared = { different: [], missing: [] };

/** What smoke has tagged here. What is not built here has no build to compare, see compareElsewhere. */
export async function compareImages(
  { release }: Pick<PublishedRelease, "release">,
  { config, registry, docker }: ComparePorts,
): Promise<Compared> {
  const { app, services } = config;
  const names = services.map((service) => localName(app, service, release.revision));
  const local = await docker.inspect(names).catch((error: unknown) => {
    // To publish what is published takes no docker.
    if (error instanceof ThreadsError && error.outcome !== "interrupted") return new Map<string, never>();
    throw error;
  });
  const asked = services.map((service, index) => ({ service, image: local.get(names[index] ?? "") }));
  return compareAll(asked, release, {
    registry,
    judge: ({ image, manifest, place }) => isSame(image, manifest, place),
  });
}

/**
 * What a release pins of others, and the proxy, beside what this machine has by the references of the compose files: it would pin
 * that. @param here.local by reference
 */
export async function compareElsewhere(
  { release }: Pick<PublishedRelease, "release">,
  here: {
    readonly elsewhere: Readonly<Record<string, string>>;
    readonly local: ReadonlyMap<string, LocalImage>;
  },
  { registry }: Pick<ComparePorts, "registry">,
): Promise<Compared> {
  const asked = Object.entries(here.elsewhere).map(([service, reference]) => ({
    service,
    reference,
    image: here.local.get(reference),
  }));
  return compareAll(asked, release, { registry, judge: isSameAnywhere });
}

/** Of both, one after the other. */
export function together(one: Compared, other: Compared): Compared {
  return { different: [...one.different, ...other.different], missing: [...one.missing, ...other.missing] };
}

/** How two builds differ, a line a service. */
export function differences(different: readonly Different[]): string[] {
  return different.map(({ service, here, there }) => `${service}: ${there} there, and here an image of id ${here}`);
}

/** Advice where nothing that is built differs: a tag of others names another image from time to time. */
export function mayHaveMoved(different: readonly Different[]): readonly string[] {
  const references = different.flatMap(({ reference }) => reference ?? []);
  if (references.length === 0 || references.length < different.length) return [];
  const names = list([...new Set(references)]);
  return [
    `${names} may only have moved, and no build differs: if it was you who published it, --adopt keeps the images that it has`,
  ];
}

interface Pair {
  readonly image: LocalImage;
  readonly manifest: StoredManifest;
  readonly place: { readonly host: string; readonly repository: string };
}

/** @returns undefined where nobody can tell */
type Judge = (pair: Pair) => boolean | undefined;

/** By any registry's digest of it; docker has what another machine's classic store has pushed as one image inside of an index, and does not show it. */
function isSameAnywhere({ image, manifest, place }: Pair): boolean | undefined {
  if (isSame(image, manifest, place) || image.repoDigests.some((one) => one.endsWith(`@${manifest.digest}`)))
    return true;
  const { config } = JSON.parse(manifest.body) as { readonly config?: unknown };
  return config !== undefined && mayBeIndex(image) ? undefined : false;
}

async function compareAll(
  asked: readonly (Pick<Different, "service" | "reference"> & { readonly image: LocalImage | undefined })[],
  release: PublishedRelease["release"],
  { registry, judge }: { readonly registry: ComparePorts["registry"]; readonly judge: Judge },
): Promise<Compared> {
  const pins = pulledImages(release);
  const compared = asked.map(async ({ image, ...named }): Promise<Compared> => {
    const { service } = named;
    const pin = pins[service];
    if (pin === undefined || image === undefined) return { different: [], missing: [service] };
    const { repository, digest } = pin;
    const manifest = await registry.read(repository, digest);
    // That one is gone is for others to say.
    if (manifest === undefined) return nothingCompared;
    const same = judge({ image, manifest, place: { host: registry.host, repository } });
    if (same === undefined) return { different: [], missing: [service] };
    return { different: same ? [] : [{ ...named, here: image.id, there: digest }], missing: [] };
  });
  return (await Promise.all(compared)).reduce(together, nothingCompared);
}
