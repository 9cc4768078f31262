import type { Next } from "../../errors/next.ts";
import type { Shell } from "./script.ts";

/** The script itself. */
export interface CompletionScript extends Next {
  readonly outcome: "printed";
  readonly shell: Shell;
  readonly script: string;
}

/** What became of the script's file. */
export interface CompletionInstalled extends Next {
  readonly outcome: "installed" | "replaced" | "up-to-date" | "removed" | "not-installed" | "planned";
  readonly shell: Shell;
  /** Where that shell looks for it. */
  readonly path: string;
}
