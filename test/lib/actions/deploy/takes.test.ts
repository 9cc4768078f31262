import { expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

test.each([true, false])(
  "a release that the target cannot run is refused with nothing on record (dry run: %s)",
  async (dryRun) => {
    const fleet = await Fleet.open();
    try {
      fleet.publish("one");
      const ports = fleet.ports();
      const asked: string[] = [];
      const targetOf: typeof ports.targetOf = async (environment) => ({
        ...(await ports.targetOf(environment)),
        takes: (release) => {
          asked.push(release.revision);
          return Promise.reject(new ThreadsError("NOT_FOR_ECS", { message: "web has ipc" }));
        },
      });
      const options = { environment: "prod", release: undefined, dryRun, force: false, supersede: undefined };
      await expect(deploy(options, { ...ports, targetOf })).rejects.toMatchObject({ code: "NOT_FOR_ECS", exitCode: 3 });
      expect(asked).toEqual([sha("one")]);
      expect((await ports.ledger.deploymentLog("prod", Infinity)).deployments).toEqual([]);
    } finally {
      await fleet.close();
    }
  },
);
