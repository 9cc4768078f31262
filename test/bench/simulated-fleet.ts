import type { Clock } from "../../src/lib/clock/clock.ts";
import type { HostExecutor, ManagedHost, Pace } from "../../src/lib/sandbox/server/ssm/hosts.ts";
import type { Head } from "../../src/lib/source/source.ts";
import { randomFrom } from "../fakes/durations.ts";
import { simulatedExecutor } from "../fakes/simulated-executor.ts";
import { SimulatedHost } from "../fakes/simulated-host.ts";
import { promoting, published } from "../lib/faults/jobs.ts";
import { type FaultWorld, faultWorld, startProcess } from "../lib/faults/world.ts";

/** How long Run Command does not show a new command, in milliseconds: the sandbox's own default. */
const hiddenFor = 300;

/** SSM as the sandbox has it, with hosts that know our scripts and take their time, and releases that prod may run. */
export interface SimulatedFleet extends AsyncDisposable {
  readonly world: FaultWorld;
  readonly hosts: readonly SimulatedHost[];
  /** In the order in which they were published and promoted. */
  readonly releases: readonly Head[];
  /** When the script of a host ended, by its id: by the fleet's own time, of what was sent last. */
  readonly endedAt: ReadonlyMap<string, number>;
  /** How long scripts take that deploy or go back, in milliseconds. */
  lasts: () => number;
}

/** @param pace the time of hosts and SSM. @param limited by the quotas of a real account */
export async function simulatedFleet(wanted: {
  readonly hosts: number;
  readonly pace: Pace;
  readonly releases: number;
  readonly limited: boolean;
}): Promise<SimulatedFleet> {
  const hosts = Array.from({ length: wanted.hosts }, (_, n) => new SimulatedHost(idOf(n), "prod"));
  const endedAt = new Map<string, number>();
  const fleet: Pick<SimulatedFleet, "lasts" | "hosts"> & { readonly endedAt: Map<string, number> } = {
    hosts,
    endedAt,
    lasts: () => 0,
  };
  const executor = await slowly(
    simulatedExecutor(() => hosts),
    fleet,
    wanted.pace,
  );
  const world = await faultWorld({ services: 4, hosts: executor, pace: wanted.pace, hiddenFor });
  world.gate.open();
  const releases: Head[] = [];
  for (let n = 0; n < wanted.releases; n += 1) {
    const head = world.commit();
    const process = await startProcess(world, head);
    await published(world, head);
    await promoting(world).run(process, head);
    process.end();
    releases.push(head);
  }
  await world.sandbox.settings({ rateLimits: wanted.limited });
  return Object.assign(fleet, { world, releases, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() });
}

/** As AWS makes them: seventeen digits of which none follows from another. */
function idOf(n: number): string {
  const random = randomFrom(n + 1);
  return `i-${Array.from({ length: 17 }, () => Math.floor(random() * 16).toString(16)).join("")}`;
}

/** What a look at a host takes, in milliseconds. */
const lookMs = 300;

/** The same hosts, on which a script takes its time. */
async function slowly(
  executor: HostExecutor,
  fleet: Pick<SimulatedFleet, "lasts"> & { readonly endedAt: Map<string, number> },
  pace: Pace,
): Promise<HostExecutor> {
  // SSM looks for a host before each of its steps: a thousand are not described anew each time.
  const managed: readonly ManagedHost[] = await executor.hosts();
  return {
    ...executor,
    hosts: () => Promise.resolve(managed),
    run: async (host, shell) => {
      const script = shell.words[6];
      if (script === undefined) return executor.run(host, shell);
      const isOrder = /^ACTION='(?:deploy|restore)'$/m.test(script);
      await pace.sleep(isOrder ? fleet.lasts() : lookMs);
      const end = await executor.run(host, shell);
      fleet.endedAt.set(host.instanceId, pace.now());
      return end;
    },
  };
}

/** Time that goes by faster: an hour of it takes `times` less of a real one, in which everything else takes as long as ever. */
export function fasterTime(times: number): Clock & Pace {
  const began = Date.now();
  return {
    now: () => began + (Date.now() - began) * times,
    sleep: (ms, signal?: AbortSignal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const timer = setTimeout(resolve, ms / times);
        signal?.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
      }),
  };
}
