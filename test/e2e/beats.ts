import {
  CloudWatchLogsClient,
  paginateDescribeLogStreams,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";

/** From when to when a task has beaten, by its own word; milliseconds since the epoch. */
export interface Beating {
  readonly stream: string;
  readonly from: number;
  readonly to: number;
}

/** When tasks of `beat` of the ECS project have beaten, by their logs, the first one first. */
export async function readBeats(env: Readonly<Record<string, string>>, logGroupName: string): Promise<Beating[]> {
  const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = env;
  const client = new CloudWatchLogsClient({
    endpoint: env["AWS_ENDPOINT_URL"] ?? "",
    region: env["AWS_REGION"] ?? "",
    credentials: { accessKeyId, secretAccessKey },
  });
  try {
    const beats = new Map<string, number[]>();
    const asked = { logGroupName, logStreamNamePrefix: "beat/" };
    for await (const { logStreams = [] } of paginateDescribeLogStreams({ client }, asked))
      for (const { logStreamName = "" } of logStreams) beats.set(logStreamName, []);
    for (const [stream, times] of beats)
      for await (const { events = [] } of paginateFilterLogEvents(
        { client },
        { logGroupName, logStreamNames: [stream] },
      ))
        times.push(...events.map(({ message = "" }) => Number.parseFloat(message) * 1000));
    return [...beats]
      .filter(([, times]) => times.length > 0)
      .map(([stream, times]) => ({ stream, from: Math.min(...times), to: Math.max(...times) }))
      .toSorted((one, other) => one.from - other.from);
  } finally {
    client.destroy();
  }
}

/** Those that began to beat while another one still did. */
export function doubled(beats: readonly Beating[]): readonly Beating[] {
  return beats.filter((one, at) => beats.slice(0, at).some(({ to }) => to > one.from));
}
