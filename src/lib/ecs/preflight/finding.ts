import { commandText } from "../../process/processes.ts";

/** What stands in the way of a deployment, or will when it fails. */
export interface PreflightFinding {
  /** fail: a deployment would not come to its end, or should not be begun. */
  readonly state: "fail" | "warn";
  /** One sentence. */
  readonly says: string;
  readonly next: readonly string[];
  readonly advice?: readonly string[];
}

export function awsLine(...args: readonly string[]): string {
  return commandText({ file: "aws", args });
}
