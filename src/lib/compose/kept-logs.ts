import type { Progress } from "../progress/progress.ts";
import type { Compose } from "./docker-compose.ts";
import { wordsOf } from "../errors/words-of.ts";

interface KeptStack {
  readonly project: string;
  /** Values that must not show in any line. */
  readonly secrets: readonly string[];
}

interface KeptPorts {
  readonly compose: Pick<Compose, "containers" | "logs">;
  readonly progress: Pick<Progress, "keep" | "detail">;
  readonly signal: AbortSignal;
}

/** So many lines of each container go into the record of the run. */
const keptLines = 10_000;

/** What its containers have said would go with them. Whoever has interrupted it does not wait for that. */
export async function keepLogs({ project, secrets }: KeptStack, ports: KeptPorts): Promise<void> {
  const { compose, progress, signal } = ports;
  if (signal.aborted) return;
  try {
    const containers = await compose.containers(project, signal);
    const mask = masking(secrets);
    await Promise.all(
      containers.map(async (one) =>
        progress.keep(one.name.replace(`${project}-`, ""), (await compose.logs(one, keptLines)).map(mask)),
      ),
    );
  } catch (error) {
    progress.detail(`the containers' logs are not on record: ${wordsOf(error)}`);
  }
}

/** Each secret in a line becomes `[redacted]`. */
export function masking(secrets: readonly string[]): (line: string) => string {
  return (line) => secrets.reduce((text, secret) => text.replaceAll(secret, "[redacted]"), line);
}
