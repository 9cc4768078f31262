import { randomBytes } from "node:crypto";
import type { StackLabels } from "./override.ts";

/** `<app>-smoke-1f2e3d4c`: the compose project of one run, and the beginning of its workspace's name. */
export function newProjectName(app: string, kind: StackLabels["kind"]): string {
  return `${app}-${kind}-${randomBytes(4).toString("hex")}`;
}

/** Whether `newProjectName` may have made it, for any application. */
export function isProjectName(name: string, kind: StackLabels["kind"]): boolean {
  return new RegExp(`^.+-${kind}-[0-9a-f]{8}$`).test(name);
}
