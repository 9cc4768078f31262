import { hostRoot } from "./host-scripts.ts";
import type { HostScript } from "./render.ts";

/** The script that tells which step that of a deployment is at on its host. */
export function stepScript({ app, number, nonce, root = hostRoot }: StepScript): HostScript {
  return { name: "step", assignments: { APP: app, ROOT: root, NUMBER: number, NONCE: nonce } };
}

export interface StepScript {
  readonly app: string;
  readonly number: number;
  readonly nonce: string;
  /** Where a host keeps its records. */
  readonly root?: string;
}

/** @returns the step, in a word; undefined where it has not begun, or this is no answer to that question */
export function parseStep(stdout: string, nonce: string): string | undefined {
  const [, answered, step] =
    /^\{"threads":1,"action":"step","app":"[^"]+","nonce":"([0-9a-z]+)","step":"([a-z]+)"\}$/.exec(stdout.trim()) ?? [];
  return answered === nonce ? step : undefined;
}
