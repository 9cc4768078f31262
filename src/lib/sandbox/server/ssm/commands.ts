import { type JsonStore, openJsonStore, openJsonStores, type StateDir, stateFile } from "../json-store.ts";
import type { StatusDetails } from "./statuses.ts";

/** One host's part of a command. Times are milliseconds since the epoch. */
export interface Invocation {
  readonly instanceId: string;
  details: StatusDetails;
  /** Online when the command was sent: decides how an undelivered command is reported. */
  readonly wasOnline: boolean;
  /** The machine that took the command. */
  reference?: string;
  startedAt?: number;
  endedAt?: number;
  /** Starts of the script so far; more than one after reboots. */
  runs: number;
  responseCode: number;
  stdout: string;
  stderr: string;
  cancelRequested: boolean;
  /** Bytes of both streams that are in the log group. */
  written?: { readonly stdout: number; readonly stderr: number };
}

export interface Command {
  readonly commandId: string;
  readonly documentName: string;
  readonly documentVersion: string;
  readonly comment: string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly instanceIds: readonly string[];
  readonly targets: readonly { readonly Key: string; readonly Values: readonly string[] }[];
  readonly requestedAt: number;
  readonly timeoutSeconds: number;
  readonly executionTimeoutSeconds: number;
  /** Of a document of one's own what the agent gets, with all values in their places; absent for AWS-RunShellScript. */
  readonly own?: {
    readonly plugin: string;
    readonly script: string;
    readonly workingDirectory: string;
    /** Of the environment. */
    readonly variables: Readonly<Record<string, string>>;
  };
  readonly maxConcurrency: string;
  readonly maxErrors: string;
  readonly region: string;
  /** Of CloudWatch Logs, where its output goes as well. */
  readonly logGroup?: string;
  cancelRequested: boolean;
  readonly invocations: Invocation[];
}

/** Every command of the last 30 days, each in a file of its own so that a change writes one command and not the whole history. */
export interface CommandLog {
  /** Newest first. */
  all(): readonly Command[];
  find(commandId: string): Command | undefined;
  add(command: Command): Promise<void>;
  /** Changes a command; `change` must be synchronous. Resolves when it is on disk. */
  update(commandId: string, change: (command: Command) => void): Promise<void>;
}

const historyMilliseconds = 30 * 24 * 3_600_000;

/** @param directory created when missing; holds one `<command id>.json` per command. */
export async function openCommandLog(directory: StateDir, now: () => number): Promise<CommandLog> {
  const stores = directory === undefined ? new Map<string, JsonStore<Command>>() : await readLog(directory, now());
  return {
    all: () => [...stores.values()].map((store) => store.state).sort((a, b) => b.requestedAt - a.requestedAt),
    find: (commandId) => stores.get(commandId)?.state,
    async add(command) {
      const store = await openJsonStore<Command>(stateFile(directory, `${command.commandId}.json`), () => command);
      stores.set(command.commandId, store);
      await store.update(() => {});
    },
    async update(commandId, change) {
      await stores.get(commandId)?.update(change);
    },
  };
}

/** What an earlier server has left, by id. */
async function readLog(directory: string, now: number): Promise<Map<string, JsonStore<Command>>> {
  const left = await openJsonStores<Command>(directory, ({ requestedAt }) => now - requestedAt > historyMilliseconds);
  return new Map(left.map((store) => [store.state.commandId, store]));
}

/** "10" of 5 hosts is 10, "50%" of 5 hosts is 2; at least `floor`. */
export function share(rule: string, targets: number, floor: number): number {
  const value = rule.endsWith("%") ? Math.floor((Number(rule.slice(0, -1)) * targets) / 100) : Number(rule);
  return Math.max(floor, value);
}
