import type { Host } from "../../remote/remote.ts";
import type { ExecOptions } from "./options.ts";

/** What is to be run, and where. */
export interface ExecPlan {
  readonly options: ExecOptions;
  readonly app: string;
  readonly environment: string;
  readonly host: Host;
  readonly service: string;
  readonly command: readonly string[];
}
