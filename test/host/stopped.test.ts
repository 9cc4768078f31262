import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Ran, revisions, said, StubHost } from "./host.ts";
import type { DeployScript } from "../../src/lib/script/host-scripts.ts";

// Services that may end: what was told to end has the exit code of what is done, and is not.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => {
  host.reset();
  host.inSlots = true;
});
afterAll(() => host.close());

const whole = ["web", "celery", "celery-beat", "nginx"];
const both = { singletons: ["celery-beat", "celery"] };
const back = { asItWas: true, migrate: undefined };
const up = (): object => ({ blue: host.up("blue"), green: host.up("green") });

interface Wish extends Partial<DeployScript> {
  readonly strategy?: string;
}

function script(number: number, revision: string, { strategy = "slots stopped", ...change }: Wish = {}): string {
  const made = host.deployScript(number, revision, change);
  host.set("bundle/model/expected", "celery 1 may\ncelery-beat 1 may\n");
  host.set("bundle/model/strategy", `${strategy}\n`);
  return made;
}
const deploy = async (...what: Parameters<typeof script>): Promise<Ran> => host.run(script(...what));

/** Deployment 2 has told what runs once to end in the slot that serves, and was killed. */
async function killedHavingStopped(): Promise<void> {
  expect(said(await deploy(1, revisions.old))).toMatchObject({ ok: true });
  const killed = script(2, revisions.next, both);
  const stop = `[[ "$*" != *"docker stop blue-"* ]] || { /usr/bin/timeout "$@"; kill -KILL 0; }`;
  host.program("timeout", `${stop}; exec /usr/bin/timeout "$@"`);
  expect((await host.run(killed)).code).not.toBe(0);
  host.program("timeout", 'exec /usr/bin/timeout "$@"');
  expect(up()).toMatchObject({ blue: ["web", "nginx"] });
}

test("the next deployment, by whose threads.yml less runs once, starts all of it when it goes back", async () => {
  await killedHavingStopped();
  host.set("unhealthy", `web ${revisions.third}\n`);
  host.set("calls", "");
  expect(said(await deploy(3, revisions.third))).toMatchObject({ code: 15, now: "old" });
  expect(up()).toEqual({ blue: whole, green: [] });
  // What it served with is what it has.
  expect(host.read("calls")).not.toMatch(/-p app-blue .* up /);
});

test("status does not take it for done: it ought to run, until it was started again", async () => {
  const expected = async (): Promise<unknown> => said(await host.run(host.statusScript()))["expected"];
  await killedHavingStopped();
  expect(await expected()).toEqual({});
  expect(said(await host.run(host.restoreScript(2)))).toMatchObject({ ok: true, now: "old" });
  expect(await expected()).toEqual({ celery: ["1", "may"], "celery-beat": ["1", "may"] });
});

test("which these are is on the disk before they are told to end, so that it is known when power has failed", async () => {
  expect(said(await deploy(1, revisions.old))).toMatchObject({ ok: true });
  const made = script(2, revisions.next, { singletons: ["celery-beat"], workers: ["celery"] });
  host.program("sync", `echo "sync $*" >>${host.state}/order; exec /usr/bin/sync "$@"`);
  host.program("timeout", `echo "$*" >>${host.state}/order; exec /usr/bin/timeout "$@"`);
  expect(said(await host.run(made))).toMatchObject({ ok: true });
  const order = host.read("order").split("\n");
  const stops = order.flatMap((line, index) => (/ docker stop blue-/.test(line) ? [index] : []));
  expect(stops).toHaveLength(3);
  for (const [count, stop] of stops.entries()) {
    const before = order.slice(0, stop).filter((line) => line === `sync ${host.root}/slots/blue.stopped`);
    expect(before.length).toBeGreaterThan(count);
  }
});

test("a slot that waits warm starts what another threads.yml has told to end there", async () => {
  const strategy = "slots warm";
  expect(said(await deploy(1, revisions.old, { strategy }))).toMatchObject({ ok: true });
  expect(said(await deploy(2, revisions.next, { strategy, ...both }))).toMatchObject({ ok: true });
  expect(up()).toMatchObject({ blue: ["web", "nginx"], green: whole });
  expect(said(await deploy(3, revisions.old, { strategy, ...back }))).toMatchObject({ ok: true });
  expect(up()).toMatchObject({ blue: whole });
});

test("what was never there is not waited for: the way back makes it at once", async () => {
  // Until now another host was the first, which has what runs once.
  const elsewhere = { singletons: [], absent: ["celery-beat"] };
  expect(said(await deploy(1, revisions.old, elsewhere))).toMatchObject({ ok: true });
  host.set("unhealthy", `web ${revisions.next}\n`);
  host.set("calls", "");
  expect(said(await deploy(2, revisions.next))).toMatchObject({ code: 15, now: "old" });
  expect(up()).toEqual({ blue: whole, green: [] });
  const calls = host.read("calls").split("\n");
  const steered = calls.findIndex((call) => call.includes("set weight slots_1/blue 100"));
  const made = calls.findLastIndex((call) => call.includes(" up --no-start "));
  expect(made).toBeGreaterThan(steered);
  // Who waits asks for news.
  expect(calls.slice(steered, made).filter((call) => call.startsWith("events "))).toEqual([]);
});
