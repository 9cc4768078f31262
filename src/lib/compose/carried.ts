import { posix } from "node:path";
import type { Kind, RawEnvFile, RawMount, RawResource } from "./raw-model.ts";

/** Where the files of a release lie beside its compose file. */
export const carriedFolder = "files";

/** Takes down which files of the repository a model needs beside it, and tells where they will lie. */
export function carrier(
  facts: { readonly folder: string; readonly isTracked: (path: string) => boolean },
  problems: string[],
) {
  const found = new Set<string>();
  const below = (path: string): string => posix.normalize(posix.join(facts.folder, path));
  /** Undefined for what is the host's own affair: an absolute path, or one that a variable decides. */
  const travelling = (path: string): string | undefined => (/^[/~$]/.test(path) ? undefined : below(path));
  const take = (path: string): string => {
    found.add(path);
    return `./${carriedFolder}/${path}`;
  };
  const fits = (path: string): boolean => path !== ".." && !path.startsWith("../") && facts.isTracked(path);
  return {
    paths: (): string[] => [...found].toSorted(),
    /** One that git does not have holds secrets: on a host the application's own environment file stands in for it. */
    envFile: (entry: RawEnvFile): RawEnvFile => {
      const path = travelling(entry.path);
      if (path === undefined) return entry;
      return { ...entry, path: fits(path) ? take(path) : "${ENV_FILE}" };
    },
    mount: (service: string, mount: RawMount): RawMount => {
      if (mount.type !== "bind" || mount.source === undefined) return mount;
      const path = travelling(mount.source);
      if (path === undefined) return mount;
      if (fits(path)) return { ...mount, source: take(path) };
      problems.push(
        `${service} mounts ${mount.source}, which is not committed: commit it, or use a named volume or an absolute path of the host`,
      );
      return mount;
    },
    resource: (kind: Kind, key: string, resource: RawResource): RawResource => {
      const path = resource.file === undefined ? undefined : travelling(resource.file);
      if (path === undefined) return resource;
      const name = `${kind.slice(0, -1)} ${key} comes from ${resource.file ?? ""}`;
      if (kind === "secrets")
        problems.push(`${name}: secrets do not travel, give an absolute path of the host or \`environment:\``);
      else if (fits(path)) return { ...resource, file: take(path) };
      else problems.push(`${name}, which is not committed`);
      return resource;
    },
  };
}
