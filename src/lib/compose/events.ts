export interface ContainerEvent {
  readonly id: string;
  readonly service: string;
  /** Whether it may mean that the stack cannot come up any more: worth a look at once. */
  readonly alarming: boolean;
  /** Of one that has ended. */
  readonly exitCode: number | undefined;
}

/** @param line one line of `docker events --format '{{json .}}'` @returns undefined for what is not such a line */
export function parseEvent(line: string): ContainerEvent | undefined {
  let raw: { Action?: string; Actor?: { ID?: string; Attributes?: Record<string, string> } };
  try {
    raw = JSON.parse(line) as typeof raw;
  } catch {
    return undefined;
  }
  const attributes = raw.Actor?.Attributes ?? {};
  const action = raw.Action ?? "";
  const ended = action === "die" ? attributes["exitCode"] : undefined;
  const died = action === "die" && ended !== "0";
  return {
    id: raw.Actor?.ID ?? "",
    service: attributes["com.docker.compose.service"] ?? "",
    alarming: died || action === "oom" || action === "health_status: unhealthy",
    exitCode: ended === undefined ? undefined : Number(ended),
  };
}
