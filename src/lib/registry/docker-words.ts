import type { CommandLine } from "../process/processes.ts";

/** The docker command lines of this room, as words: nothing here runs. No secret is ever among them. */
const docker = (...args: readonly string[]): CommandLine => ({ file: "docker", args });

export function inspectImages(names: readonly string[]): CommandLine {
  return docker("image", "inspect", ...names);
}

/** The table of contents of an image as it is exported: one line of JSON, where the image itself may be hundreds of megabytes. */
export function exportedIndex(name: string): CommandLine {
  return { file: "sh", args: ["-c", 'docker image save "$1" | tar -xOf - index.json', "sh", name] };
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
