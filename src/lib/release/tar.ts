/** One file of an archive. */
export interface TarEntry {
  /** Relative path. */
  readonly name: string;
  readonly contents: Uint8Array | string;
  readonly executable?: boolean;
}

const block = 512;
const nameLength = 100;

/**
 * A POSIX archive whose bytes depend on names, contents and modes alone: files in the order of their names, owner 0:0, mode 0644
 * or 0755, time 0; of a name that ustar has no room for, a pax record (pubs.opengroup.org, pax "Interchange Format").
 * @throws RangeError for a name that cannot be, or comes twice.
 */
export function tarball(entries: readonly TarEntry[]): Uint8Array {
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  const twice = sorted.find((entry, index) => sorted[index - 1]?.name === entry.name);
  if (twice !== undefined) throw new RangeError(`${twice.name} is in the archive twice`);
  // Two empty blocks end an archive.
  return Buffer.concat([...sorted.flatMap(file), Buffer.alloc(2 * block)]);
}

function file({ name, contents, executable = false }: TarEntry): Buffer[] {
  if (name === "" || name.startsWith("/")) throw new RangeError(`${JSON.stringify(name)} cannot be a name in a bundle`);
  const long =
    Buffer.byteLength(name) > nameLength ? member({ name: "long-name", type: "x" }, paxRecord("path", name)) : [];
  return [...long, ...member({ name, type: "0", mode: executable ? "0755" : "0644" }, Buffer.from(contents))];
}

interface Header {
  readonly name: string;
  readonly type: "0" | "x";
  readonly mode?: string;
}

function member({ name, type, mode = "0644" }: Header, contents: Buffer): Buffer[] {
  const bytes = Buffer.alloc(block);
  Buffer.from(name).copy(bytes, 0, 0, nameLength);
  bytes.write(`000${mode}\0`, 100);
  bytes.write("0000000\0", 108);
  bytes.write("0000000\0", 116);
  bytes.write(`${contents.length.toString(8).padStart(11, "0")}\0`, 124);
  bytes.write("00000000000\0", 136);
  // The checksum is taken with its own field as blanks.
  bytes.write("        ", 148);
  bytes.write(type, 156);
  bytes.write("ustar\u000000", 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return [bytes, contents, Buffer.alloc(padding(contents.length))];
}

function padding(size: number): number {
  return (block - (size % block)) % block;
}

/** `27 path=…` and a newline, where the number counts the whole record, itself too. */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  const digits = String(bytes + String(bytes).length).length;
  return Buffer.from(`${bytes + digits}${rest}`);
}
