import type { Permission } from "./document.ts";
import type { IamSubject } from "./subject.ts";

export const jobs = [
  "publisher",
  "promoter",
  "deployer",
  "approver",
  "policymaker",
  "archivist",
  "host",
  "reader",
] as const;
export type Job = (typeof jobs)[number];

/** What somebody, or something, may do for one application. */
export interface Role {
  /** `threads-publisher`, `threads-prod-promoter`. */
  readonly name: string;
  readonly job: Job;
  /** Undefined where the role is for the application as a whole. */
  readonly environment: string | undefined;
  /** Who takes it, in a sentence. */
  readonly purpose: string;
  /** Commands that need nothing beyond it. */
  readonly commands: readonly string[];
  readonly permissions: readonly Permission[];
}

/** What a role is called, and what it is there for. */
export function role(
  { app }: IamSubject,
  job: Job,
  environment: string | undefined,
): Pick<Role, "name" | "job" | "environment"> {
  return { name: [app, environment, job].filter((part) => part !== undefined).join("-"), job, environment };
}
