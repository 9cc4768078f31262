import type { Interfaces } from "@oclif/core";
import ThreadsHelp from "./help.ts";

/** The page of a command, or of threads itself, as text without colour. @throws ThreadsError UNKNOWN_COMMAND */
export async function helpText(words: readonly string[], config: Interfaces.Config): Promise<string> {
  const help = new KeptHelp(config, { stripAnsi: true });
  await help.showPage(words);
  return help.text;
}

class KeptHelp extends ThreadsHelp {
  text = "";

  protected override log(...parts: string[]): void {
    this.text += `${parts.join(" ")}\n`;
  }
}
