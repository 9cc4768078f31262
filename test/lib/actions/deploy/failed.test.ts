import { expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

test("a failure tells the number of the deployment, and where each host was left", async () => {
  const fleet = await Fleet.open(3);
  try {
    const options = { environment: "prod", dryRun: false, force: false, supersede: undefined };
    for (const word of ["one", "two"]) fleet.publish(word);
    await deploy({ ...options, release: sha("one") }, fleet.ports());
    fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old", message: "celery is unhealthy" });
    const [first, second, third] = fleet.hosts.map(({ id }) => id);
    await expect(deploy({ ...options, release: sha("two") }, fleet.ports())).rejects.toMatchObject({
      code: "ROLLED_BACK",
      deployment: {
        environment: "prod",
        number: 2,
        hosts: [
          { id: first, name: expect.any(String), state: "old" },
          { id: second, name: expect.any(String), state: "old" },
          { id: third, name: expect.any(String), state: "untouched" },
        ],
      },
    });
  } finally {
    await fleet.close();
  }
});
