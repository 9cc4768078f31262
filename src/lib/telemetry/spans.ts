import {
  type Attributes,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { ToldRun, ToldTask } from "./told-run.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * A run as a trace: one span for the command, and below it one for each of its tasks. Attributes are named by OpenTelemetry's
 * semantic conventions (deployment, vcs, cicd, error) where they have a name. A job that has a trace of its own hands it on by
 * TRACEPARENT; none where that one is not sampled.
 */
export async function spansOf(run: ToldRun, env: Variables): Promise<readonly ReadableSpan[]> {
  const exporter = new InMemorySpanExporter();
  // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES of the user's own come last.
  const resource = defaultResource()
    .merge(resourceFromAttributes({ "service.name": "threads", "service.version": run.version }))
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  tell(run, provider.getTracer("threads", run.version), env);
  await provider.forceFlush();
  return exporter.getFinishedSpans();
}

function tell(run: ToldRun, tracer: Tracer, env: Variables): void {
  const carrier = { traceparent: env["TRACEPARENT"], tracestate: env["TRACESTATE"] };
  const outer = new W3CTraceContextPropagator().extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
  const attributes = attributesOf(run);
  const whole = tracer.startSpan(`threads ${run.command}`, { startTime: run.startedAt, attributes }, outer);
  const inner = trace.setSpan(outer, whole);
  for (const task of run.tasks)
    endTask(tracer.startSpan(task.title, { startTime: task.startedAt }, inner), task, run.endedAt);
  if (run.exitCode !== 0) whole.setStatus({ code: SpanStatusCode.ERROR, message: run.failure?.message ?? "" });
  whole.end(run.endedAt);
}

function endTask(span: Span, { endedAt, ok }: ToldTask, atLast: number): void {
  if (!ok) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(endedAt ?? atLast);
}

function attributesOf({ app, environment, head, url, exitCode, failure, traffic }: ToldRun): Attributes {
  return {
    "threads.application": app ?? undefined,
    "deployment.environment.name": environment ?? undefined,
    "vcs.ref.head.revision": head ?? undefined,
    "cicd.pipeline.run.url.full": url ?? undefined,
    "process.exit.code": exitCode,
    "error.type": failure?.code,
    "threads.requests": traffic?.requests,
    "threads.requests.failed": traffic?.failed,
  };
}
