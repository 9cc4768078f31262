import { describe, expect, it } from "vitest";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { failureFor, nextFor, resultFor } from "../../../src/lib/cli/next-for.ts";
import { programOf } from "../../../src/lib/cli/program.ts";

const commands = ["sandbox", "sandbox env", "deploy", "status", "smoke", "publish", "test"];
const typed = (command: string, ...argv: string[]) => ({
  line: { command, argv },
  commands,
  looksOnly: false,
  inSandbox: false,
  program: "threads",
});

it.each([
  ["threads deploy -e prod HEAD", "threads deploy --config a.yml -e prod HEAD"],
  ["threads smoke && threads publish", "threads smoke --config a.yml && threads publish --config a.yml"],
  ['eval "$(threads sandbox env)"', 'eval "$(threads sandbox env --config a.yml)"'],
  ["threads test -- -k foo", "threads test --config a.yml -- -k foo"],
  // One page for all files; what has a file; other programs, and commands that there are not.
  ["threads deploy --help", "threads deploy --help"],
  ["threads deploy -e prod --config=b.yml", "threads deploy -e prod --config=b.yml"],
  ["aws ecr describe-images --repository-name threads/web", "aws ecr describe-images --repository-name threads/web"],
  ["npm install threads@latest", "npm install threads@latest"],
])("is about the file that was named: %s", (told, meant) => {
  expect(nextFor([told], typed("status", "--config", "a.yml"))).toEqual([meant]);
  expect(nextFor([told], typed("status", "--config=a.yml", "-e", "prod"))).toEqual([meant]);
  expect(nextFor([told], typed("status", "-e", "prod"))).toEqual([told]);
  // That one is of the suites.
  expect(nextFor([told], typed("test", "--", "--config", "a.yml"))).toEqual([told]);
});

it("quotes the file's name where a shell would read it otherwise", () => {
  expect(nextFor(["threads smoke"], typed("smoke", "--config", "my $& file.yml"))).toEqual([
    "threads smoke --config 'my $& file.yml'",
  ]);
});

it("does not send whoever only looks to look again", () => {
  const looking = { ...typed("status", "-e", "prod"), looksOnly: true };
  const told = ["threads status -e prod", "threads status", "threads deploy -e prod HEAD"];
  expect(nextFor(told, looking)).toEqual(["threads deploy -e prod HEAD"]);
  expect(nextFor(told, typed("deploy", "-e", "prod"))).toEqual(told);
  expect(nextFor(told, { ...typed("status"), looksOnly: true })).toEqual(["threads deploy -e prod HEAD"]);
  for (const argv of [["-e", "dev"], ["--environment=dev"], ["-edev", "--json"]])
    expect(
      nextFor(["threads status -e dev", "threads status -e prod"], { ...typed("status", ...argv), looksOnly: true }),
    ).toEqual(["threads status -e prod"]);
});

it("finds the commands wherever they stand in a result, and leaves all else as it is", () => {
  const told = new Map([["secret", 1]]);
  const result = {
    next: ["threads smoke"],
    checks: [{ says: "threads smoke", next: ["threads publish"], advice: ["begin again with threads smoke"] }],
    undo: "threads deploy -e prod HEAD",
    freeze: { lift: "threads deploy --lift" },
    none: null,
    told,
  };
  const options = typed("status", "--config", "a.yml");
  expect(resultFor(result, options)).toEqual({
    next: ["threads smoke --config a.yml"],
    checks: [
      {
        says: "threads smoke",
        next: ["threads publish --config a.yml"],
        advice: ["begin again with threads smoke --config a.yml"],
      },
    ],
    undo: "threads deploy --config a.yml -e prod HEAD",
    freeze: { lift: "threads deploy --config a.yml --lift" },
    none: null,
    told,
  });
  expect(resultFor(result, options).told).toBe(told);
});

it.each([
  ["threads deploy -e prod HEAD", "npx threads deploy -e prod HEAD"],
  ["threads smoke && threads publish", "npx threads smoke && npx threads publish"],
  ['eval "$(threads sandbox env)"', 'eval "$(npx threads sandbox env)"'],
  ["begin again with threads smoke", "begin again with npx threads smoke"],
  ["threads sandbox --help", "npx threads sandbox --help"],
  ["threads --help", "npx threads --help"],
  // Other programs, and what is only called so.
  ["aws ecr describe-images --repository-name threads/web", "aws ecr describe-images --repository-name threads/web"],
  ["docker compose -p threads down", "docker compose -p threads down"],
  ["look at the threads of status", "look at the threads of status"],
])("is found by the shell of whoever has started us with npx: %s", (told, meant) => {
  const options = { ...typed("deploy"), program: "npx threads" };
  expect(nextFor([told], options)).toEqual([meant]);
  expect(nextFor([told], typed("deploy"))).toEqual([told]);
});

it.each([
  [{ npm_lifecycle_event: "npx", npm_lifecycle_script: "'threads'" }, "npx threads"],
  [{ npm_lifecycle_event: "npx", npm_lifecycle_script: "threads" }, "npx threads"],
  [{ npm_lifecycle_event: "npx", npm_lifecycle_script: "vitest run" }, "threads"],
  [{ npm_lifecycle_event: "release", npm_lifecycle_script: "threads publish" }, "threads"],
  [{}, "threads"],
])("%o is started as %s", (env, program) => {
  expect(programOf(env)).toBe(program);
});

describe("a failure", () => {
  const noHosts = new ThreadsError("NO_HOSTS", {
    message: "no host",
    next: ["threads status -e prod", "threads sandbox up"],
    advice: ["or deploy with threads deploy"],
  });

  it("offers a sandbox only to whom it mends anything", () => {
    expect(failureFor(noHosts, typed("deploy")).next).toEqual(["threads status -e prod"]);
    for (const options of [{ ...typed("deploy"), inSandbox: true }, typed("sandbox status"), typed("init")])
      expect(failureFor(noHosts, options).next).toEqual(noHosts.next);
  });

  it("is about the same file, in its advice too", () => {
    expect(failureFor(noHosts, typed("status", "--config=a.yml")).advice).toEqual([
      "or deploy with threads deploy --config a.yml",
    ]);
  });

  it("whose only command is the one that was typed leaves something to do", () => {
    const only = new ThreadsError("NO_HOSTS", { message: "no host", next: ["threads status -e prod"] });
    const { next, advice } = failureFor(only, { ...typed("status", "-e", "prod"), looksOnly: true });
    expect([next, advice]).toEqual([[], ["look again in a minute"]]);
  });

  it("of a line that was not understood keeps what was meant: nothing has been looked at", () => {
    const unread = new ThreadsError("USAGE", {
      message: "no flag --env",
      next: ["threads status -e prod", "threads status --help"],
    });
    expect(failureFor(unread, { ...typed("status", "--env", "prod"), looksOnly: true })).toMatchObject({
      next: unread.next,
      advice: [],
    });
  });

  it("that is an interruption is begun again by the line that began it, where nobody knows better", () => {
    const bare = new ThreadsError("INTERRUPTED", { message: "interrupted by SIGINT" });
    expect(failureFor(bare, typed("smoke", "--quiet")).next).toEqual(["threads smoke --quiet"]);
    expect(failureFor(bare, { ...typed("status"), looksOnly: true }).next).toEqual([]);
    const known = bare.with({ next: ["threads publish"] });
    expect(failureFor(known, typed("deploy")).next).toEqual(["threads publish"]);
    expect(failureFor(bare.with({ advice: ["what it has done stays done"] }), typed("test")).next).toEqual([]);
  });
});
