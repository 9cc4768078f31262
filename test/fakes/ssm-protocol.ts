export type Input = Readonly<Record<string, unknown>>;
export type Operation = (input: Input) => unknown;

/** A failure as AWS words it: the type that the SDK turns into an error's name. */
export class Refusal extends Error {
  readonly type: string;
  readonly status: number;
  constructor(type: string, message = type, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

export interface FakeHost {
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Its ComputerName; the id where it has none. */
  readonly name?: string;
  online?: boolean;
  /** What the agent does with a script; the signal is its SIGKILL. */
  run(script: string, kill: AbortSignal): Promise<HostReply>;
}

export interface HostReply {
  /** Success or Failed by the exit code unless given: `Undeliverable`, `Execution Timed Out` … */
  readonly status?: string;
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** A page of a list, with a token that is the place to go on. */
export function page<T>(all: readonly T[], input: Input, size: number): { items: readonly T[]; NextToken?: string } {
  const from = Number(input["NextToken"] ?? 0);
  const to = from + Math.min(size, Number(input["MaxResults"] ?? size));
  return { items: all.slice(from, to), ...(to < all.length ? { NextToken: String(to) } : {}) };
}
