import { beforeEach, expect, test } from "vitest";
import { deployScript, restoreScript } from "../../src/lib/script/host-scripts.ts";
import { renderScript } from "../../src/lib/script/render.ts";
import { type HostSummary, parseSummary } from "../../src/lib/script/summary.ts";
import { SimulatedHost } from "./simulated-host.ts";

// As strict as deploy.sh: what test/host shows of the script holds for what the other tests take for a host.

let host: SimulatedHost;
beforeEach(() => {
  host = new SimulatedHost("i-1", "prod");
});

const settings = (number: number, nonce: string) => ({
  app: "threads",
  number,
  nonce,
  absent: [],
  envFile: "/etc/app.env",
  port: 80,
  healthPath: "/",
  healthTimeoutMs: 1_000,
  deadlineMs: 60_000,
  drainMs: 30_000,
});
const digest = (number: number): string => `sha256:${String(number).repeat(64)}`;
const never = new AbortController().signal;

async function deployed(number: number, nonce = "n"): Promise<HostSummary> {
  const images = { web: `r/web@${digest(number)}` };
  const bundle = `r/bundle@${digest(number)}`;
  const script = deployScript({
    ...settings(number, nonce),
    bundle,
    revision: "a".repeat(40),
    images,
    variables: {},
    sentAt: 0,
    migrate: undefined,
  });
  return parseSummary((await host.run(renderScript(script), never)).stdout ?? "")!;
}
async function restored(number: number, nonce = "n"): Promise<HostSummary> {
  return parseSummary(
    (await host.run(renderScript(restoreScript({ bundle: "r/bundle", ...settings(number, nonce) })), never)).stdout ??
      "",
  )!;
}

test("the fence lets no older one in, neither to deploy nor to go back", async () => {
  await deployed(2);
  expect(await deployed(1)).toMatchObject({ ok: false, code: 11, now: "unknown" });
  expect(await restored(1)).toMatchObject({ ok: false, code: 11, now: "unknown" });
  expect(await restored(2)).toMatchObject({ ok: true, now: "old" });
  expect(await deployed(2)).toMatchObject({ ok: false, code: 11 });
  expect(host.current).toBeUndefined();
});

test("the same order again gets the recorded answer, and does nothing", async () => {
  await deployed(1, "first");
  host.containers = [];
  expect(await deployed(1, "second")).toMatchObject({ ok: true, nonce: "first" });
  expect(host.containers).toEqual([]);
});

test("a failure is no recorded answer", async () => {
  host.behaviours.push({ code: 15, serves: "old" });
  expect(await deployed(1)).toMatchObject({ ok: false, code: 15, now: "old" });
  expect(await deployed(1)).toMatchObject({ ok: true, now: "new" });
});

test("going back from what never came here is to stay", async () => {
  await deployed(1);
  expect(await restored(2)).toMatchObject({ ok: true, now: "old", current: { number: 1 } });
});

test("what there was before is written down once", async () => {
  await deployed(1);
  host.behaviours.push({ code: 18, serves: "unknown" });
  expect(await deployed(2)).toMatchObject({ code: 18, now: "unknown", current: { number: 1 } });
  await deployed(2);
  expect(await restored(2)).toMatchObject({ now: "old", current: { number: 1 } });
});

test("whoever comes while another is at work is refused, and leaves no trace", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  host.behaviours.push({ until: promise });
  const first = deployed(1);
  expect(await deployed(2)).toMatchObject({ code: 12, now: "unknown" });
  resolve();
  expect(await first).toMatchObject({ ok: true, now: "new" });
  expect(host.current?.number).toBe(1);
});

test("where docker is down nothing is touched, and nothing is told of containers", async () => {
  await deployed(1);
  host.docker = false;
  expect(await deployed(2)).toMatchObject({ code: 10, now: "old", containers: undefined });
  expect(await restored(2)).toMatchObject({ code: 10, now: "unknown" });
  expect(host.current?.number).toBe(1);
});
