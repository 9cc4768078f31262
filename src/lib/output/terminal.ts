import { showsSymbols, withoutSymbols } from "./symbols.ts";

/** What the CLI writes to, and what it may use there. */
export interface Terminal {
  /** The result. */
  readonly out: NodeJS.WritableStream;
  /** The talk. */
  readonly err: NodeJS.WritableStream;
  /** Redraws and spinners are welcome on `err`: a terminal, and not a CI job's. */
  readonly live: boolean;
  /** Width of the terminal that `out` is; undefined where it is none. */
  readonly columns: number | undefined;
  /** Its height; undefined where `out` is none. */
  readonly rows?: number | undefined;
  /** The width of the one that `err` is. */
  readonly columnsErr: number | undefined;
  readonly colourOut: boolean;
  readonly colourErr: boolean;
  /** What is not ASCII as this terminal can show it. */
  readonly symbols: (text: string) => string;
  /** Inside a GitHub Actions job: failures become annotations. */
  readonly github: boolean;
  /** Where such a job has its checkout. */
  readonly workspace?: string | undefined;
  /** File to which such a step adds what its page shows, in Markdown. */
  readonly stepSummary?: string | undefined;
  /** File in which such a step leaves values for the steps after it. */
  readonly stepOutput?: string | undefined;
}

interface Streams {
  readonly stdout: NodeJS.WritableStream & {
    readonly isTTY?: boolean;
    readonly columns?: number;
    readonly rows?: number;
  };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
}

/** Reads NO_COLOR (https://no-color.org), FORCE_COLOR, CI, TERM=dumb and GITHUB_ACTIONS as other tools do. */
export function describeTerminal(streams: Streams, env: Readonly<Record<string, string | undefined>>): Terminal {
  const forced = isSet(env["FORCE_COLOR"]) && env["FORCE_COLOR"] !== "0";
  const plain = isSet(env["NO_COLOR"]) || env["TERM"] === "dumb";
  const symbols = showsSymbols(env);
  const github = env["GITHUB_ACTIONS"] === "true";
  const colour = (tty: boolean | undefined): boolean => !plain && (forced || tty === true);
  return {
    out: streams.stdout,
    err: streams.stderr,
    // A terminal that says it has no columns (`script`, some CI ptys) cannot be redrawn.
    live: streams.stderr.isTTY === true && streams.stderr.columns !== 0 && !isSet(env["CI"]) && symbols,
    columns: widthOf(streams.stdout),
    rows: widthOf(streams.stdout) === undefined ? undefined : streams.stdout.rows,
    columnsErr: widthOf(streams.stderr),
    colourOut: colour(streams.stdout.isTTY),
    colourErr: colour(streams.stderr.isTTY),
    symbols: symbols ? (text) => text : withoutSymbols,
    github,
    workspace: env["GITHUB_WORKSPACE"],
    stepSummary: github && isSet(env["GITHUB_STEP_SUMMARY"]) ? env["GITHUB_STEP_SUMMARY"] : undefined,
    stepOutput: github && isSet(env["GITHUB_OUTPUT"]) ? env["GITHUB_OUTPUT"] : undefined,
  };
}

/** A terminal that says it has no columns is as wide as need be. */
function widthOf({ isTTY, columns }: Streams["stdout"]): number | undefined {
  return isTTY === true && columns !== 0 ? columns : undefined;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
