import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { expect, test } from "vitest";
import { directRecords } from "../../../src/lib/ledger/direct-records.ts";
import { openEcs } from "../../../src/lib/wire/ecs.ts";
import { aConfig } from "../../fakes/config.ts";
import { awsOf, fakeEcr } from "../../fakes/ecr.ts";
import { manualClock } from "../../fakes/manual-clock.ts";
import { FakeSsm } from "../../fakes/ssm.ts";
import { commandWorld } from "../faults/command-world.ts";

test("no record of the ledger, of whichever environment, is taken for a setting of the application", async () => {
  await using ecr = await fakeEcr();
  const ssm = new FakeSsm();
  await ssm.open();
  try {
    const plain = aConfig({ environments: { staging: {}, prod: {} } });
    const config = { ...plain, registry: { ...plain.registry, repository: `${ecr.host}/threads` } };
    const aws = { ...awsOf(ecr), ssm: () => ssm.clients().ssm() };
    const { settingNames } = await openEcs(commandWorld({ config, aws, clock: manualClock().clock }));
    const client = await aws.ssm();
    for (const name of ["staging", "prod"])
      for (const Name of [`/${config.app}/${name}/KEY`, ...directRecords(config.app, name)])
        await client.send(new PutParameterCommand({ Name, Value: "x", Type: "String" }));
    for (const name of ["staging", "prod"])
      expect([...(await settingNames(`/${config.app}/${name}/`))]).toEqual(["KEY"]);
  } finally {
    await ssm.close();
  }
});
