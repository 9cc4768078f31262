import type { Next } from "../errors/next.ts";
import type { Paint } from "./paint.ts";

/** The commands to go on with, then the prose beside them. */
export function nextLines({ next, advice }: Next, paint: Paint, indent = "  "): string[] {
  return [
    ...next.map((command, index) => `${indent}${index === 0 ? "next:" : "  or:"} ${paint.strong(command)}`),
    ...advice.map((sentence) => `${indent}${sentence}`),
  ];
}
