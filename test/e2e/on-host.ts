import { execFileSync } from "node:child_process";

/** Runs a program on a host of a sandbox. @param id of the host. @returns what it printed, without the last line's end */
export function onHost(id: string, ...command: string[]): string {
  const docker = (...args: string[]): string => execFileSync("docker", args, { encoding: "utf8" }).trim();
  return docker("exec", docker("ps", "-q", "--filter", `label=threads.host=${id}`), ...command);
}
