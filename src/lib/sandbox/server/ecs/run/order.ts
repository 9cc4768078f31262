import { dependenciesOf } from "../check-definition.ts";
import type { Input } from "../parts.ts";

/** A container as docker has it. */
export interface ContainerState {
  readonly name: string;
  readonly status: "absent" | "created" | "running" | "exited";
  readonly exitCode?: number;
  readonly health?: "starting" | "healthy" | "unhealthy";
  readonly oomKilled?: boolean;
  readonly runtimeId?: string;
}

/** What a container that has not begun waits for: nothing, something, or what can no longer come about. */
export function mayStart(container: Input, states: readonly ContainerState[]): "yes" | "not-yet" | "never" {
  const verdicts = dependenciesOf(container).map(([name, condition]) => {
    const state = states.find((one) => one.name === name);
    return judge(state, condition);
  });
  if (verdicts.includes("never")) return "never";
  return verdicts.every((one) => one === "yes") ? "yes" : "not-yet";
}

/** API reference, ContainerDependency: condition. */
function judge(state: ContainerState | undefined, condition: string): "yes" | "not-yet" | "never" {
  const { status = "absent", exitCode, health } = state ?? {};
  const hasStarted = status === "running" || status === "exited";
  switch (condition) {
    case "START":
      return hasStarted ? "yes" : "not-yet";
    case "COMPLETE":
      return status === "exited" ? "yes" : "not-yet";
    case "SUCCESS":
      return status !== "exited" ? "not-yet" : exitCode === 0 ? "yes" : "never";
    default:
      return health === "healthy" ? "yes" : status === "exited" ? "never" : "not-yet";
  }
}

/** In waves: what others wait for ends after them. */
export function stopOrder(containers: readonly Input[]): readonly (readonly string[])[] {
  let left = containers.map((one) => ({ name: String(one["name"]), waits: dependenciesOf(one).map(([name]) => name) }));
  const waves: string[][] = [];
  while (left.length > 0) {
    const free = left.filter(({ name }) => !left.some(({ waits }) => waits.includes(name)));
    // A circle is refused when it is registered.
    const wave = (free.length > 0 ? free : left).map(({ name }) => name);
    waves.push(wave);
    left = left.filter(({ name }) => !wave.includes(name));
  }
  return waves;
}
