import { afterEach, beforeEach, expect, test } from "vitest";
import { hostedEnvironment } from "../../../src/lib/fleet/hosts.ts";
import type { Heard } from "../../../src/lib/fleet/answer.ts";
import { hostStats } from "../../../src/lib/hosts/stats.ts";
import type { StatsReport } from "../../../src/lib/script/stats-report.ts";
import { Fleet } from "../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(3);
});
afterEach(() => fleet.close());

async function sampled(signal = new AbortController().signal): Promise<Heard<StatsReport>> {
  const { config, remote } = fleet.ports();
  const environment = hostedEnvironment(config, "prod", (name) => name);
  const members = await remote.hosts(environment.hosts);
  return hostStats(environment, { config, remote }).sample(members, 60_000, signal);
}

test("hosts are asked by one command, and who cannot tell says why", async () => {
  const [tells, isOff, hangs] = fleet.hosts;
  tells!.containers = [{ service: "web", digest: "", state: "running", health: "none" }];
  isOff!.online = false;
  hangs!.docker = false;
  const heard = await sampled();
  expect([...heard.values()]).toMatchObject([
    { report: { samples: 2, services: [{ service: "web", cpuPercent: { mean: 12.5, peak: 25 } }] } },
    { silence: "offline: SSM has lost the connection" },
    { silence: "docker does not tell what containers take" },
  ]);
  expect(fleet.ssm.commands.sent).toHaveLength(1);
});

test("hosts that nobody waits for any more are told to end it", async () => {
  const interrupt = new AbortController();
  const reason = new Error("Ctrl-C");
  const killed = fleet.hosts.map((host) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    host.onStats = (kill) => {
      kill.addEventListener("abort", () => resolve());
      interrupt.abort(reason);
      return promise;
    };
    return promise;
  });
  await expect(sampled(interrupt.signal)).rejects.toBe(reason);
  await Promise.all(killed);
});
