import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { factsOf, kinds } from "../../src/lib/actions/completion/facts.ts";
import { groups } from "../../src/lib/cli/help.ts";
import { commandsFromSource } from "../fakes/commands.ts";

const commands = await commandsFromSource(fileURLToPath(new URL("../..", import.meta.url)));
const named = commands.flatMap(({ flags, args }) => [
  ...Object.values(flags).filter(({ type }) => type === "option"),
  ...Object.values(args),
]);

/** Only the person knows them, or only AWS does. */
const sizes = [
  "batch",
  "budget",
  "duration",
  "limit",
  "lock",
  "max-unavailable",
  "observe",
  "port",
  "rate",
  "since",
  "tail",
  "timeout",
  "weights",
];
const asked = [
  "as",
  "before",
  "branch",
  "comment",
  "break",
  "digest",
  "continue",
  "deployment",
  "github",
  "grep",
  "host",
  "hosts",
  "key",
  "lift-hold",
  "reason",
  "role",
  "run",
  "stack",
  "supersede",
  "without",
];
const unknown = [...asked, ...sizes].toSorted();

it("every value that a command takes is completed, or is known to be anybody's", () => {
  const open = named.filter((one) => !("options" in one && one.options !== undefined) && kinds[one.name] === undefined);
  expect([...new Set(open.map(({ name }) => name))].toSorted()).toEqual(unknown);
});

it("completes no name that no command takes", () => {
  const names = new Set(named.map(({ name }) => name));
  expect(Object.keys(kinds).filter((name) => !names.has(name))).toEqual([]);
});

it("a flag takes a value in every command or in none: fish counts on it", () => {
  const all = factsOf(commands).flatMap(({ flags }) => flags);
  const taking = new Set(all.filter(({ value }) => value !== undefined).map(({ long }) => long));
  expect(all.filter(({ long, value }) => value === undefined && taking.has(long))).toEqual([]);
});

it("the root help has every command in one group", () => {
  const first = commands.map(({ id }) => id).filter((id) => !id.includes(":"));
  expect(Object.values(groups).flat().toSorted()).toEqual(first.toSorted());
});
