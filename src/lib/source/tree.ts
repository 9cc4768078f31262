import type { TrackedFile } from "./source.ts";

const kinds: Readonly<Record<string, TrackedFile["kind"]>> = {
  "100644": "file",
  "100755": "executable",
  "120000": "link",
  "160000": "module",
};

/** @param output of `git ls-tree -r -z --long`: mode, type, object, size, a tab, path */
export function parseTree(output: string): TrackedFile[] {
  return output.split("\0").flatMap((entry) => {
    const [, mode = "", size = "", path] = /^(\d+) \w+ \w+ +(\d+|-)\t(.+)$/s.exec(entry) ?? [];
    return path === undefined ? [] : [{ path, kind: kinds[mode] ?? "file", bytes: size === "-" ? 0 : Number(size) }];
  });
}
