import type { ThreadsError } from "../errors/threads-error.ts";
import type { CommandFailed } from "../process/processes.ts";
import { loadImages, saveImages } from "./commands.ts";
import { dockerError, machineFault } from "./failure.ts";
import { dockerRun, type RunPorts } from "./run.ts";

/** Images in one file, on their way from one daemon to another: their names and all that they share, once. */
export interface ImageArchive {
  /** @throws ThreadsError EXPORT_FAILED, DISK_FULL */
  save(names: readonly string[], file: string): Promise<void>;
  /** @throws ThreadsError IMPORT_FAILED, DISK_FULL */
  load(file: string): Promise<void>;
}

/** The archives of the real docker. */
export function dockerArchive(ports: RunPorts): ImageArchive {
  return {
    save: async (names, file) => void (await dockerRun(ports, saveFailure)(saveImages(names, file))),
    load: async (file) => void (await dockerRun(ports, loadFailure)(loadImages(file))),
  };
}

function saveFailure(failure: CommandFailed): ThreadsError {
  const message = `docker did not save the images: ${failure.message}`;
  const next = ["df -h", "threads smoke"];
  return (
    machineFault(failure.tail.join("\n"), failure, next) ??
    dockerError(failure, { code: "EXPORT_FAILED", message, next })
  );
}

function loadFailure(failure: CommandFailed): ThreadsError {
  const message = `docker did not take the images: ${failure.message}`;
  const next = ["docker system df"];
  return (
    machineFault(failure.tail.join("\n"), failure, next) ??
    dockerError(failure, { code: "IMPORT_FAILED", message, next })
  );
}
