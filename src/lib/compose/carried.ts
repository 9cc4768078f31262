import { posix } from "node:path";
import type { Problem } from "./problem.ts";
import type { Kind, RawEnvFile, RawMount, RawResource } from "./raw-model.ts";

/** Where the files of a release lie beside its compose file. */
export const carriedFolder = "files";

/** A file that git has. */
export interface CommittedFile {
  /** Below the root. */
  readonly path: string;
  readonly kind: "file" | "executable" | "link" | "module";
  readonly bytes: number;
}

export interface CarrierFacts {
  /** Of the first compose file, relative to the root; "" for the root. */
  readonly folder: string;
  /** All that git has below the root; undefined where it cannot tell, and then nothing is missing. */
  readonly committed: readonly CommittedFile[] | undefined;
}

/** Bytes of all files that travel beside a model: configuration, not data. */
const mostBytes = 1024 * 1024;

/** Takes down which files of the repository a model needs beside it, and tells where they will lie. */
export function carrier({ folder, committed }: CarrierFacts, problems: Problem[]) {
  const found = new Map<string, readonly CommittedFile[]>();
  const below = (path: string): string => posix.join(folder, path).replace(/(?<=.)\/$/, "");
  /** Undefined for what is the host's own affair: an absolute path, or one that a variable decides. */
  const travelling = (path: string): string | undefined => (/^[/~$]/.test(path) ? undefined : below(path));
  const outside = (path: string): boolean => path === ".." || path.startsWith("../");
  const filesOf = (path: string): readonly CommittedFile[] =>
    outside(path) ? [] : (committed ?? []).filter((file) => path === "." || isOrIn(file.path, path));
  const fits = (path: string): boolean => (committed === undefined ? !outside(path) : filesOf(path).length > 0);
  const take = (path: string): string => {
    found.set(path, filesOf(path));
    return `./${carriedFolder}/${path}`;
  };
  const missing = (path: string): string =>
    outside(path) ? "lies outside of the folder of threads.yml" : "is not committed";
  return {
    files: (): CommittedFile[] => {
      const all = new Map([...found.values()].flat().map((file) => [file.path, file]));
      return [...all.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
    },
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
      const says = `mounts ${mount.source}, which ${missing(path)}: ${remedy(path, outside(path))}`;
      problems.push({ service, says });
      return mount;
    },
    resource: (kind: Kind, key: string, resource: RawResource): RawResource => {
      const path = resource.file === undefined ? undefined : travelling(resource.file);
      if (path === undefined) return resource;
      const name = `${kind.slice(0, -1)} ${key} comes from ${resource.file ?? ""}`;
      if (kind === "secrets")
        problems.push({
          says: `${name}: secrets do not travel, give an absolute path of the host or \`environment:\``,
        });
      else if (fits(path)) return { ...resource, file: take(path) };
      else problems.push({ says: `${name}, which ${missing(path)}` });
      return resource;
    },
  };
}

function isOrIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function remedy(path: string, isOutside: boolean): string {
  const others = "use a named volume or an absolute path of the host";
  return isOutside ? `move it into it, or ${others}` : `commit it, or ${others}`;
}

/** What of the files that a model needs cannot travel beside it. */
export function unfit(files: readonly CommittedFile[]): Problem[] {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const [largest] = files.toSorted((a, b) => b.bytes - a.bytes);
  const inside = "copy them into an image in its Dockerfile, or use a named volume";
  return [
    ...files.flatMap(({ path, kind }) =>
      kind === "link" || kind === "module"
        ? [
            {
              says: `${path} is a ${kind === "link" ? "symbolic link" : "submodule"}, which does not travel in a release`,
            },
          ]
        : [],
    ),
    ...(bytes > mostBytes
      ? [
          {
            says: `the files that it mounts have ${kibibytes(bytes)}, ${largest?.path ?? ""} alone ${kibibytes(largest?.bytes ?? 0)}, and ${kibibytes(mostBytes)} may travel in a release: ${inside}`,
          },
        ]
      : []),
  ];
}

function kibibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KiB`;
}
