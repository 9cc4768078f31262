import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "@oclif/core";
import { describe, expect, it } from "vitest";
import { outcomes } from "../../src/lib/errors/exit-codes.ts";
import { commandsFromSource } from "../fakes/commands.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const commands = await commandsFromSource(root);

/** Everything about a command that a workflow may lean on; wording is free to change. */
function surface(command: Command.Loadable): Record<string, unknown> {
  const flags = Object.values(command.flags).map((flag) => {
    const kind = flag.type === "boolean" ? "" : `=${flag.options?.join("|") ?? String(flag.helpValue ?? "value")}`;
    return `--${flag.name}${flag.char === undefined ? "" : `, -${flag.char}`}${kind}${flag.required === true ? " (required)" : ""}`;
  });
  const args = Object.values(command.args).map((arg) => (arg.required === true ? arg.name : `[${arg.name}]`));
  return { args, flags: flags.toSorted() };
}

describe("the command surface", () => {
  it("is what the snapshot says (a change here is a change of the contract)", () => {
    expect(Object.fromEntries(commands.map((command) => [command.id, surface(command)]))).toMatchSnapshot();
  });

  it("keeps the exit codes", () => {
    expect(Object.fromEntries(Object.entries(outcomes).map(([name, { exit }]) => [name, exit]))).toMatchSnapshot();
  });

  it.each(commands)("$id has a summary, a description, examples and --json", (command) => {
    expect(command.summary).toMatch(/^[A-Z].+[^.]$/);
    expect(command.description?.length).toBeGreaterThan(40);
    expect(command.examples?.length).toBeGreaterThan(0);
    expect(Object.keys(command.flags)).toContain("json");
  });

  it.each(commands)("$id takes no argument from stdin, where a loop of a shell has something else", async (command) => {
    // oclif reads it where one is missing: `while read -r host; do threads deploy -e prod; done <hosts`.
    const { args } = await command.load();
    expect(Object.values(args).filter(({ ignoreStdin }) => ignoreStdin !== true)).toEqual([]);
  });

  /** They only look, or leave nothing behind; what `sandbox exec` runs is another's affair. */
  const changeNothing =
    /^(?:board|completion|config|doctor|ecs:render|explain|gates|help|logs|metrics|open|policy:(?:iam|show)|report|smoke:list|status|test|sandbox:(?:env|exec|status))$/;

  it.each(commands.filter(({ id }) => !changeNothing.test(id)))(
    "$id has --dry-run, since it changes something",
    (command) => {
      expect(Object.keys(command.flags)).toContain("dry-run");
    },
  );

  it("is found by oclif under the same names", async () => {
    const files = readdirSync(`${root}/src/commands`, { recursive: true, encoding: "utf8" });
    const ids = files.filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -3).replaceAll("/", ":"));
    expect(commands.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  });
});
