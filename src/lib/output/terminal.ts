/** What the CLI writes to, and what it may use there. */
export interface Terminal {
  /** The result. */
  readonly out: NodeJS.WritableStream;
  /** The talk. */
  readonly err: NodeJS.WritableStream;
  /** Redraws and spinners are welcome on `err`: a terminal, and not a CI job's. */
  readonly live: boolean;
  readonly colourOut: boolean;
  readonly colourErr: boolean;
  /** Inside a GitHub Actions job: failures become annotations. */
  readonly github: boolean;
}

interface Streams {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
}

/** Reads NO_COLOR (https://no-color.org), FORCE_COLOR, CI, TERM=dumb and GITHUB_ACTIONS as other tools do. */
export function describeTerminal(streams: Streams, env: Readonly<Record<string, string | undefined>>): Terminal {
  const forced = isSet(env["FORCE_COLOR"]) && env["FORCE_COLOR"] !== "0";
  const plain = isSet(env["NO_COLOR"]) || env["TERM"] === "dumb";
  const colour = (tty: boolean | undefined): boolean => !plain && (forced || tty === true);
  return {
    out: streams.stdout,
    err: streams.stderr,
    // A terminal that says it has no columns (`script`, some CI ptys) cannot be redrawn.
    live: streams.stderr.isTTY === true && streams.stderr.columns !== 0 && !isSet(env["CI"]) && env["TERM"] !== "dumb",
    colourOut: colour(streams.stdout.isTTY),
    colourErr: colour(streams.stderr.isTTY),
    github: env["GITHUB_ACTIONS"] === "true",
  };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
