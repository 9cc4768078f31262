import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failureReason } from "../../../src/lib/process/execa.ts";
import {
  CommandFailed,
  type CommandLine,
  commandText,
  type Finished,
  type Processes,
} from "../../../src/lib/process/processes.ts";

/** What a program is given. Its environment is this alone. */
interface Given {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input?: string | undefined;
  readonly encoding?: "latin1" | undefined;
}

/** Ends with this process, whatever has ended that: nobody holds the other end of `requests` any more. */
const serve = `trap 'rm -r "$1"' EXIT
exec 3>"$1/ended"
while read -r _; do
  (. "$1/request") <"$1/stdin" >"$1/stdout" 2>"$1/stderr" 3>&-
  echo $? >&3
done <"$1/requests"`;

let shell: ((script: string, input: string, encoding: BufferEncoding) => Finished) | undefined;

function openShell(): NonNullable<typeof shell> {
  const folder = mkdtempSync(join(tmpdir(), "threads-small-shell-"));
  const file = (name: string): string => join(folder, name);
  execFileSync("mkfifo", [file("requests"), file("ended")]);
  const [requests, ended] = [openSync(file("requests"), "r+"), openSync(file("ended"), "r+")];
  const env = { PATH: process.env["PATH"] };
  spawn("sh", ["-c", serve, "sh", folder], { stdio: "ignore", env }).unref();
  const status = Buffer.alloc(16);
  return (script, input, encoding) => {
    writeFileSync(file("request"), script);
    writeFileSync(file("stdin"), input);
    writeSync(requests, "\n");
    const length = readSync(ended, status);
    const [stdout = "", stderr = ""] = ["stdout", "stderr"].map((name) => readFileSync(file(name), encoding));
    return { exitCode: Number(status.toString("latin1", 0, length)), stdout, stderr };
  };
}

/**
 * Runs a program in a shell that this worker keeps, and waits for its end. The kernel copies a worker's page tables, some
 * hundred megabytes' worth, for each process that it starts itself: that takes longer than git does.
 */
export function runSmall(command: CommandLine, { cwd, env, input = "", encoding }: Given): Finished {
  // A shell knows no variable of another name, such as the functions that bash hands on.
  const known = Object.entries(env).filter(([name]) => /^[a-z_]\w*$/i.test(name));
  const variables = known.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  // Its own first: `cd` sets two more, and `env` would be a program more to load.
  const given = [
    ["cd", cwd],
    ["unset", "PATH", "PWD", "OLDPWD"],
    ["export", ...variables],
    ["exec", command.file, ...command.args],
  ];
  const script = given.map(([file = "", ...args]) => commandText({ file, args })).join(" && ");
  shell ??= openShell();
  return shell(`${script}\n`, input, encoding ?? "utf8");
}

/** For git: whoever can be stopped, or tells its lines, needs the real adapter. */
export const smallProcesses: Processes = {
  run: async (command, { cwd = ".", env = {}, input, encoding, allowFailure = false, ...more } = {}) => {
    if (Object.values(more).some((one) => one !== undefined)) throw new Error(`not here: ${Object.keys(more).join()}`);
    const { exitCode, ...said } = runSmall(command, { cwd, env: { ...process.env, ...env }, input, encoding });
    const plain = (text: string): string => (encoding === undefined ? text.replace(/\n$/, "") : text);
    const [stdout, stderr] = [plain(said.stdout), plain(said.stderr)];
    if (exitCode === 0 || allowFailure) return { exitCode, stdout, stderr };
    const reason = failureReason({ exitCode, timedOut: false });
    throw new CommandFailed({ command, exitCode, tail: (stderr || stdout).split("\n").slice(-20), reason });
  },
};
