import type { Clock } from "../../clock/clock.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { hostText, shellOn } from "../../fleet/hosts.ts";
import type { Author, Ledger } from "../../ledger/ledger.ts";
import type { Progress, Step } from "../../progress/progress.ts";
import type { HostRun, Remote, SentCommand } from "../../remote/remote.ts";
import { runText } from "../../remote/run-text.ts";
import { type ExecReport, parseExecReport } from "../../script/exec-report.ts";
import { execScript } from "../../script/host-scripts.ts";
import type { ExecPlan } from "./plan.ts";

export interface OrderPorts {
  readonly remote: Remote;
  readonly ledger: Pick<Ledger, "recordExec">;
  readonly author: Author;
  readonly clock: Pick<Clock, "now">;
  readonly progress: Pick<Progress, "warn">;
  /** Aborted by whatever interrupts us: nobody waits for the command any more, so it is cancelled. */
  readonly signal: AbortSignal;
  /** Names this order on the host and in the ledger. */
  readonly nonce: string;
}

/** What the script needs around the command: to start, to say how it ended. */
const graceMs = 30_000;

/** Sends the command, writes down that it was sent, and waits for its end. */
export async function orderCommand(
  plan: ExecPlan,
  step: Step,
  ports: OrderPorts,
): Promise<{ readonly report: ExecReport; readonly recorded: boolean }> {
  const sent = await send(plan, ports);
  // Beside the command: a ledger that is slow to answer keeps nobody from the cause of a failure.
  const recording = recordOrWarn(plan, ports);
  try {
    const report = await reportOf(plan, sent, step, ports);
    return { report, recorded: await recording };
  } catch (error) {
    await recording;
    throw error;
  }
}

async function send(plan: ExecPlan, ports: OrderPorts): Promise<SentCommand> {
  const { app, environment, host, service, command, options } = plan;
  try {
    return await ports.remote.send({
      script: execScript({ app, service, command, nonce: ports.nonce, limitMs: options.timeoutMs }),
      hosts: [host.id],
      environment,
      label: `${app} ${environment} exec ${service} ${ports.nonce}`,
      executionMs: options.timeoutMs + graceMs,
    });
  } catch (error) {
    // It may be running, and then it must be known who began it.
    if (error instanceof ThreadsError && error.outcome === "unknown") await recordOrWarn(plan, ports);
    throw error;
  }
}

/** Nothing that only records may stand in the way of recovery. @returns whether it was written */
async function recordOrWarn(plan: ExecPlan, ports: OrderPorts): Promise<boolean> {
  const { environment, host, service, command } = plan;
  const at = new Date(ports.clock.now()).toISOString();
  try {
    await ports.ledger.recordExec(environment, ports.nonce, { host, service, command, by: ports.author, at });
    return true;
  } catch (error) {
    if (!(error instanceof ThreadsError)) throw error;
    ports.progress.warn(`the command is not in the history of ${environment}: ${error.message}`);
    return false;
  }
}

async function reportOf(plan: ExecPlan, sent: SentCommand, step: Step, ports: OrderPorts): Promise<ExecReport> {
  const { remote, signal, nonce } = ports;
  try {
    const [run] = await remote.wait(sent, { signal });
    const report = run === undefined ? undefined : parseExecReport(run, nonce);
    if (report === undefined) throw noReport(plan, run);
    return report;
  } catch (error) {
    if (!signal.aborted) throw error;
    step.update("cancelling");
    throw await cancelled(plan, sent, ports);
  }
}

async function cancelled(plan: ExecPlan, sent: SentCommand, { remote }: OrderPorts): Promise<ThreadsError> {
  const { host, service, command, options } = plan;
  const what = `${command[0] ?? ""} in ${service} on ${hostText(host)}`;
  try {
    await remote.cancel(sent);
  } catch (cause) {
    return new ThreadsError("NO_ANSWER", {
      message: `${what} could not be cancelled; it ends by itself after ${options.timeoutMs / 1000} s at the latest`,
      next: [shellOn(host)],
      details: cause instanceof ThreadsError ? [cause.message] : [],
      cause,
    });
  }
  const advice = ["what it has done until then stays done"];
  return new ThreadsError("INTERRUPTED", { message: `${what} was cancelled`, advice });
}

function noReport({ environment, host, command }: ExecPlan, run: HostRun | undefined): ThreadsError {
  const next = [`threads status -e ${environment}`, shellOn(host)];
  const because = runText(run);
  if (run?.end === "never-ran")
    return new ThreadsError("HOST_SILENT", { message: `${hostText(host)} did not get the command (${because})`, next });
  return new ThreadsError("NO_ANSWER", {
    message: `${hostText(host)} gave no whole answer (${because}); ${command[0] ?? ""} may have run`,
    details: run === undefined ? [] : run.stderr.trim().split("\n").slice(-5).filter(Boolean),
    next,
  });
}
