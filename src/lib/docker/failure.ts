import type { SettledCode } from "../errors/codes.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { CommandFailed } from "../process/processes.ts";
import { daemonTrouble, missingContext } from "./daemon.ts";
import { installDocker, setUp, setUpOr } from "./set-up.ts";
import { unreachableRegistry } from "./unreachable.ts";

/**
 * Why docker could not do anything at all.
 * @returns NO_DOCKER, DOCKER_CONTEXT, DOCKER_PERMISSION, DOCKER_DOWN; undefined where its daemon answered
 */
export function daemonFailure(failure: CommandFailed): ThreadsError | undefined {
  if (failure.exitCode === undefined && /is not installed/.test(failure.message)) {
    const message = "Docker is not installed, or not on the PATH";
    return dockerError(failure, {
      code: "NO_DOCKER",
      message,
      next: setUpOr("docker version"),
      advice: [installDocker],
    });
  }
  const context = missingContext(failure.tail);
  if (context !== undefined)
    return dockerError(failure, {
      code: "DOCKER_CONTEXT",
      message: `Docker has no context "${context}"`,
      next: ["docker context ls", "unset DOCKER_CONTEXT && docker context use default"],
    });
  const trouble = daemonTrouble(failure.tail);
  if (trouble === "silent") return daemonDown(failure, "the Docker daemon does not answer");
  if (trouble === undefined) return undefined;
  const message = "this user may not talk to the Docker daemon";
  return dockerError(failure, {
    code: "DOCKER_PERMISSION",
    message,
    next: ["sudo usermod -aG docker $USER", "newgrp docker"],
  });
}

export function daemonDown(failure: CommandFailed, message: string): ThreadsError {
  return dockerError(failure, {
    code: "DOCKER_DOWN",
    message,
    next: [...setUp(), "docker info", "docker context ls"],
  });
}

/**
 * A command of docker failed though the daemon answered, and nothing more is known of what it did.
 * @param again what to type once the cause is gone
 * @returns a fault of the machine, or DOCKER_FAILED
 */
export function dockerFailure(failure: CommandFailed, again: readonly string[] = []): ThreadsError {
  return (
    machineFault(failure.tail.join("\n"), failure, again) ??
    dockerError(failure, { code: "DOCKER_FAILED", message: failure.message, next: ["docker info", ...again] })
  );
}

/** A pull that fails tells nothing about the code, whatever the reason. @returns a fault of the machine, or IMAGE_NOT_AVAILABLE */
export function pullFailure(failure: CommandFailed, reference: string, again: readonly string[] = []): ThreadsError {
  const [message, next] = [`${reference} cannot be pulled`, [`docker pull ${reference}`, ...again]];
  return (
    machineFault(failure.tail.join("\n"), failure, again) ??
    dockerError(failure, { code: "IMAGE_NOT_AVAILABLE", message, next })
  );
}

interface Known {
  readonly says: RegExp;
  readonly code: SettledCode;
  /** @param said all that `says` has found, of which `found` is a part */
  readonly message: (found: string, said: string) => string;
  readonly next: readonly string[];
}

/** Where nobody can be named, these show who has a port to whoever may see more. */
export const portLooks: readonly string[] = ["ss -ltunp", "docker ps --format '{{.Names}}\\t{{.Ports}}'"];

