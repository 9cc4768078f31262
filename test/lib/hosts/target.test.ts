import { describe } from "vitest";
import { hostedEnvironment } from "../../../src/lib/fleet/hosts.ts";
import { hostTarget } from "../../../src/lib/hosts/target.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { silentProgress } from "../../../src/lib/progress/progress.ts";
import { ssmRemote } from "../../../src/lib/remote/ssm.ts";
import { hostCodes } from "../../../src/lib/script/host-codes.ts";
import { Fleet, sha } from "../../fakes/fleet.ts";
import type { SimulatedHost } from "../../fakes/simulated-host.ts";
import { testTarget, type TargetWorld } from "../fleet/target-conformance.ts";

const left = {
  old: { code: hostCodes.broughtBack.exit, serves: "old" },
  "half way": { code: hostCodes.stuck.exit, serves: "unknown" },
} as const;
const spoilt = { "crash loop": { state: "restarting", restarts: 7 }, drift: { digest: digestOf("by hand") } };

/** Two hosts behind a fake SSM. */
async function open(): Promise<TargetWorld> {
  const fleet = await Fleet.open(2);
  const config = fleet.config();
  const hostOf = (id: string): SimulatedHost => fleet.hosts.find((host) => host.id === id)!;
  const ports = {
    config,
    registryHost: "registry",
    remote: ssmRemote({ aws: fleet.ssm.clients(), clock: fleet.clock }),
    clock: fleet.clock,
    progress: silentProgress,
    cancelNow: fleet.cancelNow.signal,
    detach: fleet.detach.signal,
  };
  return {
    target: hostTarget(
      hostedEnvironment(config, "prod", (name) => name),
      ports,
    ),
    runtime: config.runtime,
    release: (word) => ({
      revision: sha(word),
      tree: sha(`tree ${word}`),
      bundle: { repository: "threads/bundle", digest: digestOf(`bundle ${word}`) },
      images: Object.fromEntries(
        config.services.map((service) => [
          service,
          { repository: `threads/${service}`, digest: digestOf(`${service} ${word}`) },
        ]),
      ),
    }),
    breakNext: (member, leaves) => void hostOf(member).behaviours.push(left[leaves]),
    hold: (member) => {
      const [arrival, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const host = hostOf(member);
      host.behaviours.push({ until: release.promise });
      host.onDeploy = arrival.resolve;
      return { begun: arrival.promise, go: release.resolve };
    },
    spoil: (member, how) => {
      const host = hostOf(member);
      host.containers = host.containers.map((one, place) => (place === 0 ? { ...one, ...spoilt[how] } : one));
    },
    unplug: (member) => {
      hostOf(member).online = false;
    },
    cancelNow: () => fleet.cancelNow.abort(),
    detach: () => fleet.detach.abort(),
    close: () => fleet.close(),
  };
}

describe("hosts behind SSM", () => {
  testTarget(open);
});
