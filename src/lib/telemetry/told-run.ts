/** A run as it is told to whoever gathers such: secrets are taken out of all its texts. */
export interface ToldRun {
  /** The command's words. */
  readonly command: string;
  /** Null where no threads.yml was read. */
  readonly app: string | null;
  /** The environment that -e names; null where none is. */
  readonly environment: string | null;
  /** The commit that was checked out; null where that could not be told. */
  readonly head: string | null;
  /** Of the job, where it is one of CI's. */
  readonly url: string | null;
  /** Version of threads. */
  readonly version: string;
  /** Milliseconds since the epoch, by this machine's clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly exitCode: number;
  /** The failure's code and its sentence; null where it went well. */
  readonly failure: { readonly code: string; readonly message: string } | null;
  /** In the order in which they began. */
  readonly tasks: readonly ToldTask[];
  /** What edges have counted meanwhile, over all hosts; null where none has. */
  readonly traffic: ToldTraffic | null;
}

export interface ToldTask {
  readonly title: string;
  readonly startedAt: number;
  /** Undefined where it did not end before the run. */
  readonly endedAt: number | undefined;
  readonly ok: boolean;
}

export interface ToldTraffic {
  readonly requests: number;
  readonly failed: number;
  /** The longest of all hosts, in milliseconds; null where nobody asked. */
  readonly longestGapMs: number | null;
}
