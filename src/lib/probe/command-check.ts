import type { CommandCheck } from "../config/config.ts";
import { wordsOf } from "../errors/words-of.ts";
import type { Seen, Tries } from "./check.ts";

/** Runs a command in a service, once. */
export async function tryCommand(check: CommandCheck, { exec, tryMs }: Tries): Promise<Seen> {
  try {
    const { exitCode, output } = await exec(check.service, check.command, tryMs());
    return judgeCommand(check, exitCode, output);
  } catch (error) {
    return { status: -1, ok: false, detail: `did not end: ${wordsOf(error)}` };
  }
}

const longest = 160;

/** Pure: whether a command has shown what it should. Its last line is mostly what it has to say. */
export function judgeCommand({ status, contains }: CommandCheck, exitCode: number, output: string): Seen {
  const last = output.trimEnd().split("\n").at(-1)?.trim().slice(0, longest) ?? "";
  const said = last === "" ? "" : `: ${last}`;
  if (exitCode !== status) return { status: exitCode, ok: false, detail: `exit code ${exitCode}${said}` };
  if (contains !== undefined && !output.includes(contains))
    return { status: exitCode, ok: false, detail: `its output does not contain ${JSON.stringify(contains)}${said}` };
  return { status: exitCode, ok: true, detail: last === "" ? "as expected" : last };
}
