import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { listenForInterrupts } from "../../../src/lib/cli/signals.ts";

function fakeProcess(): { process: NodeJS.Process; exits: number[] } {
  const exits: number[] = [];
  const process = Object.assign(new EventEmitter(), { exit: (code: number) => exits.push(code) });
  return { process: process as unknown as NodeJS.Process, exits };
}

it("stops at the first signal, hurries at the second, leaves at the third", () => {
  const { process, exits } = fakeProcess();
  let now = 0;
  const { signal, hurry, dispose } = listenForInterrupts(process, () => now);
  process.emit("SIGINT", "SIGINT");
  expect([signal.aborted, hurry.aborted]).toEqual([true, false]);
  expect(signal.reason).toMatchObject({ code: "INTERRUPTED", exitCode: 130 });
  now = 100;
  process.emit("SIGINT", "SIGINT");
  expect(hurry.aborted).toBe(false);
  now = 1_000;
  process.emit("SIGTERM", "SIGTERM");
  expect(hurry.aborted).toBe(true);
  now = 2_000;
  process.emit("SIGINT", "SIGINT");
  expect(exits).toEqual([130]);
  dispose();
  expect(process.listenerCount("SIGINT")).toBe(0);
});
