import type { HostRun } from "./remote.ts";

/** SSM's StatusDetails, and what each says of the host (Systems Manager user guide, "Understanding command statuses"). */
const statuses: Readonly<Record<string, string>> = {
  accessdenied: "AWS denies the command on this host: the policy wants a tag that it lacks",
  cancelled: "it was cancelled",
  cancelling: "it was cancelled",
  delayed: "the host's agent does not answer",
  deliverytimedout: "the host's agent did not take it in time: it is offline, or busy with other commands",
  inprogress: "the host has not ended it, or has gone away meanwhile",
  executiontimedout: "it ran out of time, and was killed",
  invalidplatform: "the document is not for what the host runs",
  noinvocation: "the command was never shown",
  pending: "the host's agent has not taken it",
  terminated: "SSM gave the command up after failures on other hosts",
  undeliverable: "the host cannot be reached: it is offline, or its agent is down",
};

/** Exit codes to which the agent gives a meaning of its own, and one of the kernel (user guide, "Handling exit codes"). */
const codes: Readonly<Record<number, string>> = {
  137: "it was killed: by somebody, or by the kernel for want of memory",
  168: "it ended with 168, by which the agent skips what follows",
  169: "it ended with 169, by which the agent skips what follows",
  194: "it ended with 194, at which the agent reboots the host and begins again",
};

/** Why a script has not come to its own last line, as far as SSM tells. @param run undefined where there was none */
export function runText(run: Pick<HostRun, "status" | "end" | "exitCode"> | undefined): string {
  const status = run?.status ?? "noinvocation";
  const ended = run?.end === "failed" || run?.end === "succeeded";
  const why = ended ? codes[run.exitCode] : statuses[status];
  const word = ended && run.exitCode !== 0 ? `${status}, exit code ${String(run.exitCode)}` : status;
  return why === undefined ? `SSM: ${word}` : `SSM: ${word}: ${why}`;
}
