/** A word that every POSIX shell reads as exactly this text. */
export function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** The same for whatever a person may have typed: bash puts together what may not travel as it is. */
export function bashWord(value: string): string {
  return quote(value)
    .replaceAll(/\{(?=\{)/g, "{''")
    .replaceAll("\r", () => String.raw`'$'\r''`);
}
