import { describe, expect, it } from "vitest";
import type { Container } from "../../../src/lib/compose/containers.ts";
import { parseEvent } from "../../../src/lib/compose/events.ts";
import { containerFailure } from "../../../src/lib/compose/failure.ts";
import { lastExits } from "../../../src/lib/compose/last-exit.ts";

const container = { id: "abc", service: "web", status: "running", restarts: 1, exitCode: 0, error: "", healthLog: [] };
const of = (change: Partial<Container> = {}): Container => ({ ...container, ...change }) as unknown as Container;
const died = (id: string, exitCode: string) =>
  parseEvent(JSON.stringify({ Action: "die", Actor: { ID: id, Attributes: { exitCode } } }));

describe("the last exit code", () => {
  it("of a container that was started again is the one that an event told", () => {
    const exits = lastExits();
    exits.hear(died("abc", "3"));
    exits.hear(died("other", "4"));
    exits.hear(undefined);
    expect(exits.known([of()])).toEqual([of({ exitCode: 3 })]);
  });

  it("of any other is what the engine says", () => {
    const exits = lastExits();
    exits.hear(died("abc", "3"));
    const others = [of({ restarts: 0 }), of({ status: "exited", exitCode: 1 }), of({ id: "new" })];
    expect(exits.known(others)).toEqual(others);
  });
});

it("one that ended without a word is not looked up in a log", () => {
  const adviceOf = (log: string[]) => containerFailure({ container: of(), reason: "ended", log }).advice;
  expect(adviceOf([])).toEqual(["web has written nothing: run its command by hand, or let it say why it ends"]);
  expect(adviceOf(["no"])).toEqual(["look at the log of web above"]);
});
