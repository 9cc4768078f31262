import { MetricsContext } from "aws-embedded-metrics/lib/logger/MetricsContext.js";
import { LogSerializer } from "aws-embedded-metrics/lib/serializers/LogSerializer.js";
import type { ToldRun } from "./told-run.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * A run as metrics of CloudWatch, in the embedded metric format: by application, command and, where there is one, environment.
 * What would be a dimension for each run (revision, failure's code) is a property, which Logs Insights finds.
 * @returns lines of JSON, without line ends
 */
export function metricLines(run: ToldRun, env: Variables): readonly string[] {
  const { app, environment, traffic } = run;
  const context = MetricsContext.empty();
  context.setNamespace(env["AWS_EMF_NAMESPACE"] || "threads");
  context.setTimestamp(run.endedAt);
  const [group, stream] = [env["AWS_EMF_LOG_GROUP_NAME"], env["AWS_EMF_LOG_STREAM_NAME"]];
  context.meta["LogGroupName"] = group || "threads-metrics";
  if (stream) context.meta["LogStreamName"] = stream;
  context.setDimensions([
    {
      ...(app !== null && { Application: app }),
      Command: run.command,
      ...(environment !== null && { Environment: environment }),
    },
  ]);
  context.putMetric("Duration", run.endedAt - run.startedAt, "Milliseconds");
  context.putMetric("Failed", run.exitCode === 0 ? 0 : 1, "Count");
  if (traffic !== null) {
    context.putMetric("Requests", traffic.requests, "Count");
    context.putMetric("FailedRequests", traffic.failed, "Count");
    if (traffic.longestGapMs !== null) context.putMetric("LongestGap", traffic.longestGapMs, "Milliseconds");
  }
  const properties = {
    exitCode: run.exitCode,
    code: run.failure?.code,
    revision: run.head,
    url: run.url,
    version: run.version,
  };
  for (const [name, value] of Object.entries(properties)) if (value != null) context.setProperty(name, value);
  return new LogSerializer().serialize(context);
}
