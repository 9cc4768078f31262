import type { ContainerSpec } from "./container-spec.ts";
import { fingerprint } from "./containers.ts";
import { objectName } from "./layout.ts";

/** A container as `docker ps` tells of it. */
export interface Listed {
  readonly name: string;
  /** created, running, paused, restarting, removing, exited or dead. */
  readonly state: string;
  readonly spec: string;
  readonly networks: readonly string[];
  /** For people: `Exited (137) 2 minutes ago`. */
  readonly status: string;
}

export interface UpPlan {
  /** Right already, left alone. */
  readonly keep: readonly string[];
  /** In the way: stopped, out of date, or no longer wanted. */
  readonly remove: readonly string[];
  readonly start: readonly ContainerSpec[];
}

/** What brings the containers that there are to those that there should be; nothing that is right is touched. */
export function planUp(wanted: readonly ContainerSpec[], listed: readonly Listed[], id: string): UpPlan {
  const byName = new Map(listed.map((container) => [container.name, container]));
  const right = new Set(wanted.filter((spec) => isRight(spec, byName.get(spec.name), id)).map(({ name }) => name));
  return {
    keep: [...right],
    remove: listed.map(({ name }) => name).filter((name) => !right.has(name)),
    start: wanted.filter(({ name }) => !right.has(name)),
  };
}

function isRight(spec: ContainerSpec, container: Listed | undefined, id: string): boolean {
  return (
    container !== undefined &&
    container.state === "running" &&
    container.spec === fingerprint(spec) &&
    container.networks.includes(objectName(id, "net"))
  );
}

/** The lines of `listContainers`. */
export function parseListed(text: string): Listed[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [name = "", state = "", spec = "", networks = "", status = ""] = line.split("\t");
      return { name, state, spec, networks: networks.split(","), status };
    });
}
