import { hostname } from "node:os";

/** Who a thing left on this machine belongs to: `<host>:<pid>`, written into labels. */
export function thisOwner(): string {
  return `${hostname()}:${process.pid}`;
}

/**
 * Whether the process that an owner label names still runs. Only this machine's processes can be asked;
 * another machine's owner (a shared engine) is taken for alive, so nobody's running stack is removed.
 */
export function ownerIsAlive(owner: string): boolean {
  const [host, pid] = [owner.slice(0, owner.lastIndexOf(":")), Number(owner.slice(owner.lastIndexOf(":") + 1))];
  if (host !== hostname()) return true;
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
