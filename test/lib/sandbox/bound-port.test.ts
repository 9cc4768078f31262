import { expect, onTestFinished, test } from "vitest";
import { status } from "../../../src/lib/sandbox/status.ts";
import { up } from "../../../src/lib/sandbox/up.ts";
import { fakeEngine } from "./fake-engine.ts";
import { packageIn, portsOf, temporaryRoot } from "./world.ts";

test("hosts whose port is shown to themselves only have no address here, and why is told", async () => {
  const [engine, root] = [fakeEngine(), temporaryRoot(onTestFinished)];
  onTestFinished(() => engine.close());
  const bound = () => Promise.resolve("web publishes 127.0.0.1:8000:8000");
  const ports = portsOf(root, engine, { bound });
  const result = await up({ hosts: undefined, env: {}, files: packageIn(root) }, ports);
  expect(result.hosts.map(({ url }) => url)).toEqual([null, null, null]);
  expect(result.advice).toEqual([
    "web publishes 127.0.0.1:8000:8000: only programs on a host reach that; publish the port without an address to see it from this machine",
  ]);
  const seen = await status({ env: {} }, ports);
  expect(seen.hosts.map(({ url }) => url)).toEqual([null, null, null]);
});
