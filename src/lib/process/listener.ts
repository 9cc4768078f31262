import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

/** A program of this machine that waits for connections on a port. */
export interface Listener {
  readonly pid: number;
  /** Of its program: nginx. */
  readonly name: string;
  /** Of control groups that it is in: ids of containers, as a rule none. */
  readonly containers: readonly string[];
}

/**
 * Who listens on a TCP port here, as far as this user may see that: /proc shows another user's sockets to root alone, and is
 * there on Linux alone. @returns undefined where nobody listens, or where that cannot be told
 */
export function listenerOn(port: number, proc = "/proc"): Listener | undefined {
  const sockets = new Set(
    ["tcp", "tcp6"].flatMap((table) => listening(textOf(`${proc}/net/${table}`), port)).map((id) => `socket:[${id}]`),
  );
  if (sockets.size === 0) return undefined;
  const pid = namesIn(proc)
    .filter((name) => /^\d+$/.test(name))
    .find((name) => namesIn(`${proc}/${name}/fd`).some((fd) => sockets.has(linkOf(`${proc}/${name}/fd/${fd}`))));
  if (pid === undefined) return undefined;
  const containers = textOf(`${proc}/${pid}/cgroup`).match(/[0-9a-f]{64}/g) ?? [];
  return { pid: Number(pid), name: nameOf(`${proc}/${pid}`), containers: [...new Set(containers)] };
}

/** As its file is called; what a process calls itself may be the name of a thread. */
function nameOf(place: string): string {
  const file = basename(linkOf(`${place}/exe`)).replace(/ \(deleted\)$/, "");
  return file === "" ? textOf(`${place}/comm`).trim() : file;
}

/** The kernel's numbers of the sockets that listen there: `sl local_address rem_address st … inode`, state 0A. */
function listening(table: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === "0A" && local.endsWith(suffix) && inode !== undefined ? [inode] : [];
  });
}

/** What ends while it is looked at, or is another user's, says nothing. */
function quietly<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

function namesIn(folder: string): readonly string[] {
  return quietly(() => readdirSync(folder), []);
}

function textOf(file: string): string {
  return quietly(() => readFileSync(file, "utf8"), "");
}

function linkOf(file: string): string {
  return quietly(() => readlinkSync(file), "");
}
