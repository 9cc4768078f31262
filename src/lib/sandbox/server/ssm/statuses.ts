/** Invocation statuses of the API; the truth is in the details. */
export type Status = "Pending" | "InProgress" | "Success" | "Cancelled" | "TimedOut" | "Failed" | "Cancelling";

export type StatusDetails =
  | Status
  | "DeliveryTimedOut"
  | "ExecutionTimedOut"
  | "Undeliverable"
  | "Terminated"
  | "Incomplete"
  | "NoInstancesInTag";

export interface CommandVerdict {
  readonly status: Status;
  readonly details: StatusDetails;
}

export interface ScriptVerdict extends CommandVerdict {
  readonly responseCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Which Status the API shows for a final StatusDetails. A host that cannot be reached is "Failed / Undeliverable" with response code -1. */
const statusOf: Readonly<Record<StatusDetails, Status>> = {
  Pending: "Pending",
  InProgress: "InProgress",
  Success: "Success",
  Cancelled: "Cancelled",
  Cancelling: "Cancelling",
  TimedOut: "TimedOut",
  Failed: "Failed",
  DeliveryTimedOut: "TimedOut",
  ExecutionTimedOut: "TimedOut",
  Undeliverable: "Failed",
  Terminated: "Cancelled",
  Incomplete: "Failed",
  NoInstancesInTag: "Success",
};

export function verdict(details: StatusDetails): CommandVerdict {
  return { status: statusOf[details], details };
}

export function isFinal(details: StatusDetails): boolean {
  return details !== "Pending" && details !== "InProgress" && details !== "Cancelling";
}

/** Reboot and run the same script again (Systems Manager user guide, exit codes). */
export const rebootCode = 194;

/**
 * The agent's reading of an exit code (observed): 137 is a time-out whoever caused it, 168 a success without stderr, 169 a failure,
 * any other but 0 a failure with one more line on stderr. A cancelled script ends Cancelled with 137.
 */
export function scriptVerdict(end: {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly cancelled: boolean;
}): ScriptVerdict {
  const { exitCode, stdout, stderr } = end;
  const base = { responseCode: exitCode, stdout, stderr };
  const note = (text: string, to: string) => (to === "" || to.endsWith("\n") ? `${to}${text}` : `${to}\n${text}`);
  if (end.cancelled && exitCode === 137) return { ...base, ...verdict("Cancelled") };
  if (exitCode === 0) return { ...base, ...verdict("Success") };
  if (exitCode === 137) return { ...base, ...verdict("ExecutionTimedOut") };
  const skipped = (as: string) =>
    `Step exited with code ${exitCode}. Therefore, marking step as ${as}. Further document steps will be skipped.`;
  if (exitCode === 168) {
    return { ...base, ...verdict("Success"), stdout: note(skipped("succeeded"), stdout), stderr: "" };
  }
  const line = exitCode === 169 ? skipped("failed") : `failed to run commands: exit status ${exitCode}`;
  return { ...base, ...verdict("Failed"), stderr: note(line, stderr) };
}

/**
 * The command's own status (Systems Manager user guide, "Understanding command statuses"): hosts that could not be reached neither count as
 * errors nor stand in the way of Success, unless there are no others; more errors than MaxErrors make it Failed; fewer make it Incomplete.
 */
export function commandVerdict(command: {
  readonly details: readonly StatusDetails[];
  readonly maxErrors: number;
  readonly cancelRequested: boolean;
}): CommandVerdict {
  const { details } = command;
  if (details.length === 0) return verdict("NoInstancesInTag");
  if (!details.every((one) => isFinal(one))) {
    if (command.cancelRequested) return verdict("Cancelling");
    return verdict(details.every((one) => one === "Pending") ? "Pending" : "InProgress");
  }
  const counted = details.filter((one) => one !== "Undeliverable");
  if (counted.length === 0) return verdict("Failed");
  if (counted.every((one) => one === "Success")) return verdict("Success");
  if (errorCount(counted) > command.maxErrors) {
    return verdict(counted.includes("Failed") ? "Failed" : "ExecutionTimedOut");
  }
  if (counted.includes("Cancelled")) return verdict("Cancelled");
  if (counted.every((one) => one === "DeliveryTimedOut")) return verdict("DeliveryTimedOut");
  return verdict("Incomplete");
}

/** What counts to MaxErrors and is reported as ErrorCount. */
export function errorCount(details: readonly StatusDetails[]): number {
  return details.filter((one) => one === "Failed" || one === "ExecutionTimedOut").length;
}
