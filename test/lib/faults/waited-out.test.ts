import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands, type FleetWorld, fleetWorld } from "./fleet-world.ts";
import type { Kind } from "./gate.ts";

// What publish and promote do with each fault of each call is in publish.test.ts and promote.test.ts; here all of them cost time and nothing else.

/** One after another, with one try of the SDK's each. The late answer comes last. */
const troubles = ["throttled", "reset", "error-500", "throttled", "error-503", "lost-reply", "delayed"] as const;

/** What is not sent twice is found after its lost reply: there no late one follows. */
const sent = [
  ["throttled", "throttled", "error-500", "lost-reply"],
  ["reset", "error-503", "delayed"],
] as const;
const ways = (call: string): readonly (readonly Kind[])[] => (call.startsWith("SendCommand ") ? sent : [troubles]);

/** How often it is looked whether hosts are done is by chance. */
const always = (call: string): boolean => !/^(?:ListCommands|ListCommandInvocations .*) #(?!1$)/.test(call);

/** Whoever has not had a sign of its own lease for long looks at it before giving it up: how long that is hangs on those looks. */
const lastLook = (calls: readonly string[]): string | undefined => {
  const before = calls[calls.findIndex((call) => call.startsWith("DeleteParameter /threads/prod/lock ")) - 1];
  return before?.startsWith("GetParameters ") === true ? before : undefined;
};

let world: FleetWorld;
beforeAll(async () => {
  world = await fleetWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe.each(commands)(
  "%s, when any one call of AWS is throttled, cut off, answered 5xx, lost and late",
  (command) => {
    test("does what it does otherwise", async () => {
      const { gate } = world.faults;
      await world.restore();
      gate.open();
      const result = await world.run(command);
      const state = await world.state();
      const calls = gate.calls.filter(always);
      expect(calls).not.toEqual([]);
      const byChance = lastLook(calls);
      const problems: string[] = [];
      for (const [call, kind] of calls.flatMap((call) => ways(call).map((way) => [call, way] as const))) {
        await world.restore();
        gate.open({ fault: { call, kind, times: kind.length } });
        const seen = await world.run(command).catch((error: unknown) => error);
        if (!gate.met && call !== byChance) problems.push(`${call} was not met`);
        try {
          expect(seen).toEqual(result);
          expect(await world.state()).toEqual(state);
        } catch (error) {
          problems.push(`${call}: ${(error as Error).message}`);
        }
      }
      expect(problems).toEqual([]);
    });
  },
);
