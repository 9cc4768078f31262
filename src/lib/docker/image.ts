/** An image as docker has it on this machine. */
export interface LocalImage {
  /** Digest of the config (classic store) or of the manifest (containerd store). */
  readonly id: string;
  readonly architecture: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly repoTags: readonly string[];
  /** `host/repository@sha256:…` of every registry that docker knows to have it. */
  readonly repoDigests: readonly string[];
  /** Of what the name stands for, where docker tells (28 and later). */
  readonly mediaType?: string | undefined;
  /** Its own health check gives a container time to start. */
  readonly hasStartPeriod?: boolean;
  /** What it runs where nobody says otherwise. */
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
}

interface Inspected {
  readonly Id: string;
  readonly Architecture: string;
  readonly RepoTags?: readonly string[] | null;
  readonly RepoDigests?: readonly string[] | null;
  readonly Descriptor?: { readonly mediaType?: string };
  readonly Config?: {
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Healthcheck?: { readonly StartPeriod?: number } | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
  } | null;
}

/** @param text what `docker image inspect` prints: a JSON array, or nothing */
export function parseImages(text: string): LocalImage[] {
  const inspected = JSON.parse(text === "" ? "[]" : text) as readonly Inspected[];
  return inspected.map(({ Id, Architecture, RepoTags, RepoDigests, Descriptor, Config }) => ({
    id: Id,
    architecture: Architecture,
    labels: Config?.Labels ?? {},
    repoTags: RepoTags ?? [],
    repoDigests: RepoDigests ?? [],
    mediaType: Descriptor?.mediaType,
    hasStartPeriod: (Config?.Healthcheck?.StartPeriod ?? 0) > 0,
    entrypoint: Config?.Entrypoint ?? [],
    command: Config?.Cmd ?? [],
  }));
}

/**
 * The digest under which docker knows an image to be in a repository, if it knows one.
 * @param repository with its host: `127.0.0.1:5000/threads/web`
 */
export function digestIn(image: LocalImage | undefined, repository: string): string | undefined {
  const prefix = `${repository}@`;
  return image?.repoDigests.find((one) => one.startsWith(prefix))?.slice(prefix.length);
}

const indexes = /image\.index|manifest\.list/;

/**
 * Whether docker may hold an index (platforms, attestations) under the name, which its push would take apart. Only its
 * containerd store can; docker 26 and 27 do not tell what it is, and to look would be to export it.
 */
export function mayBeIndex({ id, repoDigests, mediaType }: LocalImage): boolean {
  // Only that store names an image by its manifest, and so knows this digest before any push.
  return repoDigests.some((one) => one.endsWith(`@${id}`)) && (mediaType === undefined || indexes.test(mediaType));
}

/** Architectures of the images that an index lists, in its order; attestations have none. @param index as OCI's image-index.md has it */
export function architecturesOf(index: string): string[] {
  const { manifests = [] } = JSON.parse(index) as {
    readonly manifests?: readonly { readonly platform?: { readonly os?: string; readonly architecture?: string } }[];
  };
  const all = manifests.flatMap(({ platform: { os, architecture } = {} }) =>
    architecture === undefined || os === "unknown" ? [] : [architecture],
  );
  return [...new Set(all)];
}
