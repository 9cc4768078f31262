import { afterEach, beforeEach, expect, test } from "vitest";
import { deploy } from "../../../src/lib/actions/deploy/run.ts";
import { type HostCodeName, hostCodes } from "../../../src/lib/script/host-codes.ts";
import { Fleet, sha } from "../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
  fleet.publish("one");
});
afterEach(() => fleet.close());

/** Of the first host, which serves what it served before. */
const ends: Readonly<Record<HostCodeName, readonly [code: string, exit: number]>> = {
  notReady: ["HOST_NOT_READY", 3],
  superseded: ["SUPERSEDED", 4],
  busy: ["HOST_BUSY", 4],
  notFetched: ["HOST_NOT_READY", 3],
  notMigrated: ["MIGRATION_FAILED", 5],
  broughtBack: ["ROLLED_BACK", 5],
  stuck: ["ROLLED_BACK", 5],
  stopped: ["ROLLED_BACK", 5],
  bug: ["ROLLED_BACK", 5],
};

test.each(Object.entries(ends))("the first host's %s ends the deployment as %j", async (name, [code, exitCode]) => {
  fleet.hosts[0]!.behaviours.push({ code: hostCodes[name as HostCodeName].exit, serves: "old" });
  const options = {
    environment: "prod",
    release: sha("one"),
    dryRun: false,
    force: false,
    supersede: undefined,
  };
  await expect(deploy(options, fleet.ports())).rejects.toMatchObject({ code, exitCode });
});
