import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ThreadsError } from "../errors/threads-error.ts";
import { makeStateFolder, removeEmptyStateFolder, stateFolder } from "./state.ts";

/**
 * Runs with the checkout's sandbox to itself: two `up` at once would start the same containers twice.
 * @throws ThreadsError conflict, while another process holds it; one that died holds nothing
 */
export async function withLock<T>(root: string, run: () => Promise<T>): Promise<T> {
  const file = join(stateFolder(root), "lock");
  makeStateFolder(root);
  if (!take(file)) {
    const holder = Number(readHolder(file));
    if (isAlive(holder)) throw held(holder, file);
    rmSync(file, { force: true });
    if (!take(file)) throw held(Number(readHolder(file)), file);
  }
  try {
    return await run();
  } finally {
    rmSync(file, { force: true });
    removeEmptyStateFolder(root);
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function held(pid: number, file: string): ThreadsError {
  return new ThreadsError("SANDBOX_BUSY", {
    message: `another threads sandbox command (process ${pid}) is at work in this checkout`,
    next: ["threads sandbox status", `rm ${file}`],
    advice: [`wait for it; remove the file only if process ${pid} is something else`],
  });
}
