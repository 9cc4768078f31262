import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Home } from "../../../../src/lib/actions/completion/place.ts";
import {
  installCompletion,
  type InstallPorts,
  printCompletion,
  removeCompletion,
} from "../../../../src/lib/actions/completion/run.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderCompletion } from "../../../../src/lib/output/render/completion.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "threads-home-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const subject = { commands: [], topics: {}, version: "1.0.0" };
function homeWith(env: Home["env"], files: Readonly<Record<string, string>> = {}): Home {
  const read = (path: string): string | undefined => {
    if (!path.startsWith(folder)) return files[path];
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  return { folder, env, read };
}

interface Given {
  readonly env?: Home["env"];
  readonly files?: Readonly<Record<string, string>>;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly version?: string;
  readonly confirm?: InstallPorts["confirm"];
}

const portsOf = ({ env = {}, files, version = "1.0.0", confirm }: Given): InstallPorts => ({
  subject: { ...subject, version },
  home: homeWith(env, files),
  confirm,
});
const install = (shell: string | undefined, given: Given = {}) =>
  installCompletion({ shell, yes: given.yes ?? true, dryRun: given.dryRun ?? false }, portsOf(given));
const remove = (shell: string | undefined, given: Given = {}) =>
  removeCompletion({ shell, yes: given.yes ?? true, dryRun: given.dryRun ?? false }, portsOf(given));

describe("where it is put", () => {
  test.each([
    ["bash", {}, ".local/share/bash-completion/completions/threads"],
    ["bash", { XDG_DATA_HOME: "data" }, "data/bash-completion/completions/threads"],
    ["bash", { BASH_COMPLETION_USER_DIR: "own" }, "own/completions/threads"],
    ["zsh", {}, ".zfunc/_threads"],
    ["zsh", { ZDOTDIR: "z" }, "z/.zfunc/_threads"],
    ["fish", {}, ".config/fish/completions/threads.fish"],
    ["fish", { XDG_CONFIG_HOME: "config" }, "config/fish/completions/threads.fish"],
  ])("%s with %j: %s", async (shell, names, place) => {
    const env = Object.fromEntries(Object.entries(names).map(([name, below]) => [name, join(folder, below)]));
    const { path, outcome } = await install(shell, { env });
    expect([path, outcome]).toEqual([join(folder, place), "installed"]);
    expect(readFileSync(path, "utf8")).toBe(printCompletion(shell, subject).script);
  });

  test("is the shell's of $SHELL where none is named", async () => {
    expect((await install(undefined, { env: { SHELL: "/usr/bin/fish" } })).shell).toBe("fish");
    for (const env of [{ SHELL: "/bin/tcsh" }, {}])
      await expect(install(undefined, { env })).rejects.toMatchObject({
        code: "UNKNOWN_SHELL",
        next: ["bash", "zsh", "fish"].map((shell) => `threads completion install ${shell}`),
      });
  });
});

describe("what is still to be done", () => {
  test("for bash is a line in .bashrc, unless bash-completion or that line is there", async () => {
    const { next, path } = await install("bash");
    expect(next).toEqual([`echo 'source ${path}' >> ${join(folder, ".bashrc")}`]);
    expect((await install("bash", { files: { "/usr/share/bash-completion/bash_completion": "" } })).next).toEqual([]);
    writeFileSync(join(folder, ".bashrc"), `source ${path}\n`);
    expect((await install("bash")).next).toEqual([]);
  });

  test("for zsh is a folder in fpath, unless .zshrc names it", async () => {
    const startUp = join(folder, ".zshrc");
    expect((await install("zsh")).next).toEqual([
      `echo 'fpath=(${join(folder, ".zfunc")} $fpath); autoload -Uz compinit && compinit' >> ${startUp}`,
    ]);
    writeFileSync(startUp, "fpath=(~/.zfunc $fpath)\n");
    expect((await install("zsh")).next).toEqual([]);
  });

  test("for fish is nothing", async () => {
    expect(await install("fish")).toMatchObject({ next: [], advice: ["a new shell has it"] });
  });
});

describe("the same again", () => {
  test("changes nothing, and another version replaces it", async () => {
    await install("fish");
    expect((await install("fish", { yes: false })).outcome).toBe("up-to-date");
    const { outcome, path } = await install("fish", { version: "1.0.1" });
    expect(outcome).toBe("replaced");
    expect(readFileSync(path, "utf8")).toContain("threads 1.0.1 for fish");
  });

  test("never touches what somebody else has put there", async () => {
    const path = join(folder, ".zfunc", "_threads");
    mkdirSync(dirname(path));
    writeFileSync(path, "#compdef threads\n# my own\n");
    for (const attempt of [install, remove])
      await expect(attempt("zsh")).rejects.toMatchObject({ code: "FILES_EXIST", exitCode: 3 });
    expect(readFileSync(path, "utf8")).toContain("my own");
  });
});

describe("without a wish", () => {
  test("nothing is written: in a dry run, where nobody is there to be asked, and where somebody says no", async () => {
    const asked: string[] = [];
    const no = async (what: string): Promise<boolean> => asked.push(what) < 0;
    for (const given of [{ dryRun: true }, { yes: false }, { yes: false, confirm: no }]) {
      const result = await install("fish", given);
      expect(result).toMatchObject({ outcome: "planned", next: ["threads completion install fish --yes"] });
      expect(existsSync(result.path)).toBe(false);
      expect(renderCompletion(result, plainPaint)[0]).toBe(`nothing was changed: ${result.path}`);
    }
    expect(asked).toEqual([`Write ${join(folder, ".config/fish/completions/threads.fish")}?`]);
  });

  test("and with one it is", async () => {
    const result = await install("fish", { yes: false, confirm: async () => true });
    expect(result.outcome).toBe("installed");
    expect(existsSync(result.path)).toBe(true);
  });
});

test("it is taken away again, once", async () => {
  const { path } = await install("bash");
  expect(await remove("bash", { dryRun: true })).toMatchObject({ outcome: "planned", path });
  expect(await remove("bash")).toMatchObject({ outcome: "removed", path });
  expect(existsSync(path)).toBe(false);
  expect((await remove("bash")).outcome).toBe("not-installed");
});

test.each([
  ["fisch", ["threads completion fish"]],
  ["instal", ["threads completion install"]],
  ["powershell", ["threads completion bash", "threads completion zsh", "threads completion fish"]],
])("there is no completion for %s", (word, next) => {
  let failure: unknown;
  try {
    printCompletion(word, subject);
  } catch (error) {
    failure = error;
  }
  expect(failure).toMatchObject({ code: "UNKNOWN_SHELL", exitCode: 2, next });
});
