import type { Config } from "../../../src/lib/config/config.ts";
import type { Clock } from "../../../src/lib/clock/clock.ts";
import { type Progress, silentProgress } from "../../../src/lib/progress/progress.ts";
import { openDeployment } from "../../../src/lib/wire/deployment.ts";
import type { World } from "../../../src/lib/wire/world.ts";
import { withoutPulse } from "../../fakes/hurried-clock.ts";
import type { Process } from "./world.ts";

const never = new AbortController().signal;

/** What a command is given by a machine that has no program and nobody who interrupts: the rest of it is real. */
export function commandWorld(what: {
  readonly config: Config;
  readonly aws: Awaited<ReturnType<World["aws"]>>;
  readonly clock: Clock;
  readonly progress?: Progress;
}) {
  const { config, aws, clock, progress = silentProgress } = what;
  return {
    clock,
    // A hurried clock would be there before STS.
    patience: withoutPulse,
    progress,
    signal: never,
    cancelNow: never,
    detach: never,
    env: {},
    processes: { run: () => Promise.resolve({ exitCode: 127, stdout: "", stderr: "not found", both: "" }) },
    runtime: { node: "24.21.0", wanted: ">=22.13", threads: "0.1.0" },
    config: () => Promise.resolve(config),
    aws: () => Promise.resolve(aws),
  };
}

/** The ports of a deployment there; git and what it makes of a commit are those of the process. */
export async function deployPorts({ ports }: Pick<Process, "ports">, world: Parameters<typeof openDeployment>[0]) {
  const { source, provenance } = ports;
  return { ...(await openDeployment(world)), source, provenance };
}
