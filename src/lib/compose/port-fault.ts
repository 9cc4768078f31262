import { portLooks } from "../docker/failure.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Container } from "./containers.ts";

/** Words of the kernel, and of programs that have their own for them. */
const taken = /address already in use|EADDRINUSE|\bconnection in use: /i;
/** `0.0.0.0:8080`, `*:6379`, `[::]:80`, `:::80`, ` :80`, `('0.0.0.0', 8000)`, `port 5432`; and not the time before it. */
const named = /(?:(?:\.\d+|\*|\]|::|localhost|\s):|', |\bport )(\d{1,5})\b/;

/**
 * A container on the machine's own network that found its port taken: it is not its own doing, and docker knows nothing of it.
 * @param log its last lines. @returns PORT_TAKEN
 */
export function portFault(container: Container, log: readonly string[]): ThreadsError | undefined {
  if (!container.onHostNetwork) return undefined;
  const at = log.findIndex((line) => taken.test(line));
  if (at === -1) return undefined;
  // Some say which in the next line.
  const port = log.slice(at, at + 3).flatMap((line) => named.exec(line)?.[1] ?? [])[0];
  const { service } = container;
  return new ThreadsError("PORT_TAKEN", {
    message:
      port === undefined
        ? `a port that ${service} wants is taken by another program: its ports are this machine's (network_mode: host)`
        : `port ${port} is taken by another program, and ${service} wants it: its ports are this machine's (network_mode: host)`,
    details: log.map((line) => `${service} | ${line}`),
    next: portLooks,
    advice: [`take network_mode: host away from ${service}, where it needs no port of this machine`],
  });
}
