import {
  CommandFailed,
  type CommandLine,
  type Finished,
  type Processes,
  type RunOptions,
} from "../../../src/lib/process/processes.ts";

export type Reply = string | { readonly exitCode: number; readonly stderr: string };
type Script = (args: readonly string[], options: RunOptions) => Reply | Promise<Reply>;

/** A `docker` that answers from a function and keeps what it was asked; failures reject as the real port does. */
export function scriptedDocker(script: Script): Processes & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    run: async (command: CommandLine, options: RunOptions = {}): Promise<Finished> => {
      options.signal?.throwIfAborted();
      asked.push(command.args.join(" "));
      const reply = await script(command.args, options);
      if (typeof reply === "string") return { exitCode: 0, stdout: reply, stderr: "" };
      if (options.allowFailure === true) return { exitCode: reply.exitCode, stdout: "", stderr: reply.stderr };
      throw failed(command, reply);
    },
  };
}

export function failed(
  command: CommandLine,
  reply: { exitCode: number | undefined; stderr: string },
  reason = "exited",
): CommandFailed {
  return new CommandFailed({ command, exitCode: reply.exitCode, tail: reply.stderr.split("\n"), reason });
}

/** Runs until its signal is aborted, like `docker events`. */
export function untilAborted(options: RunOptions): Promise<never> {
  return new Promise((_resolve, reject) => {
    options.signal?.addEventListener("abort", () => reject(options.signal?.reason), { once: true });
  });
}
