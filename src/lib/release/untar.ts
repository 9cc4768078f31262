import { tarball, type TarEntry } from "./tar.ts";

const block = 512;

/**
 * The files of an archive as `tarball` writes it: of any other, docker might read something else than we do.
 * @returns by name, in order; undefined for every archive that `tarball` would not have written of these files
 */
export function untar(bytes: Uint8Array): ReadonlyMap<string, Omit<TarEntry, "name">> | undefined {
  const tar = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = entriesIn(tar);
  if (new Set(entries.map(({ name }) => name)).size < entries.length) return undefined;
  if (entries.some(({ name }) => name === "" || name.startsWith("/"))) return undefined;
  if (!tar.equals(tarball(entries))) return undefined;
  return new Map(entries.map(({ name, ...file }) => [name, file]));
}

/** Whatever is odd about an entry shows when it is packed again. */
function entriesIn(tar: Buffer): TarEntry[] {
  const entries: TarEntry[] = [];
  let long: string | undefined;
  for (let at = 0; at + block <= tar.length && tar[at] !== 0;) {
    const text = (from: number, to: number): string => tar.toString("utf8", at + from, at + to).replace(/\0.*$/s, "");
    const size = Number.parseInt(text(124, 136), 8) || 0;
    const contents = tar.subarray(at + block, at + block + size);
    if (text(156, 157) === "x") long = /^\d+ path=(.*)\n$/s.exec(contents.toString("utf8"))?.[1];
    else {
      entries.push({ name: long ?? text(0, 100), contents, executable: text(100, 108) === "0000755" });
      long = undefined;
    }
    at += block + Math.ceil(size / block) * block;
  }
  return entries;
}
