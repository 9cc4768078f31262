import type { Task } from "./task.ts";

/** What is to be done now; nothing of it has happened yet. */
export interface Moves {
  readonly starts: readonly { readonly deployment: string; readonly count: number }[];
  readonly stops: readonly { readonly task: Task; readonly why: "replaced" | "sick" | "surplus" }[];
  /** The deployment wants tasks, and its limits let none start and none stop. */
  readonly stuck: boolean;
}
