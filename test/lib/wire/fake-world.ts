import type { World } from "../../../src/lib/wire/world.ts";
import { aConfig } from "../../fakes/config.ts";
import { awsOf, type FakeEcr, fakeEcr } from "../../fakes/ecr.ts";
import { manualClock } from "../../fakes/manual-clock.ts";
import { FakeSsm } from "../../fakes/ssm.ts";
import { commandWorld } from "../faults/command-world.ts";

/** The world of a command with fakes of ECR and SSM behind it, and two environments. */
export async function fakeWorld() {
  const [ecr, ssm]: [FakeEcr, FakeSsm] = [await fakeEcr(), new FakeSsm()];
  await ssm.open();
  const plain = aConfig({ environments: { staging: {}, prod: {} } });
  const config = { ...plain, registry: { ...plain.registry, repository: `${ecr.host}/threads` } };
  const aws = { ...awsOf(ecr), ssm: () => ssm.clients().ssm() };
  const world: World = commandWorld({ config, aws, clock: manualClock().clock });
  return {
    ecr,
    config,
    aws,
    world,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      await ssm.close();
      await ecr[Symbol.asyncDispose]();
    },
  };
}
