import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { notUnderstood } from "../../../src/lib/cli/command-not-found.ts";
import { commandsFromSource } from "../../fakes/commands.ts";

const commands = await commandsFromSource(fileURLToPath(new URL("../../..", import.meta.url)));
const config = {
  commandIDs: commands.map(({ id }) => id),
  topics: [{ name: "sandbox" }],
  findCommand: (id: string) => commands.find((command) => command.id === id),
} as Parameters<typeof notUnderstood>[1];

it.each([
  ["status prod", "USAGE", "Unexpected argument: prod", "threads status -e prod"],
  ["doctor staging", "USAGE", "Unexpected argument: staging", "threads doctor -e staging"],
  ["status prod staging", "USAGE", "Unexpected argument: prod staging", "threads status --help"],
  ["publish HEAD", "USAGE", "Unexpected argument: HEAD", "threads publish --help"],
  ["sandbox down now", "USAGE", "Unexpected argument: now", "threads sandbox down --help"],
  ["-h", "UNKNOWN_COMMAND", 'there is no command "-h"', "threads --help"],
  ["help", "UNKNOWN_COMMAND", 'there is no command "help"', "threads --help"],
  ["help deploy", "UNKNOWN_COMMAND", 'there is no command "help deploy"', "threads deploy --help"],
  ["help sandbox env", "UNKNOWN_COMMAND", 'there is no command "help sandbox env"', "threads sandbox env --help"],
  ["help me", "UNKNOWN_COMMAND", 'there is no command "help me"', "threads --help"],
  ["-v", "UNKNOWN_COMMAND", 'there is no command "-v"', "threads --version"],
  ["version", "UNKNOWN_COMMAND", 'there is no command "version"', "threads --version"],
  ["deplyo", "UNKNOWN_COMMAND", 'there is no command "deplyo", did you mean "deploy"?', "threads deploy --help"],
  [
    "sandbox upp",
    "UNKNOWN_COMMAND",
    'there is no command "sandbox upp", did you mean "sandbox up"?',
    "threads sandbox up --help",
  ],
  ["xyzzy", "UNKNOWN_COMMAND", 'there is no command "xyzzy"', "threads --help"],
])("%s", (typed, code, message, next) => {
  const failure = notUnderstood(typed, config);
  expect(failure).toMatchObject({ code, message, exitCode: 2 });
  expect(failure.next[0]).toBe(next);
});