/** What is wrong with the machine or the network, not with the code: refusals, nothing was tested. */
const known: readonly Known[] = [
  {
    // Engines up to 27, then 28, then Docker Desktop, on Windows too.
    says: /(?:Bind for |listen (?:tcp|udp)\d? |failed to bind host port (?:for )?)((?:\[\S*?\]|\S*?):\d+)(?::? bind|[:/]\S*)?:? (?:failed: port is already allocated|address already in use|Only one usage of each socket address|An attempt was made to access a socket in a way forbidden)/,
    code: "PORT_TAKEN",
    // The same number is another port there, and may be somebody else's.
    message: (port, said) => `port ${port}${/udp/.test(said) ? "/udp" : ""} is taken by another program`,
    next: portLooks,
  },
  {
    says: /(toomanyrequests|You have reached your (?:\w+ )?pull rate limit)/,
    code: "RATE_LIMITED",
    message: () => "the registry limits how many images may be pulled; this says nothing about the code",
    next: ["docker login"],
  },
  {
    says: /((?:pull access denied for |manifest unknown|manifest for \S+ not found|no basic auth credentials|unauthorized: |denied: requested access|authorization failed|error from registry: |No such image: |no matching manifest for |no match for platform in manifest|image with reference \S+ was found but does not (?:match|provide) |failed to resolve (?:reference|source metadata))[^\n]*)/,
    code: "IMAGE_NOT_AVAILABLE",
    message: (what) => `an image cannot be pulled: ${what}`,
    next: ["docker login"],
  },
  {
    says: /(no space left on device)/i,
    code: "DISK_FULL",
    message: () => "the disk of the Docker engine is full",
    next: ["docker system df", "docker builder prune"],
  },
  {
    // Engines up to 25, and from 26 on.
    says: /(non-overlapping IPv4 address pool|all predefined address pools have been fully subnetted)/,
    code: "DOCKER_FAILED",
    message: () => "the Docker engine has no addresses left for one more network",
    next: ["docker network ls", "threads prune"],
  },
  {
    says: /(?:failed to create network (\S+): .*?)?Pool overlaps with other one on this address space/,
    code: "DOCKER_FAILED",
    message: (network) =>
      `a network of another stack has the subnet that the compose file gives to ${network === "" ? "one of its own" : network} (ipam): only one of both can be there`,
    next: [
      "docker network inspect --format '{{.Name}} {{range .IPAM.Config}}{{.Subnet}} {{end}}' $(docker network ls --quiet)",
    ],
  },
];

/** All that docker printed: a command that failed, or lines that came another way. */
type Printed = CommandFailed | { readonly tail: readonly string[] };

/**
 * What is wrong with the machine or the network, by docker's own words.
 * @param said the words of docker or its engine, and of nobody else: what a container or a build prints proves nothing
 */
export function machineFault(said: string, printed: Printed, again: readonly string[] = []): ThreadsError | undefined {
  const silent = registryFault(said, printed, [...setUp(), ...again]);
  if (silent !== undefined) return silent;
  for (const { says, code, message, next } of known) {
    const found = says.exec(said);
    if (found !== null)
      return dockerError(printed, { code, message: message(found[1] ?? "", found[0]), next: [...next, ...again] });
  }
  return undefined;
}

/** A registry that did not answer docker, with the image that was to come from it. @returns REGISTRY_UNREACHABLE */
export function registryFault(said: string, printed: Printed, next: readonly string[]): ThreadsError | undefined {
  const silent = unreachableRegistry(said);
  if (silent === undefined) return undefined;
  const [, image] = /failed to resolve (?:reference|source metadata) for "?([^\s"]+?)"?: /.exec(said) ?? [];
  const front = image === undefined ? "" : `${image} cannot be pulled: `;
  const message = `${front}the registry ${silent.host} does not answer docker: ${silent.why}`;
  return dockerError(printed, { code: "REGISTRY_UNREACHABLE", message, next: [silent.next, ...next] });
}

/** The details are what docker printed. */
export function dockerError(
  printed: Printed,
  given: {
    readonly code: SettledCode;
    readonly message: string;
    readonly next: readonly string[];
    readonly advice?: readonly string[];
  },
): ThreadsError {
  const cause = printed instanceof Error ? { cause: printed } : {};
  const { code, message, next, advice = [] } = given;
  return new ThreadsError(code, { message, next: [...new Set(next)], advice, details: linesOf(printed), ...cause });
}

/** What was printed, without empty lines. */
export function linesOf({ tail }: Printed): string[] {
  return tail.filter((line) => line.trim() !== "");
}
