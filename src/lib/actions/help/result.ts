import type { Next } from "../../errors/next.ts";

/** What `threads help` shows. */
export interface HelpResult extends Next {
  readonly outcome: "shown";
  /** A subject, or the words of a command; null for the page of threads itself. */
  readonly page: string | null;
  /** A subject as Markdown, or a command's page as it is printed; null where a schema was asked for. */
  readonly text: string | null;
  /** JSON Schema of what a command prints under --json, where `threads help json COMMAND` asks for it. */
  readonly schema: Readonly<Record<string, unknown>> | null;
  /** Every subject that there is. */
  readonly subjects: readonly HelpSubject[];
}

export interface HelpSubject {
  readonly name: string;
  readonly title: string;
}
