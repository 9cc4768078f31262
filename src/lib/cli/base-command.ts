import { Command, Flags, type Interfaces } from "@oclif/core";
import { type AwsService, earlyEndpoints } from "../aws/early/endpoints.ts";
import { isSandbox } from "../aws/early/sandbox.ts";
import { systemClock } from "../clock/clock.ts";
import { type FailedOutcome, outcomes } from "../errors/exit-codes.ts";
import type { Render } from "../output/paint.ts";
import { describeTerminal, type Terminal } from "../output/terminal.ts";
import type { RunRecorder } from "../runs/recorder.ts";
import type { World } from "../wire/world.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { failureFor, type NextOptions, resultFor } from "./next-for.ts";
import { programOf } from "./program.ts";
import { environmentsFor, type Needed, type Request, requireEnvironment } from "./requested-environment.ts";
import { type Interrupts, listenForInterrupts } from "./signals.ts";
import { lineText, ownWords, type TypedLine, withValue } from "./typed-line.ts";

interface CommonFlags {
  readonly json: boolean;
  readonly config?: string | undefined;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly environment?: string | undefined;
}

/** GitHub sends TERM 7.5 s after the SIGINT of a cancelled job, and KILL 2.5 s later: by then all must be written down. */
const cancelledJobMs = 5_000;

/** With these a command prints until somebody ends it. */
const endless: ReadonlySet<string> = new Set(["--follow", "-f", "--watch"]);

