import { expect, test } from "vitest";
import { hasHosts } from "../../../src/lib/fleet/hosts.ts";
import { stageConfig } from "../../../src/lib/wire/stage-world.ts";
import { aConfig } from "../../fakes/config.ts";

const config = aConfig({
  account: "123456789012",
  github: { deployments: true },
  environments: {
    prod: { hosts: { tag: "threads-env=prod", minimum: 3 }, gates: { smoke: true }, observe: 60, weights: [5, 100] },
  },
});

test("what guards the real environment, and who is told of it, is left out of a rehearsal", () => {
  const { prod } = config.environments;
  if (prod === undefined || !hasHosts(prod)) throw new Error("there is no prod with hosts");
  const staged = stageConfig(config, { environment: prod, hosts: 1 });
  expect(staged).toMatchObject({ account: undefined, github: { deployments: false } });
  expect(staged.environments["prod"]).toMatchObject({ requiresPromotion: false, observeMs: 0, hosts: { minimum: 1 } });
  expect(staged.environments["prod"]).not.toHaveProperty("weights");
});
