import type { Next } from "../../errors/next.ts";

/** What `threads init` found, and what it wrote or would write. */
export interface InitResult extends Next {
  readonly outcome: "written" | "planned";
  readonly files: readonly InitFile[];
  /** What of the repository decided what, in the order of threads.yml. */
  readonly found: readonly Finding[];
}

export interface InitFile {
  /** Relative to the folder. */
  readonly path: string;
  readonly state: "new" | "replaced";
  readonly text: string;
}

export interface Finding {
  /** Dotted path of the key in threads.yml. */
  readonly key: string;
  readonly value: string;
  readonly because: string;
}
