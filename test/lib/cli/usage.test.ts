import { expect, it } from "vitest";
import { lacksEnvironment, notParsed } from "../../../src/lib/cli/usage.ts";

// On a terminal oclif paints its complaints: what it says is the same.
const painted = new Error(
  "\u001B[2mMissing required flag environment\u001B[22m\n\u001B[2mSee more help with --help\u001B[22m",
);

it("a missing environment is understood in colour, too", () => {
  expect(lacksEnvironment(painted)).toBe(true);
  const asked = { line: { command: "deploy", argv: [] }, flags: ["environment"], environments: ["staging", "prod"] };
  expect(notParsed(painted, asked)).toMatchObject({
    message: "-e must say which environment: staging, prod",
  });
});

it("no escape sequence of oclif's comes into a sentence of ours", () => {
  const other = new Error("\u001B[2mSomething else\u001B[22m");
  const asked = { line: { command: "deploy", argv: [] }, flags: [] };
  const { message } = notParsed(other, asked);
  expect(message).toBe("Something else");
});
