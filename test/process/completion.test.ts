import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { factsOf } from "../../src/lib/actions/completion/facts.ts";
import { completionScript, type Shell, shells } from "../../src/lib/actions/completion/script.ts";
import { commandsFromSource } from "../fakes/commands.ts";
import { testRepository } from "../lib/source/repository.ts";

// The completions in the shells themselves, which bin/setup installs, beside a repository and no threads at all.

const root = fileURLToPath(new URL("../..", import.meta.url));
const commands = factsOf(await commandsFromSource(root));
const topics = {
  ecs: "What a release is on ECS",
  policy: "Who may do what",
  sandbox: "A complete world on this machine",
};
const home = mkdtempSync(join(tmpdir(), "threads-completion-"));
const repository = testRepository();
const scripts = Object.fromEntries(shells.map((shell) => [shell, join(home, `threads.${shell}`)])) as Record<
  Shell,
  string
>;

beforeAll(() => {
  for (const shell of shells)
    writeFileSync(scripts[shell], completionScript(shell, { commands, topics, version: "1.2.3" }));
  repository.write("threads.yml", readFileSync(join(root, "threads.yml"), "utf8"));
  repository.commit("first");
  // A branch may have such a name, and a shell must never run it.
  for (const branch of ["feature/basket", "$(touch pwned)", "`touch pwned`", "a;touch-pwned"].map((name) =>
    name.replaceAll(" ", "${IFS}"),
  ))
    execFileSync("git", ["branch", branch], { cwd: repository.root });
  mkdirSync(join(repository.root, "below", "it"), { recursive: true });
});
afterAll(() => {
  repository[Symbol.dispose]();
  rmSync(home, { recursive: true });
});

