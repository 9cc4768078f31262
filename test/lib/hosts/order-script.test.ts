import { expect, it } from "vitest";
import type { MemberOrder } from "../../../src/lib/fleet/target.ts";
import type { HostPorts } from "../../../src/lib/hosts/ports.ts";
import { settingsFor } from "../../../src/lib/hosts/order-script.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { aConfig } from "../../fakes/config.ts";

it("moves a worker that runs once, with a scheduler of its own, as what runs once, and not with the workers as well", () => {
  const runtime = { compose: "compose.yml", singletons: ["beat"], workers: ["celery", "beat"] };
  const bundle = { repository: "threads/bundle", digest: digestOf("bundle") };
  const intent = {
    number: 1,
    nonce: "0".repeat(16),
    hosts: ["i-1", "i-2"],
    images: {},
    bundle,
    revision: "a".repeat(40),
  };
  const order = { intent, action: "deploy", limitMs: 60_000, asItWas: false } as unknown as MemberOrder;
  const ports = { config: aConfig({ runtime }), registryHost: "registry" } as unknown as HostPorts;
  const on = (host: string) => settingsFor({ ...order, host }, 0, ports);
  expect(on("i-1")).toMatchObject({ workers: ["celery"], singletons: ["beat"], absent: [] });
  expect(on("i-2")).toMatchObject({ workers: ["celery"], singletons: [], absent: ["beat"] });
});
