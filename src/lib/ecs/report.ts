import type { Problem } from "../compose/problem.ts";

/** Takes down what a translation finds, so that all of it is told at once. */
export interface Report {
  /** What ECS has nothing for. */
  readonly problems: Problem[];
  /** What is otherwise there, and stops nothing. */
  readonly notes: Problem[];
}

/** One service's part of it. */
export interface ServiceReport {
  readonly refuse: (says: string) => void;
  readonly note: (says: string) => void;
}

export function reportOf(service: string, { problems, notes }: Report): ServiceReport {
  return {
    refuse: (says) => void problems.push({ service, says }),
    note: (says) => void notes.push({ service, says }),
  };
}
