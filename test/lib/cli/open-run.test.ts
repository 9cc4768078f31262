import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isRecorded } from "../../../src/lib/cli/open-run.ts";
import { commandsFromSource } from "../../fakes/commands.ts";

const commands = (await commandsFromSource(fileURLToPath(new URL("../../..", import.meta.url)))).map(({ id }) =>
  id.replaceAll(":", " "),
);

/** They only look, set up this machine, or run what is another's affair. */
const leaveNone =
  /^(?:board|completion.*|config|doctor|ecs render|exec|explain|gates|help|history|init|logs|metrics|open|policy (?:iam|show)|report|sandbox .*|smoke list|status)$/;

test("each command leaves a record, or is known for not to", () => {
  const recorded = commands.filter((command) => isRecorded({ command, argv: [] }));
  expect(commands.filter((command) => recorded.includes(command) === leaveNone.test(command))).toEqual([]);
  expect(recorded).toContain("deploy");
});

test("a plan is no run, but what is behind two dashes is another's", () => {
  expect(isRecorded({ command: "test", argv: ["--dry-run"] })).toBe(false);
  expect(isRecorded({ command: "test", argv: ["--", "--dry-run"] })).toBe(true);
});