/** What every command shares: `--json`, `--config`, signals, and one place that turns results and failures into output. */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    json: Flags.boolean({ summary: "Print the result as JSON on stdout, and nothing else there", helpGroup: "GLOBAL" }),
    config: Flags.string({
      summary: "Path of threads.yml (default: found from the working directory upwards)",
      env: "THREADS_CONFIG",
      helpValue: "FILE",
      helpGroup: "GLOBAL",
    }),
    quiet: Flags.boolean({
      summary: "Tell only warnings, failures and the result",
      helpGroup: "GLOBAL",
      exclusive: ["verbose"],
    }),
    verbose: Flags.boolean({ summary: "Tell too how settings were understood", helpGroup: "GLOBAL" }),
  };

  /** What the command is sure to ask: connections to them open while the rest of it is loading. */
  protected readonly asks: readonly AwsService[] = [];
  /** What an environment must have for it to be of use there. */
  protected readonly needs: Needed | undefined = undefined;
  /** It changes nothing: what it finds, the same again would only find once more. */
  protected readonly looksOnly: boolean = false;
  #outcome: FailedOutcome | undefined;
  #interrupts: Interrupts | undefined;
  #run: RunRecorder | undefined;
  /** As --json prints it. */
  #result: unknown;

  /**
   * Runs an action in the real world and prints its result.
   * @param renderer loads the text renderer, only where text is wanted
   * @throws what the action throws; `catch` below prints it
   */
  protected async perform<T>(
    flags: CommonFlags,
    action: (world: World) => Promise<T>,
    renderer: (world: World) => Promise<Render<T>>,
  ): Promise<T> {
    const { openEarly } = await import("../aws/early/sockets.ts");
    const early = openEarly(earlyEndpoints(this.asks, process.env));
    await early.proceed();
    const { openWorld } = await import("./open-world.ts");
    const terminal = this.terminal();
    const detachAfterMs = terminal.github ? cancelledJobMs : undefined;
    const interrupts = listenForInterrupts(process, { clock: systemClock, detachAfterMs });
    this.#interrupts = interrupts;
    const { version, pjson } = this.config;
    const runtime = { node: process.versions.node, wanted: pjson["engines"]?.node ?? ">=0", threads: version };
    try {
      const { world, run } = await openWorld({ flags, interrupts, terminal, early, runtime, line: this.#line() });
      this.#run = run;
      const { environment } = flags;
      if (environment !== undefined) await requireEnvironment(environment, this.#request(), () => world.config());
      const result = resultFor(await action(world), this.#nextOptions());
      this.#result = result;
      if (flags.json) this.printJson(result);
      else {
        const { writeResult } = await import("../output/write-result.ts");
        await writeResult(result, await renderer(world), terminal);
      }
      if ((terminal.stepSummary ?? terminal.stepOutput) !== undefined)
        await (await import("./step-summary.ts")).summariseResult(this.#line().command, result, terminal);
      return result;
    } finally {
      early.close();
    }
  }

  /** The one form that results have under --json. */
  protected printJson(result: unknown): void {
    this.terminal().out.write(`${JSON.stringify(result, undefined, 2)}\n`);
  }

  /** Somebody has pressed Ctrl-C, or told it to end. */
  protected get isInterrupted(): boolean {
    return this.#interrupts?.signal.aborted === true;
  }

  /** A result as `perform` prints it, for what is printed before its end. */
  protected typable<T>(result: T): T {
    return resultFor(result, this.#nextOptions());
  }

  /** What it writes to. */
  protected terminal(): Terminal {
    return describeTerminal(process, process.env);
  }

  /** Ends the command with this outcome's exit code although it has printed a result: `status` that found a drift. */
  protected endAs(outcome: FailedOutcome): void {
    this.#outcome = outcome;
  }

  /** The line as it was typed, with one value for another. */
  protected typedWith(wrong: string, right: string): string {
    return lineText(withValue(this.#line(), wrong, right));
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    if (error === undefined && this.#outcome !== undefined) process.exitCode = outcomes[this.#outcome].exit;
    // It has ended as it has, whatever becomes of who is told of it: a Ctrl-C now is for the prompt.
    this.#interrupts?.leaveBy(() => process.exit());
    const ended = await this.#run?.end({ exitCode: Number(process.exitCode ?? 0), result: this.#result });
    await super.finally(error);
    this.#interrupts?.dispose();
    // Questions to AWS, and to whoever is told of runs, that nobody waits for any more would hold the process.
    if (this.isInterrupted || ended?.goesOn) process.exit();
  }

  /** Whatever oclif does not understand of what was typed is wrong usage, of whatever class its complaint is. */
  protected override async parse<
    F extends Record<string, unknown>,
    B extends Record<string, unknown>,
    A extends Record<string, unknown>,
  >(options?: Interfaces.Input<F, B, A>, argv?: string[]): Promise<Interfaces.ParserOutput<F, B, A>> {
    const valued = ownWords(this.argv).find((word) => this.#isSwitchWithValue(word));
    try {
      if (valued !== undefined) throw new Error(`Flag ${valued.replace(/=.*/s, "")} takes no value`);
      return await super.parse(options, argv);
    } catch (error) {
      throw error instanceof Error ? await this.#notParsed(error) : error;
    }
  }

  async #notParsed(cause: Error): Promise<Error> {
    const { lacksEnvironment, notParsed } = await import("./usage.ts");
    const environments = lacksEnvironment(cause) ? await environmentsFor(this.#request()) : [];
    const passesOn = !this.ctor.strict;
    return notParsed(cause, { line: this.#line(), flags: Object.keys(this.#flags()), passesOn, environments });
  }

  /** oclif takes the value of `--dry-run=false` for an argument of its own: the release "false". */
  #isSwitchWithValue(word: string): boolean {
    const [, name] = /^--([\w-]+)=/.exec(word) ?? [];
    return name !== undefined && this.#flags()[name]?.type === "boolean";
  }

  protected override async catch(error: Error): Promise<void> {
    const [{ asThreadsError, reportFailure }, { errorJson }] = await Promise.all([
      import("./report-failure.ts"),
      import("../output/error.ts"),
    ]);
    const words = ownWords(this.argv);
    const failure = this.#forTyped(error);
    this.#result = this.#run && errorJson(asThreadsError(failure));
    process.exitCode = await reportFailure(failure, {
      terminal: this.terminal(),
      json: words.includes("--json"),
      isOneOfMany: words.some((word) => endless.has(word)),
      command: this.#line().command,
      debug: process.env["THREADS_DEBUG"] === "1",
    });
  }

  #forTyped(error: Error): Error {
    return error instanceof ThreadsError ? failureFor(error, this.#nextOptions()) : error;
  }

  #flags(): Interfaces.FlagInput {
    return { ...this.ctor.baseFlags, ...this.ctor.flags };
  }

  #line(): TypedLine {
    return { command: this.id?.replaceAll(":", " ") ?? "", argv: this.argv };
  }

  #request(): Request {
    return { line: this.#line(), needs: this.needs };
  }

  #nextOptions(): NextOptions {
    const commands = this.config.commandIDs.map((id) => id.replaceAll(":", " "));
    const { looksOnly } = this;
    return {
      line: this.#line(),
      commands,
      looksOnly,
      inSandbox: isSandbox(process.env),
      program: programOf(process.env),
    };
  }
}
