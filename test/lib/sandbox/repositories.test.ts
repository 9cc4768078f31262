import { expect, onTestFinished, test } from "vitest";
import { up } from "../../../src/lib/sandbox/up.ts";
import type { UpResult } from "../../../src/lib/sandbox/up-result.ts";
import { fakeEngine, type FakeEngine } from "./fake-engine.ts";
import { configOf, packageIn, portsOf, temporaryRoot } from "./world.ts";

interface Checkout {
  readonly engine: FakeEngine;
  /** @param elsewhere services whose image the compose file has from elsewhere */
  readonly bringUp: (strategy: "recreate" | "slots", elsewhere?: readonly string[]) => Promise<UpResult>;
}

function checkout(): Checkout {
  const engine = fakeEngine();
  onTestFinished(() => engine.close());
  const root = temporaryRoot(onTestFinished);
  return {
    engine,
    bringUp: (strategy, elsewhere = []) => {
      const config = configOf(root);
      const changed = { ...config, runtime: { ...config.runtime, strategy } };
      const ports = portsOf(root, engine, { config: changed, elsewhere: () => Promise.resolve(elsewhere) });
      return up({ hosts: undefined, env: {}, files: packageIn(root) }, ports);
    },
  };
}

const own = ["bundle", "celery", "celery-beat", "nginx", "web"];
const made = (...more: readonly string[]): string[] => [...own, ...more].map((name) => `threads/${name}`).toSorted();

test("up makes a repository for the edge where hosts have one", async () => {
  const { engine, bringUp } = checkout();
  await bringUp("slots", ["db"]);
  expect(engine.repositories.toSorted()).toEqual(made("db", "edge"));
});

test("up makes what a sandbox that is up already lacks since threads.yml or a compose file has changed", async () => {
  const { engine, bringUp } = checkout();
  await bringUp("recreate");
  expect(engine.repositories.toSorted()).toEqual(made());
  expect(await bringUp("slots", ["db"])).toMatchObject({ outcome: "already-up", started: [] });
  expect([...new Set(engine.repositories)].toSorted()).toEqual(made("db", "edge"));
  engine.calls.length = 0;
  await bringUp("slots", ["db"]);
  expect(engine.calls.map((words) => words.slice(0, 2))).toEqual([["container", "ls"]]);
});
