import type { Assignments } from "./render.ts";

/** One way in which deploy.sh ends badly. */
interface HostCode {
  readonly exit: number;
  /** The predicate of a sentence about the host. */
  readonly says: string;
  /** Whether the script may have changed something of the application by then, its database included. */
  readonly touched: boolean;
}

/** deploy.sh's exit codes, between those that shells use and those to which SSM's agent gives a meaning of its own. */
export const hostCodes = {
  notReady: { exit: 10, says: "is not ready", touched: false },
  superseded: { exit: 11, says: "has seen a newer deployment", touched: false },
  busy: { exit: 12, says: "is busy with another deployment", touched: false },
  notFetched: { exit: 13, says: "could not fetch the release", touched: false },
  notMigrated: { exit: 14, says: "could not migrate the database", touched: true },
  broughtBack: { exit: 15, says: "failed and is back on the old release", touched: true },
  stuck: { exit: 16, says: "failed, and the old release did not come back", touched: true },
  stopped: { exit: 18, says: "was told to stop", touched: true },
  bug: { exit: 20, says: "failed in the host script", touched: true },
} as const satisfies Record<string, HostCode>;

export type HostCodeName = keyof typeof hostCodes;

/** @returns undefined for an exit code that deploy.sh does not have */
export function hostCodeOf(exit: number): HostCode | undefined {
  return Object.values(hostCodes).find((code) => code.exit === exit);
}

/** As deploy.sh finds them: `NOT_READY` is 10. */
export function hostCodeVariables(): Assignments {
  const variable = (name: string): string => name.replaceAll(/[A-Z]/g, "_$&").toUpperCase();
  return Object.fromEntries(Object.entries(hostCodes).map(([name, { exit }]) => [variable(name), exit]));
}
