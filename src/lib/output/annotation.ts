/** What an annotation is about. */
export interface Subject {
  /** Relative to the folder of the checkout. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly title?: string;
}

/** A workflow command of GitHub Actions; `%`, CR and LF are escaped as the runner expects, and in a property `:` and `,` too. */
export function annotation(command: "error" | "warning" | "group", text: string, subject: Subject = {}): string {
  const { file, line, title } = subject;
  const properties = Object.entries({ file, line, title })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${escaped(String(value)).replaceAll(":", "%3A").replaceAll(",", "%2C")}`);
  return `::${command}${properties.length === 0 ? "" : ` ${properties.join(",")}`}::${escaped(text)}`;
}

function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
