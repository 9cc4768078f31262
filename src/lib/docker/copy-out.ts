import { copyContents } from "./commands.ts";
import { dockerFailure } from "./failure.ts";
import { isNoSuchPath } from "./no-such-path.ts";
import { dockerRun, type RunPorts } from "./run.ts";

/** A gigabyte takes some seconds. */
const copyMs = 120_000;

/** Copies what lies in a folder of a container into one of this machine. @returns false where it has no such folder */
export async function copyOut(
  { container, from, to }: { readonly container: string; readonly from: string; readonly to: string },
  ports: RunPorts,
): Promise<boolean> {
  let isThere = true;
  const run = dockerRun(ports, (failure) => {
    isThere = !isNoSuchPath(failure.tail.join("\n"));
    return dockerFailure(failure);
  });
  try {
    await run(copyContents(container, from, to), { timeoutMs: copyMs });
  } catch (error) {
    if (isThere) throw error;
  }
  return isThere;
}
