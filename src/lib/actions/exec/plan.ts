import type { Member } from "../../fleet/target.ts";
import type { ExecOptions } from "./options.ts";

/** What is to be run, and where. */
export interface ExecPlan {
  readonly options: ExecOptions;
  readonly app: string;
  readonly environment: string;
  readonly host: Member;
  readonly service: string;
  readonly command: readonly string[];
}
