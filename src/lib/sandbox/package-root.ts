import { existsSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the sandbox's own files are, whether the CLI runs from its sources, from dist or from a bundle in dist. */
export interface PackageFiles {
  readonly root: string;
  /** `dist/lib`: build context of the services image, whose server is always the compiled one. */
  readonly compiled: string;
  /** Folder of the images' Dockerfiles. */
  readonly images: string;
  readonly fromSource: boolean;
}

/** @param url of the module that asks; the package is the nearest folder above it with a package.json */
export function packageFiles(url: string): PackageFiles {
  const start = fileURLToPath(url);
  let root = dirname(start);
  while (!existsSync(join(root, "package.json"))) {
    if (dirname(root) === root) throw new Error(`no package.json above ${start}`);
    root = dirname(root);
  }
  const fromSource = start.startsWith(join(root, "src") + sep);
  return {
    root,
    compiled: join(root, "dist", "lib"),
    images: join(root, fromSource ? "src" : "dist", "lib", "sandbox", "images"),
    fromSource,
  };
}
