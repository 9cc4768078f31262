import { expect, it } from "vitest";
import { unreadable } from "../../../src/lib/compose/env-reader.ts";
import { CommandFailed } from "../../../src/lib/process/processes.ts";

it.each([
  [
    "line 3: key cannot contain a space",
    "compose cannot read line 3 of .env: write NAME=value, or NAME='value' where the value has a # or a quotation mark",
  ],
  [
    'failed to read /x/app.env: line 2: unexpected character "%" in variable name near "P%=secret"',
    "compose cannot read line 2 of .env: write NAME=value, or NAME='value' where the value has a # or a quotation mark",
  ],
  ['unterminated quoted value "secret', "compose cannot read .env: a quotation mark is never closed"],
  ['line 4: unterminated quoted value "secret', "compose cannot read line 4 of .env: a quotation mark is never closed"],
  [
    'Invalid template: "${secret"',
    "compose cannot read .env: a value has a ${ that does not end; put that value into single quotes",
  ],
  [
    "required variable PORT is missing a value: secret",
    "compose cannot read .env: a value wants the variable PORT, which is not set there before it",
  ],
  ["secret", "compose cannot read .env"],
])("%s", (said, message) => {
  const command = { file: "docker", args: ["compose"] };
  const failure = new CommandFailed({ command, exitCode: 15, tail: [said], reason: "exited with 15" });
  expect(unreadable(failure, ".env")).toBe(message);
});
