import type { ThreadsError } from "../errors/threads-error.ts";
import type { Paint } from "./paint.ts";

/** The report of a failure: what is wrong, what more is known, what to type next. */
export function renderError(error: ThreadsError, paint: Paint): string[] {
  return [
    `${paint.bad("✖")} ${error.message} ${paint.dim(`[${error.code}]`)}`,
    ...error.details.map((line) => `  ${paint.dim(line)}`),
    ...error.next.map((command, index) => `${index === 0 ? "  next:" : "    or:"} ${paint.strong(command)}`),
  ];
}

export interface ErrorJson {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly outcome: string;
    readonly exitCode: number;
    readonly details: readonly string[];
    readonly next: readonly string[];
  };
}

/** What `--json` prints on stdout instead of a result. */
export function errorJson(error: ThreadsError): ErrorJson {
  const { code, message, outcome, exitCode, details, next } = error;
  return { error: { code, message, outcome, exitCode, details, next } };
}

/** A GitHub Actions annotation; `%`, CR and LF are escaped as the runner expects. */
export function githubAnnotation(error: ThreadsError): string {
  const text = [error.message, ...error.next.map((command) => `next: ${command}`)].join("\n");
  return `::error title=threads ${error.code}::${text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A")}`;
}
