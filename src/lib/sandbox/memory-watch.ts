import type { Clock } from "../clock/clock.ts";
import { measureMemory } from "../docker/memory.ts";
import type { Processes } from "../process/processes.ts";
import { objectName } from "./layout.ts";
import type { SandboxState } from "./state.ts";

/** What a host took, with all that runs in it, in bytes. */
export interface HostMemory {
  readonly host: string;
  /** When it was first looked at. */
  readonly atFirst: number;
  readonly most: number;
}

const everyMs = 1_000;

export interface MemoryWatch {
  /** Looks no more. @returns the hosts of which the engine tells */
  stop(): Promise<readonly HostMemory[]>;
}

/** Looks each second at what the hosts take. @param socket of the engine */
export function watchMemory(
  { state, socket }: { readonly state: SandboxState; readonly socket: string },
  { processes, clock }: { readonly processes: Processes; readonly clock: Clock },
): MemoryWatch {
  const over = new AbortController();
  const seen = new Map<string, HostMemory>();
  const look = async (): Promise<void> => {
    const names = state.hosts.map(({ name }) => objectName(state.id, name));
    const taken = await measureMemory({ names, socket }, processes);
    for (const { name: host } of state.hosts) {
      const bytes = taken.get(objectName(state.id, host));
      const before = seen.get(host);
      if (bytes !== undefined)
        seen.set(host, { host, atFirst: before?.atFirst ?? bytes, most: Math.max(before?.most ?? 0, bytes) });
    }
  };
  const watching = (async () => {
    while (!over.signal.aborted) {
      await look();
      await clock.sleep(everyMs, over.signal).catch(() => undefined);
    }
  })();
  watching.catch(() => undefined);
  return {
    stop: async () => {
      over.abort();
      await watching;
      return [...seen.values()];
    },
  };
}
