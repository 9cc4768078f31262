import type { PromotePorts } from "../actions/promote/ports.ts";
import { author } from "../ledger/author.ts";
import { dockerImages } from "../docker/images.ts";
import { ecrLifecycle } from "../registry/lifecycle/source.ts";
import { lifecycleWarnings } from "../registry/lifecycle/warnings.ts";
import { runStack } from "../stack/run-stack.ts";
import { openGates } from "./gates.ts";
import { openStack } from "./stack.ts";
import type { World } from "./world.ts";

/** The ports of `threads promote`. */
export async function openPromotion(world: Omit<World, "detach">): Promise<PromotePorts> {
  const { clock, signal, processes, env, runtime } = world;
  const [gates, aws, stack] = await Promise.all([openGates(world), world.aws(), openStack(world)]);
  const lifecycle = ecrLifecycle({ ...gates, aws, clock, signal });
  return {
    ...gates,
    lifecycle: (images) => lifecycleWarnings({ protected: images, now: clock.now(), repo: gates.repo }, lifecycle),
    docker: dockerImages({ processes, signal }),
    // From published digests: what passes is what will run, byte for byte.
    smoke: (what) => runStack({ ...what, build: false }, stack),
    author: author(env),
    version: runtime.threads,
    clock,
    signal,
  };
}
