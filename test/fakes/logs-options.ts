import type { LogsOptions } from "../../src/lib/actions/logs/options.ts";

/** `threads logs -e prod`, and nothing else said. */
export const plainLogs: LogsOptions = {
  environment: "prod",
  services: [],
  hosts: [],
  follow: false,
  since: undefined,
  grep: undefined,
  tail: undefined,
  deployment: undefined,
};
