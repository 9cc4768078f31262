import type { Progress } from "../progress/progress.ts";
import type { Compose } from "./docker-compose.ts";
import { wordsOf } from "../errors/words-of.ts";

interface KeptStack {
  readonly kind: "smoke" | "test";
  readonly project: string;
  /** Values that must not show in any line. */
  readonly secrets: readonly string[];
}

interface KeptPorts {
  readonly compose: Pick<Compose, "allLogs" | "containers" | "logs">;
  readonly progress: Pick<Progress, "keep" | "detail">;
  readonly signal: AbortSignal;
}

/** So many lines of each container go into the record of the run. */
const keptLines = 10_000;

/** What its containers have said would go with them. Whoever has interrupted it does not wait for that. */
export async function keepLogs(stack: KeptStack, ports: KeptPorts): Promise<void> {
  const { progress, signal } = ports;
  if (signal.aborted) return;
  try {
    const mask = masking(stack.secrets);
    for (const [name, lines] of await logsOf(stack, ports)) progress.keep(name, lines.map(mask));
  } catch (error) {
    progress.detail(`the containers' logs are not on record: ${wordsOf(error)}`);
  }
}

/** Suites run in a one-off, which compose passes over: there each container is asked by itself. */
async function logsOf(
  { kind, project }: KeptStack,
  { compose, signal }: KeptPorts,
): Promise<Iterable<readonly [name: string, lines: readonly string[]]>> {
  if (kind === "smoke") return compose.allLogs(project, keptLines);
  const containers = await compose.containers(project, signal);
  return Promise.all(
    containers.map(async (one) => [one.name.replace(`${project}-`, ""), await compose.logs(one, keptLines)] as const),
  );
}

/** Each secret in a line becomes `[redacted]`. */
export function masking(secrets: readonly string[]): (line: string) => string {
  return (line) => secrets.reduce((text, secret) => text.replaceAll(secret, "[redacted]"), line);
}
