import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { LogsOptions } from "../../../src/lib/actions/logs/options.ts";
import { plainLogs } from "../../fakes/logs-options.ts";
import type { LogsResult } from "../../../src/lib/actions/logs/result.ts";
import { logs } from "../../../src/lib/actions/logs/run.ts";
import { logsCalls } from "../../../src/lib/aws/logs-calls.ts";
import { openContact } from "../../../src/lib/aws/contact.ts";
import type { Clock } from "../../../src/lib/clock/clock.ts";
import type { EcsEnvironment } from "../../../src/lib/ecs/environment-on-ecs.ts";
import type { LogLine } from "../../../src/lib/fleet/log-line.ts";
import type { Sight } from "../../../src/lib/fleet/target.ts";
import { silentProgress } from "../../../src/lib/progress/progress.ts";
import { createLogs } from "../../../src/lib/sandbox/server/logs/logs.ts";
import { connectUpstream } from "../../../src/lib/sandbox/server/upstream.ts";
import type { Secret } from "../../../src/lib/secret/secret.ts";
import { taskLogs } from "../../../src/lib/tasks/logs.ts";
import type { OlderStreams } from "../../../src/lib/tasks/older-streams.ts";
import { aConfig } from "../../fakes/config.ts";
import { asPrinted } from "../../fakes/results.ts";
import { onEcs } from "../ecs/world.ts";
import { openSandbox } from "../sandbox/server/open-sandbox.ts";

const group = "/shop/prod";
export const minute = 60_000;
export const day = 24 * 60 * minute;
const config = aConfig({
  app: "shop",
  services: ["web", "nginx", "celery"],
  runtime: { compose: "compose.yml", migrate: "migrate" },
  environments: { prod: onEcs({ services: { web: { containers: ["web", "nginx"] } } }) },
});
export const environment = config.environments["prod"] as EcsEnvironment;
export const member = { id: "ecs:shop/shop-prod", name: "ecs:shop/shop-prod", online: true };
const taskId = (letter: string): string => letter.repeat(32);
export const [webTask, workerTask] = [taskId("a"), taskId("b")];
export const texts = (lines: readonly LogLine[] | null): string[] => (lines ?? []).map(({ text }) => text);

/** `threads logs` of an environment on ECS, over the sandbox's CloudWatch Logs in this process, and a clock that runs as somebody waits. */
export async function openLogsWorld() {
  const directory = mkdtempSync(join(tmpdir(), "threads-task-logs-"));
  const state = {
    now: Date.parse("2026-11-28T08:00:00Z"),
    place: environment,
    members: (async () => [member]) as Sight["members"],
    secrets: (async () => []) as () => Promise<readonly Secret[]>,
    /** Streams of tasks that are called as they were once. */
    older: ((): readonly OlderStreams[] => []) as () => readonly OlderStreams[],
    /** What happens as somebody waits, in turn; then the reader is told to end. */
    meanwhile: [] as (() => Promise<void>)[],
  };
  const { service, store } = await createLogs(directory, () => state.now);
  const upstream = connectUpstream("http://127.0.0.1:1");
  const sandbox = await openSandbox({ upstream, services: async () => [service], withoutSockets: true });
  const client = new CloudWatchLogsClient(sandbox.clientSettings);
  const stopping = new AbortController();
  await store.createGroup(group);
  const clock: Clock = {
    now: () => state.now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      state.now += ms;
      const next = state.meanwhile.shift();
      if (next === undefined) stopping.abort(new Error("Ctrl-C"));
      else await next();
      signal?.throwIfAborted();
    },
  };
  const target: Sight = {
    minimum: 1,
    belongs: "cluster shop",
    members: () => state.members(),
    former: async () => [member],
    look: () => Promise.reject(new Error("nobody looks")),
  };
  const said: LogLine[] = [];
  const warned: string[] = [];
  const noted: string[] = [];
  return Object.assign(state, {
    sandbox,
    said,
    warned,
    noted,
    /** @param lines each with how many milliseconds before now it is said */
    async say(stream: string, ...lines: readonly (readonly [ago: number, text: string])[]): Promise<void> {
      await store.createStream(group, stream).catch(() => undefined);
      await store.append(
        group,
        stream,
        lines.map(([ago, message]) => ({ timestamp: state.now - ago, ingestedAt: state.now, message })),
      );
    },
    async read(change: Partial<LogsOptions> = {}): Promise<LogsResult> {
      for (const all of [said, warned, noted]) all.length = 0;
      const options = { ...plainLogs, ...change };
      const aws = { contact: openContact(), profile: undefined, logs: async () => client };
      const memberLogs = taskLogs(state.place, {
        config,
        clock,
        secrets: () => state.secrets(),
        olderStreams: async () => state.older(),
        callUntil: (signal) => logsCalls({ aws, clock, signal }),
      });
      const show = (lines: readonly LogLine[]): void => void said.push(...lines);
      const ports = {
        config,
        clock,
        progress: {
          ...silentProgress,
          warn: (text: string) => void warned.push(text),
          note: (text: string) => void noted.push(text),
        },
        targetOf: async () => target,
        logsOf: async () => memberLogs,
        show: options.follow ? show : undefined,
        signal: stopping.signal,
        closed: undefined,
      };
      return asPrinted("logs", await logs(options, ports));
    },
    /** How often CloudWatch Logs was asked. */
    async calls(): Promise<number> {
      return (await sandbox.log()).entries.filter(({ operation }) => operation === "FilterLogEvents").length;
    },
    async close(): Promise<void> {
      client.destroy();
      await sandbox.stop();
      rmSync(directory, { recursive: true });
    },
  });
}
