/** The text of an environment file from which compose reads exactly these values. */
export function renderEnvFile(values: ReadonlyMap<string, string>): string {
  return [...values].map(([key, value]) => `${key}=${quoteEnvValue(value)}\n`).join("");
}

/**
 * Single quotes keep every character but a quote itself and a backslash before the closing one; for those double
 * quotes, in which backslash, quote and dollar are escaped (checked against the parser of Compose 2.26 by a test).
 */
export function quoteEnvValue(value: string): string {
  if (!value.includes("'") && !value.endsWith("\\")) return `'${value}'`;
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("$", "\\$")}"`;
}
