import { architectures, type Exported, exporting } from "./export.ts";
import type { LocalImage } from "./image.ts";
import { localImages } from "./inspect.ts";
import { dockerRun, type RunPorts } from "./run.ts";
import { type DockerSession, type RegistryLogin, signedIn } from "./session.ts";

/** The images of the local docker daemon, and the way from there into a registry. */
export interface DockerImages {
  /** Those of the names that exist; a name that does not is simply missing from the map. @throws ThreadsError DOCKER_DOWN … */
  inspect(names: readonly string[]): Promise<ReadonlyMap<string, LocalImage>>;
  /** The architectures of an image; of an index all that it lists, where `inspect` knows this machine's only. */
  architectures(name: string, image: LocalImage): Promise<readonly string[]>;
  /** Files that an image has below some paths, by path; see baked-files.ts. */
  bakedFiles(what: {
    readonly image: string;
    readonly paths: readonly string[];
  }): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Exports images into a private folder, which goes away whatever happens. */
  exporting<T>(use: (exported: Exported) => Promise<T>): Promise<T>;
  /** Signs in under a private, temporary docker configuration, and signs out whatever happens. */
  signedIn<T>(login: RegistryLogin, use: (session: DockerSession) => Promise<T>): Promise<T>;
}

/** The real docker, through its command line. */
export function dockerImages(ports: RunPorts): DockerImages {
  return {
    inspect: async (names) => byName(names, await localImages(names, dockerRun(ports))),
    architectures: (name, image) => architectures({ name, image }, ports),
    bakedFiles: async (what) => (await import("./baked-files.ts")).bakedFiles(what, ports),
    exporting: (use) => exporting(ports, use),
    signedIn: (login, use) => signedIn(login, ports, use),
  };
}

function byName(names: readonly string[], images: readonly LocalImage[]): ReadonlyMap<string, LocalImage> {
  const named = names.flatMap((name): [string, LocalImage][] => {
    const image = images.find(({ repoTags }) => repoTags.includes(name));
    return image === undefined ? [] : [[name, image]];
  });
  return new Map(named);
}
