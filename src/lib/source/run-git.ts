import type { RunOptions } from "../process/processes.ts";

/** Runs git in the folder of threads.yml. @returns what it printed. @throws ThreadsError GIT_FAILED and what else gitFailure knows */
export type Git = (args: readonly string[], options?: Pick<RunOptions, "input" | "encoding">) => Promise<string>;
