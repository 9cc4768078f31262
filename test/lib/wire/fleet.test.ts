import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import { fleetPorts } from "../../../src/lib/wire/fleet.ts";
import { openLedger } from "../../../src/lib/wire/ledger.ts";
import { aConfig } from "../../fakes/config.ts";
import { FakeSsm } from "../../fakes/ssm.ts";
import { commandWorld } from "../faults/command-world.ts";

let ssm: FakeSsm;
beforeEach(async () => {
  ssm = new FakeSsm();
  await ssm.open();
});
afterEach(() => ssm.close());

/** Whether a deployment has GitHub to tell. */
async function isTold(deployments: boolean, env: Readonly<Record<string, string>>): Promise<boolean> {
  const config = aConfig({ github: { deployments } });
  const world = { ...commandWorld({ config, aws: ssm.clients(), clock: systemClock }), env };
  return (await fleetPorts(await openLedger(world), "registry", world)).github !== undefined;
}

const sandbox = { AWS_ENDPOINT_URL: "http://127.0.0.1:4600" };

test.each([
  [true, true, {}],
  [false, false, {}],
  [true, true, { GITHUB_API_URL: "https://git.acme.example/api/v3" }],
  [true, true, { AWS_ENDPOINT_URL: "https://vpce.amazonaws.example" }],
])("GitHub is told: %s, where threads.yml says %s, with %j", async (told, wanted, env) => {
  expect(await isTold(wanted, env)).toBe(told);
});

test.each([{}, { GITHUB_API_URL: "https://api.github.com" }, { GITHUB_API_URL: "https://localhost.acme.example" }])(
  "of a sandbox's deployments nobody outside of this machine hears: %j",
  async (env) => {
    expect(await isTold(true, { ...sandbox, ...env })).toBe(false);
  },
);

test("a GitHub that this machine plays is told of them", async () => {
  expect(await isTold(true, { ...sandbox, GITHUB_API_URL: "http://127.0.0.1:4700" })).toBe(true);
});
