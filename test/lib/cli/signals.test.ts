import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { type Interrupts, listenForInterrupts } from "../../../src/lib/cli/signals.ts";
import type { Clock } from "../../../src/lib/clock/clock.ts";

interface Listening extends Interrupts {
  readonly send: (name: NodeJS.Signals) => void;
  /** Moves the clock by hand. */
  readonly pass: (ms: number) => Promise<void>;
  /** Whether each of signal, cancelNow and leave was aborted. */
  readonly state: () => boolean[];
  readonly exits: number[];
  readonly listeners: () => number;
}

function listen(detachAfterMs?: number): Listening {
  const exits: number[] = [];
  const process = Object.assign(new EventEmitter(), { exit: (code: number) => exits.push(code) });
  let now = 0;
  const sleepers = new Map<() => void, number>();
  const clock: Clock = {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        sleepers.set(resolve, now + ms);
        signal?.addEventListener("abort", () => {
          sleepers.delete(resolve);
          reject(signal.reason);
        });
      }),
  };
  const interrupts = listenForInterrupts(process as unknown as NodeJS.Process, { clock, detachAfterMs });
  return {
    ...interrupts,
    exits,
    send: (name) => void process.emit(name, name),
    pass: async (ms) => {
      now += ms;
      for (const [wake, at] of sleepers) if (at <= now) wake();
      await new Promise((resolve) => setImmediate(resolve));
    },
    state: () => [interrupts.signal, interrupts.cancelNow, interrupts.detach].map(({ aborted }) => aborted),
    listeners: () => process.listenerCount("SIGINT") + process.listenerCount("SIGTERM"),
  };
}

it("Ctrl-C stops, a second one breaks off, a third one ends the process", async () => {
  const { send, pass, state, exits, signal, dispose, listeners } = listen();
  send("SIGINT");
  expect(state()).toEqual([true, false, false]);
  expect(signal.reason).toMatchObject({ code: "INTERRUPTED", exitCode: 130 });
  // The copy that bin/run.js passes on is the same wish.
  await pass(100);
  send("SIGINT");
  expect(state()).toEqual([true, false, false]);
  await pass(1_000);
  send("SIGINT");
  expect(state()).toEqual([true, true, false]);
  await pass(1_000);
  send("SIGINT");
  expect(exits).toEqual([130]);
  dispose();
  expect(listeners()).toBe(0);
});

it.each(["SIGTERM", "SIGHUP"] as const)(
  "%s is no second Ctrl-C, nor are two of them: leave, and break nothing off",
  async (name) => {
    const { send, pass, state, exits, detach } = listen();
    send("SIGINT");
    await pass(7_500);
    send(name);
    expect(state()).toEqual([true, false, true]);
    expect(detach.reason).toMatchObject({ code: "INTERRUPTED", message: `interrupted by ${name}` });
    await pass(2_000);
    send(name);
    await pass(2_000);
    send(name === "SIGTERM" ? "SIGHUP" : "SIGTERM");
    expect([state(), exits]).toEqual([[true, false, true], []]);
  },
);

it.each(["SIGTERM", "SIGHUP"] as const)(
  "%s alone means the same, and a Ctrl-C after it is a first one",
  async (name) => {
    const { send, pass, state, exits } = listen();
    send(name);
    expect(state()).toEqual([true, false, true]);
    await pass(1_000);
    send("SIGINT");
    expect([state(), exits]).toEqual([[true, false, true], []]);
    await pass(1_000);
    send("SIGINT");
    expect(state()).toEqual([true, true, true]);
  },
);

it("where nobody sits there to press again, patience with what is at work has an end", async () => {
  const { send, pass, state } = listen(5_000);
  await pass(60_000);
  expect(state()).toEqual([false, false, false]);
  send("SIGINT");
  await pass(4_999);
  expect(state()).toEqual([true, false, false]);
  await pass(1);
  expect(state()).toEqual([true, false, true]);
});

it("what has ended in time is not left", async () => {
  const { send, pass, state, dispose } = listen(5_000);
  send("SIGINT");
  dispose();
  await pass(60_000);
  expect(state()).toEqual([true, false, false]);
});

it("once all is done, the next wish leaves, and the copy of an earlier one does not", async () => {
  const { send, pass, exits, leaveBy } = listen();
  send("SIGINT");
  leaveBy(() => exits.push(0));
  await pass(100);
  send("SIGINT");
  expect(exits).toEqual([]);
  await pass(1_000);
  send("SIGINT");
  expect(exits).toEqual([0]);
  send("SIGTERM");
  expect(exits).toEqual([0, 0]);
});
