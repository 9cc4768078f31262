/** A managed node: one sandbox host as SSM sees it. */
export interface ManagedHost {
  /** `i-0123456789abcdef0` */
  readonly instanceId: string;
  /** What the executor knows the machine by; another machine under the same instance id has another reference. */
  readonly reference: string;
  /** False when the machine is stopped, frozen or still starting: PingStatus is then ConnectionLost. */
  readonly running: boolean;
  readonly computerName: string;
  readonly ipAddress: string;
  /** Epoch seconds. */
  readonly registeredAt: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Where the agent keeps its files on the host, e.g. /var/lib/amazon/ssm/i-… */
  readonly agentDirectory: string;
}

export interface ShellRun {
  /** Text for `sh -c`. */
  readonly program: string;
  /** $1 … of the program. */
  readonly words: readonly string[];
}

export interface ShellEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The port to the machines: Docker containers in the sandbox, local processes in the fast tests. */
export interface HostExecutor {
  hosts(): Promise<readonly ManagedHost[]>;
  /**
   * Runs a program as root on the host, outside any terminal, with no standard input, as leader of a process group of its own.
   * It goes on when the caller goes away. Rejects when the host cannot be reached.
   */
  run(host: ManagedHost, shell: ShellRun): Promise<ShellEnd>;
  /** An orderly reboot; resolves when the machine runs again. */
  restart(host: ManagedHost): Promise<void>;
}

/** Time as the service sees it; tests pass a faster one. */
export interface Pace {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export const realPace: Pace = {
  now: () => Date.now(),
  sleep: (milliseconds) =>
    new Promise((resolve) => {
      // A pending wait must not keep a server alive that is told to stop.
      setTimeout(resolve, milliseconds).unref();
    }),
};
