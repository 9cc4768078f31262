import type { CheckConfig, RequestCheck } from "./config.ts";

const looking = new Set<RequestCheck["method"]>(["GET", "HEAD", "OPTIONS"]);

/** Of an application that people use: what only looks. A stack that is thrown away is asked for all. */
export function askedOfHosts(checks: readonly CheckConfig[]): RequestCheck[] {
  return checks.filter((check) => check.kind === "request" && looking.has(check.method)) as RequestCheck[];
}
