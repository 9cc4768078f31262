import type { CommandLine } from "../process/processes.ts";

/** The docker command lines of this room, as words: nothing here runs. No secret is ever among them. */
const docker = (...args: readonly string[]): CommandLine => ({ file: "docker", args });

export function inspectImages(names: readonly string[]): CommandLine {
  return docker("image", "inspect", ...names);
}

/** One file of an image as it is exported, on stdout: a line of JSON, where the image itself may be hundreds of megabytes. */
export function exportedFile(name: string, path: string): CommandLine {
  return { file: "sh", args: ["-c", 'docker image save "$1" | tar -xOf - "$2"', "sh", name, path] };
}

/**
 * Images unpacked into a folder as one OCI layout, in which what they share lies once. The archive itself is never kept.
 * A pipe's exit code is that of its last program, which ends well on what a failing docker leaves of an archive.
 */
export function exportImages(names: readonly string[], folder: string): CommandLine {
  const script = `folder=$1; shift
{ docker image save "$@" || touch "$folder/failed"; } | tar -xf - -C "$folder" && test ! -e "$folder/failed"`;
  return { file: "sh", args: ["-c", script, "sh", folder, ...names] };
}

export function tagImage(from: string, to: string): CommandLine {
  return docker("image", "tag", from, to);
}

export function pushImage(reference: string): CommandLine {
  return docker("image", "push", reference);
}

export function logIn(username: string, host: string): CommandLine {
  return docker("login", "--username", username, "--password-stdin", host);
}

export function currentContext(): CommandLine {
  return docker("context", "show");
}

export function exportContext(name: string, file: string): CommandLine {
  return docker("context", "export", name, file);
}

export function importContext(name: string, file: string): CommandLine {
  return docker("context", "import", name, file);
}

export function useContext(name: string): CommandLine {
  return docker("context", "use", name);
}