interface Place {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a shell offers for a line whose end is where the person presses Tab; the part of the word behind its `=` only. */
type Complete = (line: string, place?: Place) => Promise<string[]>;

async function run(file: string, args: readonly string[], { cwd = repository.root, env = {} }: Place): Promise<string> {
  const clean = { HOME: home, PATH: process.env["PATH"], TERM: "dumb", ...env };
  const { stdout, stderr } = await promisify(execFile)(file, args, { cwd, env: clean, timeout: 60_000 });
  expect(stderr).toBe("");
  return stdout;
}

const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");

/** As readline calls it, which takes a = for a word of its own. */
const bash: Complete = async (line, place = {}) => {
  const words = line
    .split(" ")
    .flatMap((word) =>
      word.split(/(=)/).filter((part, at, all) => part !== "" || all.length === 1 || at === all.length - 1),
    );
  const program = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _threads; printf "%s\\n" "${COMPREPLY[@]}"';
  return linesOf(await run("bash", ["--norc", "-c", program, scripts.bash, ...words], place));
};

/** A zsh in a terminal of its own, whose compadd writes down what it is given. */
const zsh: Complete = async (line, place = {}) => {
  const out = join(home, "zsh-out");
  const setUp = join(home, "zsh-set-up");
  writeFileSync(
    setUp,
    `autoload -Uz compinit && compinit -u -D
source ${scripts.zsh}
compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  typeset -a __hits
  builtin compadd -A __hits "$@"
  print -rl -- $__hits >>${out}
  builtin compadd "$@"
}
zle -C complete-word .complete-word _main_complete
told() { zle complete-word; print END >>${out}; zle send-break }
zle -N told
bindkey '^I' told
`,
  );
  const program = `zmodload zsh/zpty
: >${out}
zpty z zsh -f -i
zpty -w z "source ${setUp}"
zpty -w -n z "$1"$'\\t'
until grep -q END ${out}; do zpty -r -t z seen >/dev/null 2>&1; sleep 0.02; done
zpty -d z`;
  await run("zsh", ["-f", "-c", program, "zsh", line], place);
  return linesOf(readFileSync(out, "utf8")).filter((word) => word !== "END");
};

const fish: Complete = async (line, place = {}) => {
  const text = await run("fish", ["--no-config", "-c", `source ${scripts.fish}; complete -C $argv[1]`, line], place);
  return linesOf(text).map((row) => row.split("\t")[0]!.replace(/^--[^=]+=/, ""));
};

describe.each([
  ["bash", bash],
  ["zsh", zsh],
  ["fish", fish],
] as const)("in %s", (shell, complete) => {
  const cases: readonly [string, readonly string[]][] = [
    ["threads dep", ["deploy"]],
    ["threads sandbox ", ["down", "env", "exec", "status", "up"]],
    ["threads deploy --d", ["--dry-run"]],
    ["threads deploy -e ", ["dev", "staging", "prod"]],
    ["threads deploy --environment st", ["staging"]],
    ["threads deploy --environment=p", ["prod"]],
    ["threads deploy main -e prod --reason why --fo", ["--force"]],
    ["threads exec -e prod ", ["web", "celery", "celery-beat", "nginx"]],
    ["threads exec -e prod -- ce", ["celery", "celery-beat"]],
    ["threads exec -e prod web ", []],
    ["threads promote --override so", ["soak"]],
    ["threads explain TAG_M", ["TAG_MOVED"]],
    ["threads completion ", ["bash", "fish", "install", "uninstall", "zsh"]],
    ["threads completion install z", ["zsh"]],
    ["threads help ga", ["gates"]],
    ["threads help ecr", ["ecr-repo"]],
    ["threads help roll", ["rollback"]],
    ["threads sandbox env --shell ", ["fish", "github", "sh"]],
    ["threads freeze --reason ", []],
  ];

  it.each(cases)("%s", async (line, words) => {
    expect((await complete(line)).toSorted()).toEqual([...words].toSorted());
  });

  it("every command has its flags", async () => {
    const known = commands.find(({ words }) => words === "history")!.flags.map(({ long }) => long);
    expect((await complete("threads history --")).toSorted()).toEqual([...known, "--help"].toSorted());
    expect((await complete("threads ")).toSorted()).toEqual(
      [...new Set(commands.map(({ words }) => words.split(" ")[0]!))].toSorted(),
    );
  });

  it("a release is an environment, a branch or a commit, and none that a shell would run", async () => {
    const offered = await complete("threads deploy ");
    const short = execFileSync("git", ["log", "-1", "--format=%h"], { cwd: repository.root, encoding: "utf8" }).trim();
    expect(offered).toEqual(expect.arrayContaining(["prod", "staging", "feature/basket", short]));
    expect(offered.filter((word) => !/^[\w./-]+$/.test(word))).toEqual([]);
    expect(existsSync(join(repository.root, "pwned"))).toBe(false);
  });

  it("threads.yml is found from a folder below it, or where THREADS_CONFIG says", async () => {
    expect(await complete("threads status -e p", { cwd: join(repository.root, "below", "it") })).toEqual(["prod"]);
    const file = join(home, "other.yml");
    writeFileSync(file, "environments: {blue: {hosts: {tag: a=b}}, 'green': {}}\nservices:\n- one\n- two # second\n");
    const place = { env: { THREADS_CONFIG: file } };
    expect((await complete("threads status -e ", place)).toSorted()).toEqual(["blue", "green"]);
    expect((await complete("threads exec -e blue ", place)).toSorted()).toEqual(["one", "two"]);
  });

  it("where there is no threads.yml and no git repository nothing is offered, and nothing is said", async () => {
    for (const line of ["threads deploy -e ", "threads deploy ", "threads exec -e prod ", "threads nosuch "])
      expect(await complete(line, { cwd: home, env: { GIT_CEILING_DIRECTORIES: home } })).toEqual([]);
  });

  it(`${shell} starts no threads, and nothing but awk, git and grep`, () => {
    const text = readFileSync(scripts[shell], "utf8").replaceAll(
      /^.*(?:summary|complete -c|(?:next|args)=\().*$/gm,
      "",
    );
    expect(text).not.toMatch(/\$\(threads|`threads (?!completion)|\bnode\b|\baws\b|\bcurl\b/);
  });
});

it("the script for bash is clean under shellcheck", () => {
  execFileSync("shellcheck", ["-s", "bash", scripts.bash]);
  expect(readFileSync(scripts.bash, "utf8")).toContain("complete -F _threads threads");
});
