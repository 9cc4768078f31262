import type { Clock } from "../../../src/lib/clock/clock.ts";
import { repoAt } from "../../fakes/ecr-repo.ts";
import { connectRegistry } from "../../../src/lib/registry/ecr/ecr.ts";
import type { Registry } from "../../../src/lib/registry/registry.ts";
import type { FakeEcr } from "../../fakes/ecr.ts";

/** A clock that never waits: sleeping moves it. */
export function jumpingClock(): Clock & { readonly slept: number[] } {
  let now = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    sleep: (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
}

/** The real adapter on the fake ECR. */
export function registryOn(ecr: FakeEcr, options: { clock?: Clock; signal?: AbortSignal } = {}): Registry {
  const repo = repoAt(ecr.host);
  return connectRegistry({ repo, aws: ecr.aws, clock: options.clock ?? jumpingClock(), signal: options.signal });
}
