/** Bytes of memory that this machine, or what this process may have of it, has left. */
export function availableMemory(): number {
  return process.availableMemory();
}
