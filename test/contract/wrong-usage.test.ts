import { fileURLToPath } from "node:url";
import { type Command, Config } from "@oclif/core";
import { describe, expect, it, vi } from "vitest";
import { asThreadsError } from "../../src/lib/cli/report-failure.ts";
import { commandsFromSource } from "../fakes/commands.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const config = await Config.load({ root });
/** Imported here and not by oclif, so that their failures are of the class that this file knows. */
const commands = await Promise.all(
  (await commandsFromSource(root)).map(async ({ id }) => {
    const file = `${root}/src/commands/${id.replaceAll(":", "/")}.ts`;
    const { default: command } = (await import(file)) as { default: Command.Class };
    return Object.assign(command, { id });
  }),
);

type Flag = Command.Class["flags"][string];
type Option = Extract<Flag, { type: "option" }>;
const flagsOf = (command: Command.Class): [string, Flag][] =>
  Object.entries({ ...command.baseFlags, ...command.flags });
const optionsOf = (command: Command.Class): [string, Option][] =>
  flagsOf(command).flatMap(([name, flag]) => (flag.type === "option" ? [[name, flag] as [string, Option]] : []));

/** What a command cannot do without, so that only what is tried is wrong; there is no such configuration either way. */
const needed = (command: Command.Class): string[] => [
  ...optionsOf(command).flatMap(([name, flag]) => (flag.required === true ? [`--${name}=staging`] : [])),
  "--config=/nonexistent/threads.yml",
];
const without = (name: string, words: readonly string[]): string[] =>
  words.filter((word) => !word.startsWith(`--${name}=`));

/** Ways to type it wrongly, by what is wrong. */
function mistakes(command: Command.Class): [string, string[]][] {
  const base = needed(command);
  const tries: [string, string[]][] = [["an unknown flag", [...base, "--no-such-flag"]]];
  for (const [name, flag] of flagsOf(command)) {
    const others = without(name, base);
    if (flag.type === "boolean") {
      tries.push([`a value for --${name}`, [...base, `--${name}=false`]]);
      continue;
    }
    const values = flag.options ?? (flag.helpValue === "NUMBER" ? ["5"] : undefined);
    tries.push([`--${name} without its value`, [...others, `--${name}`]]);
    if (flag.multiple !== true)
      tries.push([`--${name} twice`, [...others, ...[0, 1].map(() => `--${name}=${values?.[0] ?? "x"}`)]]);
    for (const bad of values === undefined ? [] : ["foo", "0", "-3", "1.5", ""])
      tries.push([`--${name}=${bad}`, [...others, `--${name}=${bad}`]]);
  }
  return tries;
}

const failureOf = async (command: Command.Class, argv: string[]): Promise<ReturnType<typeof asThreadsError>> => {
  const run = new (command as unknown as new (argv: string[], config: Config) => { run(): Promise<void> })(
    argv,
    config,
  ).run();
  return run.then(
    () => Promise.reject(new Error(`threads ${command.id} ${argv.join(" ")} did something`)),
    (error: unknown) => asThreadsError(error),
  );
};

describe.each(commands)("threads $id", (command) => {
  it.each(mistakes(command))("takes for wrong usage: %s", async (_, argv) => {
    const failure = await failureOf(command, argv);
    expect(failure).toMatchObject({ code: "USAGE", exitCode: 2 });
    expect(failure.next.at(-1)).toBe(`threads ${command.id.replaceAll(":", " ")} --help`);
    expect(failure.message).not.toMatch(/\n|See more help/);
  });
});

it("tells two flags that exclude one another without a value that nobody typed", async () => {
  const freeze = commands.find(({ id }) => id === "freeze")!;
  const { message } = await failureOf(freeze, ["-e", "prod", "--lift", "--reason", "x"]);
  expect(message).toBe("--lift and --reason cannot be given together");
});

/** Nobody types it, so that neither it nor its beginning is near to a flag. */
const noFlag = "--zzz";

/** Ways to type a flag nearly right. */
function misspellings(command: Command.Class): [string, string][] {
  return flagsOf(command).flatMap(([name, flag]) => {
    const value = flag.type === "boolean" ? "" : "=5";
    const spelled = [name.slice(0, -1), `${name.slice(0, 1)}${name.slice(2)}`, name.replaceAll("-", "")];
    const known = new Set(flagsOf(command).map(([one]) => one));
    return [...new Set(spelled)]
      .filter((word) => word.length > 2 && !known.has(word))
      .map((word): [string, string] => [`--${word}${value}`, `--${name}${value}`]);
  });
}

describe.each(commands)("threads $id", (command) => {
  it.each(misspellings(command))("understands %s, and tells the line as it was meant", async (typed, meant) => {
    const name = /^--([^=]+)/.exec(meant)?.[1] ?? "";
    const base = name === "config" ? [] : without(name, needed(command));
    const { next, message } = await failureOf(command, [...base, typed]);
    const words = command.id.replaceAll(":", " ");
    expect(next[0]).toBe([`threads ${words}`, ...base, meant].join(" "));
    expect(message).toContain(`did you mean --${name}?`);
  });

  it("does not guess at what is near to nothing", async () => {
    const { next } = await failureOf(command, [...needed(command), noFlag]);
    const passesOn = !command.strict
      ? [["threads", command.id.replaceAll(":", " "), ...needed(command), "--", noFlag]]
      : [];
    expect(next.slice(0, -1)).toEqual(passesOn.map((line) => line.join(" ")));
  });
});

