import { awsFailure } from "../aws/failure.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { batches } from "../remote/batches.ts";
import type { Member } from "../fleet/target.ts";
import type { HostRun, Remote, RemoteScript } from "../remote/remote.ts";
import { runText } from "../remote/run-text.ts";

/** A script that only looks, for some hosts. */
export interface Question extends Pick<RemoteScript, "script" | "label" | "environment" | "executionMs"> {
  /** Completes "AWS denies access while …". */
  readonly doing: string;
  /** A host that has not ended by then is given up, in milliseconds; without it all are waited for. */
  readonly patienceMs?: number;
  /** It lasts: hosts are told to end it where nobody waits for it any more. */
  readonly lasts?: true;
}

interface AskPorts {
  readonly remote: Pick<Remote, "send" | "wait"> & Partial<Pick<Remote, "cancel">>;
  readonly signal: AbortSignal;
}

/** Our word beside those of SSM, which has none for a host that it does not know. */
const unregistered = "unregistered";

/**
 * Asks hosts at once, nothing changed; one command for fifty of them.
 * @throws ThreadsError refused where the answers cannot be seen, with the action that AWS does not allow
 */
export async function askHosts(
  question: Question,
  hosts: readonly Member[],
  ports: AskPorts,
): Promise<readonly HostRun[]> {
  return (await Promise.all(batches(hosts).map((some) => askSome(question, some, ports)))).flat();
}

/** SSM refuses a command as a whole for one host that it has just lost: then each half is asked by itself. */
async function askSome(question: Question, hosts: readonly Member[], ports: AskPorts): Promise<readonly HostRun[]> {
  try {
    return await ask(question, hosts, ports);
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.code !== "HOST_GONE") throw unseen(error, question.doing);
    if (hosts.length === 1)
      return hosts.map(({ id }) => ({
        host: id,
        end: "never-ran",
        status: unregistered,
        exitCode: -1,
        stdout: "",
        stderr: "",
      }));
    const middle = Math.ceil(hosts.length / 2);
    const halves = [hosts.slice(0, middle), hosts.slice(middle)];
    return (await Promise.all(halves.map((half) => askSome(question, half, ports)))).flat();
  }
}

async function ask(
  { script, label, environment, executionMs, patienceMs, lasts }: Question,
  hosts: readonly Member[],
  { remote, signal }: AskPorts,
): Promise<readonly HostRun[]> {
  const sent = await remote.send({ script, label, environment, executionMs, hosts: hosts.map(({ id }) => id) });
  const waiting = remote.wait(sent, { signal, ...(patienceMs === undefined ? {} : { patienceMs }) });
  if (lasts === undefined) return waiting;
  return waiting.catch(async (error: unknown) => {
    // It ends by itself where this is not allowed.
    await remote.cancel?.(sent).catch(() => undefined);
    throw error;
  });
}

/** Of a script that changes something the outcome would be unknown; a look that nobody sees has changed nothing. */
function unseen(error: unknown, doing: string): unknown {
  if (!(error instanceof ThreadsError) || error.outcome !== "unknown") return error;
  return awsFailure(error.cause, doing);
}

/** What a host's silence consists in, to be said of it. @param run undefined where there was none */
export function silenceOf(run: HostRun | undefined): string {
  if (run === undefined || run.status === "noinvocation") return "no answer: SSM never showed the command";
  if (run.status === unregistered) return "no answer: SSM no longer knows the host";
  const isKilled = run.end === "failed" && run.exitCode === 137;
  if (!isKilled && (run.end === "succeeded" || run.end === "failed"))
    return `no answer: the script ended with ${run.exitCode} ${run.stderr.trim().split("\n").at(-1) ?? ""}`.trim();
  return `no answer (${runText(run)})`;
}
