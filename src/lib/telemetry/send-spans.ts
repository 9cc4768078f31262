import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Hands spans to the collector that the environment names (OpenTelemetry, "OTLP Exporter Configuration"), which the exporter reads
 * by itself: address, headers, certificates, compression. Tried again within the time it has, as far as it minds that.
 * @throws Error where it did not take them
 */
export async function sendSpans(spans: readonly ReadableSpan[], env: Variables, timeoutMs: number): Promise<void> {
  if (spans.length === 0) return;
  const exporter = await openExporter(protocolIn(env), { timeoutMillis: timeoutMs });
  const { error, code } = await new Promise<ExportResult>((resolve) => exporter.export([...spans], resolve));
  await exporter.shutdown();
  if (code !== ExportResultCode.SUCCESS) throw error ?? new Error("the collector did not take it");
}

async function openExporter(
  protocol: string,
  settings: { readonly timeoutMillis: number },
): Promise<{
  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
}> {
  switch (protocol) {
    case "http/protobuf":
      return new (await import("@opentelemetry/exporter-trace-otlp-proto")).OTLPTraceExporter(settings);
    case "http/json":
      return new (await import("@opentelemetry/exporter-trace-otlp-http")).OTLPTraceExporter(settings);
    default:
      throw new Error(
        `OTLP by ${protocol} is not spoken here: set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or http/json`,
      );
  }
}

function protocolIn(env: Variables): string {
  return env["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] || env["OTEL_EXPORTER_OTLP_PROTOCOL"] || "http/protobuf";
}
