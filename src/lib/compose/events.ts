export interface ContainerEvent {
  readonly service: string;
  /** Whether it may mean that the stack cannot come up any more: worth a look at once. */
  readonly alarming: boolean;
}

/** @param line one line of `docker events --format '{{json .}}'` @returns undefined for what is not such a line */
export function parseEvent(line: string): ContainerEvent | undefined {
  let raw: { Action?: string; Actor?: { Attributes?: Record<string, string> } };
  try {
    raw = JSON.parse(line) as typeof raw;
  } catch {
    return undefined;
  }
  const attributes = raw.Actor?.Attributes ?? {};
  const action = raw.Action ?? "";
  const died = action === "die" && attributes["exitCode"] !== "0";
  return {
    service: attributes["com.docker.compose.service"] ?? "",
    alarming: died || action === "oom" || action === "health_status: unhealthy",
  };
}
