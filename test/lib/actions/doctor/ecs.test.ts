import { expect, test } from "vitest";
import { ecsCheck } from "../../../../src/lib/actions/doctor/checks/ecs.ts";
import type { CheckPorts } from "../../../../src/lib/actions/doctor/ports.ts";
import type { RawModel } from "../../../../src/lib/compose/raw-model.ts";
import { aConfig } from "../../../fakes/config.ts";
import { onEcs } from "../../ecs/world.ts";

const config = aConfig({
  services: ["web"],
  runtime: { compose: "compose.yml" },
  environments: { dev: {}, cloud: onEcs(), far: onEcs({ launch_type: "EC2" }) },
});

const look = (web: object | undefined) => {
  const model = web && ({ services: { web } } as unknown as RawModel);
  const services = [{ name: "web", place: "compose.yml:3" }];
  return ecsCheck.look({
    environments: async () => Object.values(config.environments),
    config: async () => config,
    committed: async () => [],
    stack: async () => ({ model, services }),
  } as unknown as CheckPorts);
};

test("what ECS has nothing for is named before anything is published, with its place", async () => {
  expect(await look({ image: "web", stop_grace_period: "5m", privileged: true })).toMatchObject([
    {
      of: "cloud",
      state: "fail",
      says: "the release cannot run there, for 2 reasons",
      details: [
        expect.stringMatching(/^compose.yml:3 web has privileged, /),
        expect.stringMatching(/^compose.yml:3 web has a stop_grace_period of 300 s, /),
      ],
    },
    // Machines of one's own wait longer.
    { of: "far", state: "fail", details: [expect.stringMatching(/privileged/)] },
  ]);
});

test("what can run there is counted", async () => {
  expect(await look({ image: "web", environment: { KEY: "${KEY:-x}" } })).toMatchObject([
    { of: "cloud", state: "ok", says: "1 task definition of the compose file" },
    { of: "far", state: "ok" },
  ]);
});

test("what cannot be read, or runs on no host either, is told elsewhere", async () => {
  const says = "not looked at, for the same reason as compose files of runtime";
  expect(await look(undefined)).toMatchObject([
    { state: "warn", says },
    { state: "warn", says },
  ]);
  expect(await look({ build: ".", image: "$NOBODY", env_file: [], command: ["celery", "worker", "-B"] })).toMatchObject(
    [
      { state: "warn", says },
      { state: "warn", says },
    ],
  );
});
