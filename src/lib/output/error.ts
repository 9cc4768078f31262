import { relative } from "node:path";
import type { FailedOutcome } from "../errors/exit-codes.ts";
import type { Next } from "../errors/next.ts";
import type { BegunDeployment, ThreadsError } from "../errors/threads-error.ts";
import { annotation } from "./annotation.ts";
import { nextLines } from "./next.ts";
import type { Paint } from "./paint.ts";
import { wrapped } from "./wrap.ts";

/**
 * The report of a failure: what is wrong, what more is known, what to type next.
 * @param columns width of the terminal, where there is one. Details are others' words, a log's lines among them: they stay whole
 */
export function renderError(error: ThreadsError, paint: Paint, columns = Infinity): string[] {
  const [message, ...more] = error.message.split("\n");
  return [
    ...wrapped(`${paint.bad("✖")} ${message ?? ""} ${paint.dim(`[${error.code}]`)}`, columns),
    ...more,
    ...error.details.map((line) => `  ${paint.dim(line)}`),
    ...nextLines(error, paint).flatMap((line) => wrapped(line, columns)),
  ];
}

/** What a command prints under --json instead of a result. */
export interface ErrorJson extends Next {
  /** The exit code goes with it. */
  readonly outcome: FailedOutcome;
  /** Stable word; `threads explain` lists them. */
  readonly code: string;
  /** What is wrong and where, one sentence. Its words may change. */
  readonly message: string;
  /** More facts for a person, each a line. */
  readonly details: readonly string[];
  /** Of a deployment that had begun: how far it came. */
  readonly deployment: BegunDeployment | null;
}

/** What `--json` prints on stdout instead of a result. */
export function errorJson(error: ThreadsError): ErrorJson {
  const { outcome, code, message, details, deployment = null, next, advice } = error;
  return { outcome, code, message, details, deployment, next, advice };
}

/** A failure as an annotation of GitHub Actions, at the line that is to blame. @param workspace folder of the checkout */
export function githubAnnotation(error: ThreadsError, workspace: string | undefined): string {
  const text = [error.message, ...error.next.map((command) => `next: ${command}`), ...error.advice].join("\n");
  const file = workspace === undefined || error.place === undefined ? "" : relative(workspace, error.place.file);
  const place = file === "" || file.startsWith("..") ? {} : { file, line: error.place?.line };
  return annotation("error", text, { ...place, title: `threads ${error.code}` });
}
