import type { Access } from "../../../iam/evaluate.ts";
import type { AccessOf, JsonService } from "../protocol.ts";
import { logReads } from "./read-events.ts";
import { type LogStore, openLogStore } from "./streams.ts";
import { logWrites } from "./write-events.ts";

export interface LogsService {
  readonly service: JsonService;
  /** For the hosts' agents, which write what scripts say. */
  readonly store: LogStore;
}

/** CloudWatch Logs as far as SSM's output and whoever reads it need it (API reference, 2014-03-28). @param directory where it is kept */
export async function createLogs(directory: string, now: () => number): Promise<LogsService> {
  const store = await openLogStore(directory, now);
  const operations = { ...logWrites(store, now), ...logReads(store, now) };
  const accesses = Object.keys(operations).map((name): [string, AccessOf] => [
    name,
    (input, call) => [logAccess(name, { group: input["logGroupName"], stream: input["logStreamName"] }, call)],
  ]);
  return { service: { target: "Logs_20140328", operations, accesses: Object.fromEntries(accesses) }, store };
}

/**
 * What an operation is to IAM (service authorization reference, CloudWatch Logs): a stream, or a group, which denials of real
 * accounts show as one without a name of its stream; of all groups where none is named.
 */
export function logAccess(
  operation: string,
  { group, stream }: { readonly group: unknown; readonly stream?: unknown },
  { region, identity }: { readonly region: string; readonly identity: { readonly account: string } },
): Access {
  const [groupName, streamName] = [group, stream].map((name) => (typeof name === "string" ? name : ""));
  const resource = `arn:aws:logs:${region}:${identity.account}:log-group:${groupName}:log-stream:${streamName}`;
  return { action: `logs:${operation}`, resource, context: {} };
}
