import { afterEach, beforeEach, expect, test } from "vitest";
import type { Clock } from "../../../src/lib/clock/clock.ts";
import { batches } from "../../../src/lib/remote/batches.ts";
import { ssmRemote } from "../../../src/lib/remote/ssm.ts";
import { statusScript } from "../../../src/lib/script/host-scripts.ts";
import { lognormal } from "../../fakes/durations.ts";
import { FakeSsm } from "../../fakes/ssm.ts";
import type { HostReply } from "../../fakes/ssm-protocol.ts";

// What is lost between a host's end and what we know of it, counted on a clock that moves by our pauses alone.

const hosts = 1_000;
const longestMs = 180_000;
const id = (n: number): string => `i-${String(n).padStart(17, "0")}`;

let ssm: FakeSsm;
beforeEach(async () => {
  ssm = new FakeSsm();
  await ssm.open();
  ssm.invisibleLooks = 0;
});
afterEach(() => ssm.close());

interface Ending {
  readonly at: number;
  readonly end: (reply: HostReply) => void;
}

/** Time passes while somebody sleeps; what ends by then has ended when they wake. */
function lapsing(endings: Map<string, Ending>): Clock {
  let now = Date.parse("2026-11-22T10:00:00Z");
  return {
    now: () => now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      now += ms;
      for (const [host, { at, end }] of endings) {
        if (at > now) continue;
        endings.delete(host);
        end({ stdout: `host ${host}` });
      }
      // Until SSM has heard of it.
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
      signal?.throwIfAborted();
    },
  };
}

interface Shape {
  readonly lasts: () => (n: number) => number;
  /** Half of the ends are counted within so long. */
  readonly medianMs: number;
  readonly reads: number;
}

/** How long hosts take, at most three minutes. */
const shapes: Readonly<Record<string, Shape>> = {
  "most a minute, a few three times as long": {
    lasts: () => {
      const lasting = lognormal(60_000, 0.35);
      return () => Math.min(longestMs, lasting());
    },
    medianMs: 1_100,
    // With room for the seconds that calls and looks take in truth: npm run bench:scale has them.
    reads: 95,
  },
  "one after the other": {
    lasts: () => (n) => longestMs * (0.25 + (0.75 * ((n * 7) % hosts)) / hosts),
    medianMs: 1_100,
    reads: 100,
  },
  // Nothing has ended for so long that looks have become rare.
  "all at the very end": { lasts: () => (n) => longestMs - 2_000 + 2 * n, medianMs: 5_000, reads: 100 },
};

test.each(Object.keys(shapes))(
  "a thousand hosts in three minutes, %s: a hundred reads at most, and ends are counted soon",
  async (shape) => {
    const endings = new Map<string, Ending>();
    const clock = lapsing(endings);
    ssm.now = () => clock.now();
    const began = clock.now();
    const { lasts: lastsOf, medianMs, reads: most } = shapes[shape]!;
    const lasts = lastsOf();
    const endsAt = new Map(Array.from({ length: hosts }, (_, n) => [id(n), began + lasts(n)]));
    for (const [host, at] of endsAt)
      ssm.addHost({ id: host, tags: {}, run: () => new Promise((end) => endings.set(host, { at, end })) });
    const remote = ssmRemote({ aws: ssm.clients(), clock });
    const script = statusScript({ app: "threads", nonce: "n" });
    const order = { script, environment: "prod", label: "label", executionMs: 600_000 };
    const sent = await Promise.all(batches([...endsAt.keys()]).map((some) => remote.send({ ...order, hosts: some })));
    const waited = await Promise.all(
      sent.map(async (command) => {
        const counts: { readonly at: number; readonly ended: number }[] = [];
        const count = (ended: number): void => void counts.push({ at: clock.now(), ended });
        let known = 0;
        // Once all have ended each is told by itself.
        const onChange = (_: string, status: string): void => void (status === "success" && count((known += 1)));
        const runs = await remote.wait(command, { onCount: count, onChange });
        const ends = command.hosts.map((host) => endsAt.get(host) ?? 0).toSorted((one, other) => one - other);
        return { runs, late: ends.map((at, rank) => counts.find(({ ended }) => ended > rank)!.at - at) };
      }),
    );
    const reads = ssm.calls.filter((name) => name !== "SendCommand").length;
    const late = waited.flatMap((one) => one.late).toSorted((one, other) => one - other);
    expect(waited.flatMap(({ runs }) => runs.map(({ stdout }) => stdout))).toEqual(
      [...endsAt.keys()].map((host) => `host ${host}`),
    );
    expect(reads).toBeLessThanOrEqual(most);
    expect(late[hosts / 2]).toBeLessThanOrEqual(medianMs);
    expect(late.at(-1)).toBeLessThanOrEqual(5_000);
    expect(ssm.count("GetCommandInvocation")).toBe(0);
  },
);
