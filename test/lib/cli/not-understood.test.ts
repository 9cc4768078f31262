import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { forWhomever, notUnderstood } from "../../../src/lib/cli/not-understood.ts";
import { commandsFromSource } from "../../fakes/commands.ts";

const commands = await commandsFromSource(fileURLToPath(new URL("../../..", import.meta.url)));
const config = {
  commandIDs: commands.map(({ id }) => id),
  topics: [{ name: "sandbox" }],
  findCommand: (id: string) => commands.find((command) => command.id === id),
} as Parameters<typeof notUnderstood>[1];

it.each([
  ["status prod", "USAGE", "Unexpected argument: prod", ["threads status -e prod", "threads status --help"]],
  ["doctor staging", "USAGE", "Unexpected argument: staging", ["threads doctor -e staging", "threads doctor --help"]],
  ["status prod staging", "USAGE", "Unexpected arguments: prod staging", ["threads status --help"]],
  ["publish HEAD", "USAGE", "Unexpected argument: HEAD", ["threads publish", "threads publish --help"]],
  ["publish 3f9c2ab", "USAGE", "Unexpected argument: 3f9c2ab", ["threads publish --help"]],
  ["sandbox down now", "USAGE", "Unexpected argument: now", ["threads sandbox down --help"]],
  [
    "deplyo",
    "UNKNOWN_COMMAND",
    'there is no command "deplyo", did you mean "deploy"?',
    ["threads deploy", "threads deploy --help"],
  ],
  ["hlep", "UNKNOWN_COMMAND", 'there is no command "hlep", did you mean "help"?', ["threads help"]],
  ["ecr-repo", "UNKNOWN_COMMAND", 'there is no command "ecr-repo", it is a subject', ["threads help ecr-repo"]],
  [
    "ecr-rpeo",
    "UNKNOWN_COMMAND",
    'there is no command "ecr-rpeo", did you mean "ecr-repo"?',
    ["threads help ecr-repo"],
  ],
  [
    "promtoe 3f9c2ab",
    "UNKNOWN_COMMAND",
    'there is no command "promtoe 3f9c2ab", did you mean "promote"?',
    ["threads promote 3f9c2ab", "threads promote --help"],
  ],
  [
    "sandbox upp",
    "UNKNOWN_COMMAND",
    'there is no command "sandbox upp", did you mean "sandbox up"?',
    ["threads sandbox up", "threads sandbox up --help"],
  ],
  // What is the same in both is no likeness.
  ["sandbox nope", "UNKNOWN_COMMAND", 'there is no command "sandbox nope"', ["threads sandbox --help"]],
  ["sandbx", "UNKNOWN_COMMAND", 'there is no command "sandbx", did you mean "sandbox"?', ["threads sandbox --help"]],
  ["xyzzy", "UNKNOWN_COMMAND", 'there is no command "xyzzy"', ["threads --help"]],
])("%s", (typed, code, message, next) => {
  expect(notUnderstood(typed, config)).toMatchObject({ code, message, next, exitCode: 2 });
});

it("keeps the flags that stood behind it, but for those that ask for a page", () => {
  expect(notUnderstood("deplyo", config, ["-e", "prod", "--force"]).next[0]).toBe("threads deploy -e prod --force");
  expect(notUnderstood("status prod", config, ["--json"]).next[0]).toBe("threads status --json -e prod");
  expect(notUnderstood("deplyo", config, ["--help"]).next).toEqual(["threads deploy --help"]);
});

it("names what is next as the line was begun", () => {
  const failure = notUnderstood("deplyo", config, ["-e", "prod"]);
  const npx = { npm_lifecycle_event: "npx", npm_lifecycle_script: "threads" };
  expect(forWhomever(failure, config, npx).next[0]).toBe("npx threads deploy -e prod");
  expect(forWhomever(failure, config, {}).next).toEqual(failure.next);
});
