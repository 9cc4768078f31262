import type { Container } from "./containers.ts";
import type { ContainerEvent } from "./events.ts";

/** How containers ended last, by id: of one that was started again the engine only says 0, until it ends once more. */
export interface LastExits {
  hear(event: ContainerEvent | undefined): void;
  /** The containers with the exit code of their last end. */
  known(containers: readonly Container[]): Container[];
}

export function lastExits(): LastExits {
  const codes = new Map<string, number>();
  return {
    hear: (event) => {
      if (event?.exitCode !== undefined) codes.set(event.id, event.exitCode);
    },
    known: (containers) =>
      containers.map((container) => {
        const { id, status, restarts, exitCode } = container;
        const isAgain = status === "running" && restarts > 0;
        return isAgain ? { ...container, exitCode: codes.get(id) ?? exitCode } : container;
      }),
  };
}

/** In brackets behind a reason; nothing where the engine does not say it any more. */
export function lastExit({ status, exitCode }: Container): string | undefined {
  return status === "running" && exitCode === 0 ? undefined : `last exit code ${exitCode}`;
}
