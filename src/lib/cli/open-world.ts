import { awsClients } from "../aws/clients.ts";
import type { EarlySockets } from "../aws/early/sockets.ts";
import { once } from "../aws/once.ts";
import { systemClock } from "../clock/clock.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { choosePaint } from "../output/paint.ts";
import type { Terminal } from "../output/terminal.ts";
import type { Runtime } from "../process/runtime.ts";
import { atLoudness, type Loudness } from "../progress/loudness.ts";
import type { Progress } from "../progress/progress.ts";
import type { World } from "../wire/world.ts";
import type { Interrupts } from "./signals.ts";

interface WorldOptions {
  readonly flags: Loudness & { readonly json: boolean; readonly config?: string | undefined };
  readonly interrupts: Interrupts;
  readonly terminal: Terminal;
  readonly early: EarlySockets;
  readonly runtime: Runtime;
}

/** The world as this process finds it, each part of it loaded on first use. What a use case needs of it, the room wire chooses. */
export async function openWorld({ flags, interrupts, terminal, early, runtime }: WorldOptions): Promise<World> {
  const env = process.env;
  const config = once(async () =>
    (await import("../config/load.ts")).loadConfig({ start: process.cwd(), file: flags.config, env }),
  );
  const progress = atLoudness(await chooseProgress(terminal, flags.json), flags);
  const note = (text: string): void => progress.note(text);
  return {
    clock: systemClock,
    progress,
    isWatched: terminal.live && !flags.json && !flags.quiet,
    signal: interrupts.signal,
    cancelNow: interrupts.cancelNow,
    detach: interrupts.detach,
    env,
    runtime,
    config,
    processes: {
      run: async (command, options) => (await import("../process/execa.ts")).systemProcesses.run(command, options),
    },
    aws: once(async () =>
      awsClients({ region: regionOf((await config()).region, env), profile: env["AWS_PROFILE"], early, note }),
    ),
  };
}

async function chooseProgress(terminal: Terminal, json: boolean): Promise<Progress> {
  const paint = await choosePaint(terminal.colourErr);
  if (terminal.live && !json)
    return (await import("../output/live-progress.ts")).liveProgress({
      stream: process.stderr,
      paint,
      clock: systemClock,
    });
  // With --json the talk goes on on stderr, so that a job's log still tells what is happening.
  const { plainProgress } = await import("../output/plain-progress.ts");
  return plainProgress({
    write: (line) => terminal.err.write(`${terminal.symbols(line)}\n`),
    paint,
    clock: systemClock,
    github: terminal.github,
  });
}

function regionOf(configured: string | undefined, env: NodeJS.ProcessEnv): string {
  const region = configured ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"];
  if (region !== undefined && region !== "") return region;
  throw new ThreadsError("NO_REGION", {
    message: "no AWS region: neither `region` in threads.yml nor AWS_REGION is set",
    next: ["export AWS_REGION=eu-west-1", 'eval "$(threads sandbox env)"'],
  });
}
