import type { CommandLine } from "../process/processes.ts";

/** The docker command lines of this room, as words: nothing here runs. No secret is ever among them. */
const docker = (...args: readonly string[]): CommandLine => ({ file: "docker", args });

export function inspectImages(names: readonly string[]): CommandLine {
  return docker("image", "inspect", ...names);
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

/** The endpoint of the current context, which DOCKER_HOST sets too. */
export function currentEndpoint(): CommandLine {
  return docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}");
}
