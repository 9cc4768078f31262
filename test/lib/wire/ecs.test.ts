import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { expect, test } from "vitest";
import { directRecords } from "../../../src/lib/ledger/direct-records.ts";
import { openEcs } from "../../../src/lib/wire/ecs.ts";
import { fakeWorld } from "./fake-world.ts";

test("no record of the ledger, of whichever environment, is taken for a setting of the application", async () => {
  await using fake = await fakeWorld();
  const { config, aws, world } = fake;
  const { settingNames } = await openEcs(world);
  const client = await aws.ssm();
  for (const name of ["staging", "prod"])
    for (const Name of [`/${config.app}/${name}/KEY`, ...directRecords(config.app, name)])
      await client.send(new PutParameterCommand({ Name, Value: "x", Type: "String" }));
  for (const name of ["staging", "prod"]) expect([...(await settingNames(`/${config.app}/${name}/`))]).toEqual(["KEY"]);
});
