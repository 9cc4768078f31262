import type { Next } from "../../errors/next.ts";
import type { PolicyDocument } from "../../iam/document.ts";
import type { Job } from "../../iam/role.ts";

/** The IAM roles that an application needs. */
export interface IamResult extends Next {
  readonly outcome: "shown";
  readonly account: string;
  readonly region: string;
  readonly roles: readonly ShownRole[];
  /** By which hosts take orders, where threads.yml says so. */
  readonly documents: readonly ShownDocument[];
}

export interface ShownDocument {
  readonly name: string;
  readonly environment: string;
  /** Name of its version: the hash of its content. */
  readonly version: string;
  /** JSON, as SSM takes it. */
  readonly content: string;
}

export interface ShownRole {
  readonly name: string;
  readonly job: Job;
  /** Null where the role is for the application as a whole. */
  readonly environment: string | null;
  readonly purpose: string;
  /** Commands of threads that need nothing beyond it. */
  readonly commands: readonly string[];
  readonly permissions: readonly ShownPermission[];
  /** The same permissions as IAM takes them. */
  readonly policy: PolicyDocument;
  /** Who may take it, as IAM takes that; null where it is not known which repository's workflows. */
  readonly trust: PolicyDocument | null;
}

export interface ShownPermission {
  /** `ssm:PutParameter`. */
  readonly action: string;
  readonly why: string;
  /** ARNs, with the wildcards and variables of policies. */
  readonly resources: readonly string[];
  /** Condition keys and the values that they must have; empty where there is none. */
  readonly where: Readonly<Record<string, string>>;
}
