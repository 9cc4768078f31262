import { readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** The one of the machine itself (Linux, PROC_PID_INIT_INO). */
const ofTheMachine = "pid:[4026531836]";

/** Where this process' number means something: the machine, or a container on it, which may bear the machine's name. */
function place(): string {
  try {
    const namespace = readlinkSync("/proc/self/ns/pid");
    return namespace === ofTheMachine ? hostname() : `${hostname()}~${namespace.replaceAll(/\D/g, "")}`;
  } catch {
    // Not Linux.
    return hostname();
  }
}

/** Who a thing left on this machine belongs to: `<place>:<pid>`, written into labels. */
export function thisOwner(): string {
  return `${place()}:${process.pid}`;
}

/**
 * Whether the process that an owner label names still runs. Only processes of this place can be asked; another one's owner
 * (a shared engine, another container) is taken for alive, so nobody's running stack is removed.
 */
export function ownerIsAlive(owner: string): boolean {
  const [where, pid] = [owner.slice(0, owner.lastIndexOf(":")), Number(owner.slice(owner.lastIndexOf(":") + 1))];
  if (where !== place()) return true;
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
