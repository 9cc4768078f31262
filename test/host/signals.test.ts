import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { digestOf, type Ran, revisions, type Running, said, StubHost } from "./host.ts";

// A script that is told to stop, as by an agent that is: it leaves the host as it was, and nothing keeps it from that.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => host.withOldRelease());
afterAll(() => host.close());

const { old, next } = revisions;
const never = { pause: 1_000, healthTimeoutMs: 1_000_000, deadlineMs: 10_000_000 };
const current = (): string => readlinkSync(join(host.root, "current"));
const before = `releases/${digestOf("bundlea").slice(7, 19)}`;

/** Once docker has been told that; what it is at ends with it, as everything in the agent's group. */
async function stopped({ child, ended }: Running, call: RegExp): Promise<Ran> {
  await expect.poll(() => host.read("calls"), { timeout: 60_000 }).toMatch(call);
  process.kill(-child.pid!, "SIGTERM");
  return ended;
}

test("before anything is switched: nothing was touched, and that is its own code", async () => {
  host.program(
    "timeout",
    `[[ "$*" != *" docker pull "*/app/nginx@* ]] || { echo pulls >>"${host.state}/calls"; exec sleep 60; }; exec /usr/bin/timeout "$@"`,
  );
  const ran = await stopped(host.start(host.deployScript(2, next)), /^pulls$/m);
  expect(said(ran)).toMatchObject({
    code: 18,
    message: "the host script was told to stop",
    now: "old",
    rolledBack: false,
  });
  expect({ release: host.read("release"), current: current() }).toEqual({ release: old, current: before });
});

test("while the new release comes up: the host goes back", async () => {
  host.set("unhealthy", `web ${next}\n`);
  const ran = await stopped(host.start(host.deployScript(2, next, never)), /^events /m);
  expect(said(ran)).toMatchObject({
    code: 15,
    message: "the host script was told to stop",
    now: "old",
    rolledBack: true,
  });
  expect({ release: host.read("release"), current: current() }).toEqual({ release: old, current: before });
});

test("on the way back, which goes on", async () => {
  host.set("fail-up", `${next}\n`);
  host.set(`odd-${old}`, "web state restarting\n");
  const running = host.start(host.deployScript(2, next, never));
  await expect.poll(() => host.read("calls"), { timeout: 60_000 }).toMatch(/^events /m);
  host.unset(`odd-${old}`);
  expect(said(await stopped(running, /^events /m))).toMatchObject({
    code: 15,
    message: "the new release did not come up: Error response from daemon: driver failed",
    now: "old",
    rolledBack: true,
  });
});
