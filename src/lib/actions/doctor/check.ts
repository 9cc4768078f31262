import type { ThreadsError } from "../../errors/threads-error.ts";
import type { CheckPorts } from "./ports.ts";
import type { CheckState } from "./result.ts";

/** What a check has to say about one thing. */
export interface DoctorFinding {
  readonly state: CheckState;
  readonly says: string;
  /** Added to the check's title where it says something about several things: an environment's name. */
  readonly of?: string;
  readonly details?: readonly string[];
  readonly next?: readonly string[];
  readonly advice?: readonly string[];
}

/** One thing to look at: a gatherer that asks the world, and a pure judge of what it found. */
export interface Check {
  readonly id: string;
  readonly title: string;
  /** Reads only. @throws ThreadsError where it cannot be looked at */
  look(ports: CheckPorts): Promise<readonly DoctorFinding[]>;
}

export function ok(says: string, details: readonly string[] = []): DoctorFinding {
  return { state: "ok", says, details };
}

/** What could not be looked at. Roles are narrow on purpose: what this one may not read may be fine. */
export function unseen({ code, message, details, next, advice }: ThreadsError): DoctorFinding {
  return { state: code === "ACCESS_DENIED" ? "warn" : "fail", says: message, details, next, advice };
}
