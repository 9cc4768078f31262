import type { Next } from "../../errors/next.ts";

/** What became of a command in a container. */
export interface ExecResult extends Next {
  /** failed: with an exit code of its own. timed-out: it was ended. planned: a dry run. */
  readonly outcome: "planned" | "succeeded" | "failed" | "timed-out";
  readonly environment: string;
  readonly host: { readonly id: string; readonly name: string };
  readonly service: string;
  /** Name of the container. */
  readonly container: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** After this it is ended. */
  readonly timeoutMs: number;
  /** Of the command; null where it has not come to its end. */
  readonly exitCode: number | null;
  /** The beginning of its output, as much as SSM hands on; null where it was not run. */
  readonly stdout: string | null;
  readonly stderr: string | null;
  /** How much it has written in all; null where it was not run. */
  readonly stdoutBytes: number | null;
  readonly stderrBytes: number | null;
  /** Whether `threads history --all` shows it. */
  readonly recorded: boolean;
}
