import type { LogStore } from "../../logs/streams.ts";
import { ServiceError } from "../../protocol.ts";
import type { Input } from "../parts.ts";
import type { TaskEngine } from "./engine.ts";

/** Brings what a container says to its stream of CloudWatch Logs, as the log driver awslogs does. */
export interface LogPump {
  /** What was said since the last time. */
  pump(): Promise<void>;
}

/**
 * Streams are called `<prefix>/<container>/<task>`.
 * @returns undefined for a container without awslogs
 * @throws Error in the words of a task's stoppedReason, where there is no such group
 */
export async function openLogPump(
  container: Input,
  taskId: string,
  ports: {
    readonly logs: LogStore;
    readonly engine: TaskEngine;
    readonly containerName: string;
    readonly now: () => number;
  },
): Promise<LogPump | undefined> {
  const { logDriver, options = {} } = (container["logConfiguration"] ?? {}) as {
    readonly logDriver?: string;
    readonly options?: Readonly<Record<string, string>>;
  };
  if (logDriver !== "awslogs") return undefined;
  const group = options["awslogs-group"] ?? "";
  const stream = `${options["awslogs-stream-prefix"] ?? "ecs"}/${String(container["name"])}/${taskId}`;
  if (options["awslogs-create-group"] === "true") await ports.logs.createGroup(group).catch(ignoreThere);
  try {
    await ports.logs.createStream(group, stream).catch(ignoreThere);
  } catch (error) {
    throw new Error(
      `ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: ${(error as Error).message} : exit status 1`,
      { cause: error },
    );
  }
  return pumpTo(group, stream, ports);
}

function ignoreThere(error: unknown): void {
  if (!(error instanceof ServiceError) || error.type !== "ResourceAlreadyExistsException") throw error;
}

function pumpTo(
  group: string,
  stream: string,
  { logs, engine, containerName, now }: Parameters<typeof openLogPump>[2],
): LogPump {
  let last = "";
  // By a server before this one, which began at the first line too.
  let brought = logs.streams(group).find(({ name }) => name === stream)?.events.length ?? 0;
  return {
    async pump() {
      const lines = await engine.lines(containerName, last === "" ? undefined : last);
      if (lines === undefined) return;
      // What has the time of the last line was read with it.
      const fresh = lines.filter((line) => line.slice(0, line.indexOf(" ")) > last);
      const sorted = fresh.toSorted((one, other) => (one < other ? -1 : 1));
      const events = sorted.flatMap((line) => {
        const [time = "", message = ""] = line.split(/ (.*)/s, 2);
        last = time;
        return message === "" ? [] : [{ timestamp: Date.parse(time), ingestedAt: now(), message }];
      });
      const news = events.slice(brought);
      brought = 0;
      if (news.length > 0) await logs.append(group, stream, news);
    },
  };
}
