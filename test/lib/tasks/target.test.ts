import { describe } from "vitest";
import type { Target } from "../../../src/lib/fleet/target.ts";
import { type TargetWorld, testTarget } from "../fleet/target-conformance.ts";
import { openWorld, releaseOf } from "./world.ts";

async function open(): Promise<TargetWorld> {
  const world = await openWorld();
  let looks = 2;
  let held: ReturnType<typeof world.hold> | undefined;
  // A host takes its order within the one call; services run on by themselves while somebody looks.
  const look: Target["look"] = async (...asked) => {
    await world.looks(looks);
    return world.target.look(...asked);
  };
  return {
    target: { ...world.target, look },
    runtime: world.config.runtime,
    release: releaseOf,
    breakNext: (_, leaves) => {
      let known: ReadonlySet<string> | undefined;
      world.state.meanwhile = world.known().then((keys) => (known = keys));
      let meddled = false;
      world.state.fate = (task) => {
        const isNew = known?.has(task.definition) === false && task.startedBy?.startsWith("ecs-svc/") === true;
        if (!isNew || task.definition.startsWith("by-hand")) return "well";
        if (leaves === "old") return "sick";
        if (!meddled && task.definition.startsWith("shop-prod-web")) {
          meddled = true;
          world.state.meanwhile = world.meddle();
        }
        return "well";
      };
    },
    hold: () => (held = world.hold()),
    spoil: (_, how) => {
      // A loop shows once there was more than one death.
      looks = 20;
      if (how === "drift") world.state.meanwhile = world.meddle();
      else world.state.fate = (task) => (task.definition.startsWith("shop-prod-celery") ? "dies" : "well");
    },
    unplug: () => world.unplug(),
    cancelNow: () => {
      world.cancelNow.abort();
      // Going back takes time, and that goes on.
      held?.go();
    },
    detach: () => world.detach.abort(),
    close: () => world.close(),
  };
}

describe("ECS", () => {
  testTarget(open);
});
