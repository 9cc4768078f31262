/** What exec.sh says of a command, in the first line of its output, and what the command itself has said. */
export interface ExecReport {
  /** ran: to its end. not-running: the service has no running container. no-docker: the daemon does not answer. */
  readonly end: "ran" | "timed-out" | "not-running" | "no-docker";
  /** Exit code of the command; where nothing was run, of the container. */
  readonly code: number;
  /** Name of the container; empty where the service has none. */
  readonly container: string;
  /** running, exited, restarting …; empty where there is no container. */
  readonly state: string;
  /** Services of the host, where nothing was run. */
  readonly services: readonly string[];
  /** The beginning of it, as much as SSM hands on. */
  readonly stdout: string;
  readonly stderr: string;
  /** All that was written. */
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
}

const ends: readonly string[] = ["ran", "timed-out", "not-running", "no-docker"] satisfies ExecReport["end"][];

/** Without the letter that was cut through. */
function whole(text: string): string {
  return text.replace(/\uFFFD{1,3}$/, "");
}

/** @returns undefined where the output does not begin with the report of this very order: it was killed, or cut off */
export function parseExecReport(output: Pick<ExecReport, "stdout" | "stderr">, nonce: string): ExecReport | undefined {
  const at = output.stdout.indexOf("\n");
  const line = at === -1 ? output.stdout : output.stdout.slice(0, at);
  if (!line.startsWith('{"threads":1,"action":"exec",')) return undefined;
  try {
    const raw = JSON.parse(line) as ExecReport & { readonly nonce?: string };
    if (raw.nonce !== nonce || !ends.includes(raw.end)) return undefined;
    const { end, code, container, state, services, stdoutBytes, stderrBytes } = raw;
    const said = { stdout: whole(at === -1 ? "" : output.stdout.slice(at + 1)), stderr: whole(output.stderr) };
    return { end, code, container, state, services, ...said, stdoutBytes, stderrBytes };
  } catch {
    return undefined;
  }
}
