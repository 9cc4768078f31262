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
import { recorded } from "../progress/recorded.ts";
import type { RunRecorder } from "../runs/recorder.ts";
import type { World } from "../wire/world.ts";
import { openRun } from "./open-run.ts";
import type { Interrupts } from "./signals.ts";
import type { TypedLine } from "./typed-line.ts";

interface WorldOptions {
  readonly flags: Loudness & {
    readonly json: boolean;
    readonly config?: string | undefined;
    readonly environment?: string | undefined;
  };
  readonly interrupts: Interrupts;
  readonly terminal: Terminal;
  readonly early: EarlySockets;
  readonly runtime: Runtime;
  /** The command's words, and what stood behind them. */
  readonly line: TypedLine;
}

/** The world, and where a run is recorded what does that. */
interface Opened {
  readonly world: World;
  readonly run: RunRecorder | undefined;
}

/** The world as this process finds it, each part of it loaded on first use. What a use case needs of it, the room wire chooses. */
export async function openWorld({ flags, interrupts, terminal, early, runtime, line }: WorldOptions): Promise<Opened> {
  const env = process.env;
  const shown = atLoudness(await chooseProgress(terminal, flags.json), flags);
  const { environment } = flags;
  const run = await openRun({ line, environment, version: runtime.threads, warn: (text) => shown.warn(text) });
  const config = once(async () => {
    const read = (await import("../config/load.ts")).loadConfig({ start: process.cwd(), file: flags.config, env });
    run?.openAt(read);
    return read;
  });
  const progress = run === undefined ? shown : recorded(shown, run);
  const note = (text: string): void => progress.note(text);
  const world: World = {
    clock: systemClock,
    progress,
    reader: flags.quiet ? undefined : terminal.live && !flags.json ? "terminal" : "log",
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
  return { world, run };
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
