import type { StackModel } from "./stack-model.ts";

/** What must be there for a stack to be well. */
export interface Expected {
  /** How many containers there are of each service. */
  readonly services: Readonly<Record<string, number>>;
  /** Services that must end with 0; the others must keep running. */
  readonly oneShot: readonly string[];
  /** Services that are well either way: running, or ended with 0. */
  readonly mayEnd: readonly string[];
}

/** @param names of the services that count; all of them where none are given */
export function expectedOf(model: StackModel, names?: readonly string[]): Expected {
  // One that the file switches off is nobody's business.
  const own = model.services.filter(({ name, replicas }) => replicas > 0 && names?.includes(name) !== false);
  const ending = (wanted: string): string[] => own.filter((one) => one.ending === wanted).map(({ name }) => name);
  return {
    services: Object.fromEntries(own.map(({ name, replicas }) => [name, replicas])),
    oneShot: ending("must"),
    mayEnd: ending("may"),
  };
}