const examples = fileURLToPath(new URL("../../threads.yml", import.meta.url));
const asking = commands.filter((command) => flagsOf(command).some(([name]) => name === "environment"));

it.each(
  asking.filter((command) =>
    optionsOf(command).some(([name, { required }]) => name === "environment" && required === true),
  ),
)(
  "threads $id without an environment lists those that there are, with everything else as it was typed",
  async (command) => {
    const dev = ["approve", "ecs:render", "reject", "freeze", "open", "policy:push"].includes(command.id)
      ? ["dev"]
      : [];
    for (const argv of [[`--config=${examples}`], [`--config=${examples}`, "-e"]]) {
      const { next, message } = await failureOf(command, argv);
      const words = command.id.replaceAll(":", " ");
      const lines = [...dev, "staging", "prod"].map((name) => `threads ${words} --config=${examples} -e ${name}`);
      expect(next).toEqual([...lines, `threads ${words} --help`]);
      expect(message).toContain([...dev, "staging", "prod"].join(", "));
    }
  },
);

it.each(asking)("threads $id refuses an environment that there is not before it asks anybody", async (command) => {
  // What is promoted goes where gates are.
  const [meant, typed] = command.id === "promote" ? ["prod", "prdo"] : ["staging", "stagin"];
  const failure = await failureOf(command, ["--config", examples, `--environment=${typed}`]);
  expect(failure).toMatchObject({ code: "UNKNOWN_ENVIRONMENT", exitCode: 2 });
  expect(failure.message).toContain(`did you mean ${meant}?`);
  expect(failure.next[0]).toBe(`threads ${command.id.replaceAll(":", " ")} --config ${examples} -e ${meant}`);
});

it("threads promote offers the environments that have gates, and no other", async () => {
  const promote = commands.find(({ id }) => id === "promote")!;
  const { message, next } = await failureOf(promote, ["--config", examples, "-e", "stagin"]);
  expect(message).toMatch(/"stagin", only dev, staging, prod$/);
  expect(next).toEqual([`threads promote --config ${examples} -e prod`]);
});

it.each([["--override", "soka"], ["--override=soka"]])(
  "threads promote %s %s tells the gate that was meant",
  async (...typed) => {
    const promote = commands.find(({ id }) => id === "promote")!;
    const words = ["HEAD", "--config", examples, ...typed.filter(Boolean), "--reason", "a soka day"];
    const failure = await failureOf(promote, words);
    expect(failure).toMatchObject({ code: "UNKNOWN_GATE", exitCode: 2 });
    expect(failure.message).toContain("did you mean soak?");
    expect(failure.next[0]).toBe(
      `threads promote HEAD --config ${examples} ${typed.filter(Boolean).join(" ").replace("soka", "soak")} --reason 'a soka day'`,
    );
  },
);

it("a profile that AWS's files do not have is named", async () => {
  const history = commands.find(({ id }) => id === "history")!;
  const nothing = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_CONFIG_FILE: "/nonexistent" };
  const env = { ...nothing, AWS_SHARED_CREDENTIALS_FILE: "/nonexistent", AWS_EC2_METADATA_DISABLED: "true" };
  for (const [name, value] of Object.entries({ ...env, AWS_PROFILE: "nosuch", AWS_REGION: "eu-west-1" }))
    vi.stubEnv(name, value);
  const failure = await failureOf(history, ["--config", examples, "-e", "staging"]);
  vi.unstubAllEnvs();
  expect(failure).toMatchObject({ code: "NO_CREDENTIALS", exitCode: 3 });
  expect(failure.message).toContain('"nosuch"');
});

/**
/**
 * What is wrong with a configuration is what `doctor` is there to tell, `explain` explains just that, `help` just helps, and `init` makes one;
 * what `prune` removes may be another application's. Completions are of threads itself.
 */
const completions = ["completion", "completion:install", "completion:uninstall"];
const needNone = new Set(["doctor", "explain", "help", "init", "prune", ...completions]);

it.each(commands.filter(({ id }) => !needNone.has(id)))(
  "threads $id understands everything else, and says that there is no such configuration",
  async (command) => {
    const argv = [...needed(command), ...(command.id === "sandbox:exec" ? ["--", "true"] : [])];
    expect(await failureOf(command, argv)).toMatchObject({ code: "NO_CONFIG", exitCode: 2 });
  },
);

it.each(commands.filter(({ id, args }) => Object.keys(args).length > 0 && !needNone.has(id)))(
  "threads $id takes what comes after -- for its argument, whatever it looks like",
  async (command) => {
    for (const argument of ["--dry-run", "--json", "--supersede=5", "--no-such-flag"])
      expect(await failureOf(command, [...needed(command), "--", argument])).toMatchObject({ code: "NO_CONFIG" });
  },
);

it.each(completions)("threads %s takes what comes after -- for a shell, whatever it looks like", async (id) => {
  const command = commands.find((one) => one.id === id)!;
  expect(await failureOf(command, ["--", "--json"])).toMatchObject({ code: "UNKNOWN_SHELL", exitCode: 2 });
});

it("threads explain takes what comes after -- for a code, whatever it looks like", async () => {
  const explain = commands.find(({ id }) => id === "explain")!;
  expect(await failureOf(explain, ["--", "--json"])).toMatchObject({ code: "UNKNOWN_CODE" });
});
