/** One file of an archive. */
export interface TarEntry {
  /** Relative path, at most 100 bytes (the ustar name field). */
  readonly name: string;
  readonly contents: Uint8Array | string;
}

const block = 512;
const nameLength = 100;

/**
 * A POSIX ustar archive whose bytes depend on names and contents alone: files in the order of their names,
 * owner 0:0, mode 0644, time 0. (pubs.opengroup.org, pax "ustar Interchange Format".)
 * @throws RangeError for a name that does not fit or comes twice.
 */
export function tarball(entries: readonly TarEntry[]): Uint8Array {
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  const twice = sorted.find((entry, index) => sorted[index - 1]?.name === entry.name);
  if (twice !== undefined) throw new RangeError(`${twice.name} is in the archive twice`);
  const parts = sorted.flatMap((entry) => {
    const contents = Buffer.from(entry.contents);
    return [header(entry.name, contents.length), contents, Buffer.alloc(padding(contents.length))];
  });
  // Two empty blocks end an archive.
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function padding(size: number): number {
  return (block - (size % block)) % block;
}

function header(name: string, size: number): Buffer {
  if (name === "" || name.startsWith("/") || Buffer.byteLength(name) > nameLength)
    throw new RangeError(`${JSON.stringify(name)} cannot be a name in a bundle`);
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0);
  bytes.write("0000644\0", 100);
  bytes.write("0000000\0", 108);
  bytes.write("0000000\0", 116);
  bytes.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  bytes.write("00000000000\0", 136);
  // The checksum is taken with its own field as blanks.
  bytes.write("        ", 148);
  bytes.write("0", 156);
  bytes.write("ustar\u000000", 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}
