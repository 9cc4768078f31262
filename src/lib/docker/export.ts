import { tmpdir } from "node:os";
import { ThreadsError } from "../errors/threads-error.ts";
import type { CommandFailed } from "../process/processes.ts";
import { exportedFile, exportImages } from "./commands.ts";
import { machineFault, dockerError } from "./failure.ts";
import { architecturesOf, type LocalImage, mayBeIndex } from "./image.ts";
import { inPrivateFolder } from "./private-folder.ts";
import { dockerRun, type RunPorts } from "./run.ts";

/** Images as one OCI layout. @returns the folder. @throws ThreadsError EXPORT_FAILED, DISK_FULL */
export type Exported = (names: readonly string[]) => Promise<string>;

/** The architectures of an image, which of what may be an index only its export tells. */
export async function architectures(
  { name, image }: { readonly name: string; readonly image: LocalImage },
  ports: RunPorts,
): Promise<readonly string[]> {
  if (!mayBeIndex(image)) return [image.architecture];
  const path = `blobs/${image.id.replace(":", "/")}`;
  const { stdout } = await dockerRun(ports, exportFailure)(exportedFile(name, path));
  const listed = architecturesOf(stdout);
  return listed.length === 0 ? [image.architecture] : listed;
}

/** Lends a private folder into which images can be exported. */
export function exporting<T>(ports: RunPorts, use: (exported: Exported) => Promise<T>): Promise<T> {
  return inPrivateFolder((folder) =>
    use(async (names) => {
      await dockerRun(ports, exportFailure)(exportImages(names, folder));
      return folder;
    }),
  );
}

/** The folder for temporary files takes the images whole; docker writes them into one of its own before. */
function exportFailure(failure: CommandFailed): ThreadsError {
  // tar says the same of every file.
  const full = failure.tail.find((line) => /^tar: .*no space left on device/i.test(line));
  if (full !== undefined) {
    const message = `${tmpdir()} has no room for docker's export of the images`;
    const next = ["df -h", "TMPDIR=/var/tmp threads publish"];
    return new ThreadsError("DISK_FULL", { message, next, details: [full], cause: failure });
  }
  const message = `docker did not export the images: ${failure.message}`;
  return (
    machineFault(failure.tail.join("\n"), failure, ["threads publish"]) ??
    dockerError(failure, { code: "EXPORT_FAILED", message, next: ["threads publish"] })
  );
}
