import { systemClock } from "../clock/clock.ts";
import type { RunRecorder } from "../runs/recorder.ts";
import { ownWords, type TypedLine } from "./typed-line.ts";

/**
 * Commands that leave a record of their run: the way of a release, and what decides about it. Not those that only look, and
 * not `exec`, whose words and output are somebody's own.
 */
const recorded: ReadonlySet<string> = new Set([
  "test",
  "smoke",
  "smoke down",
  "publish",
  "promote",
  "deploy",
  "rollback",
  "converge",
  "verify",
  "stress",
  "rehearse",
  "approve",
  "reject",
  "freeze",
  "lock",
  "policy push",
  "prune",
]);

interface Opened {
  readonly line: TypedLine;
  readonly environment: string | undefined;
  readonly version: string;
  readonly warn: (message: string) => void;
}

/** Whether a line leaves a record: a plan is no run. */
export function isRecorded({ command, argv }: TypedLine): boolean {
  return recorded.has(command) && !ownWords(argv).includes("--dry-run");
}

/** Names of variables by which somebody wants to be told: OpenTelemetry's, and those of CloudWatch's embedded metric format. */
const listener = /^(?:OTEL_EXPORTER_OTLP_(?:TRACES_)?|AWS_EMF_AGENT_)ENDPOINT$/;

/** Writes down what the line does; undefined where it leaves no record. What does that is loaded only then. */
export async function openRun({ line, environment, version, warn }: Opened): Promise<RunRecorder | undefined> {
  if (!isRecorded(line)) return undefined;
  const { runRecorder } = await import("../runs/recorder.ts");
  const { randomBytes } = await import("node:crypto");
  const id = randomBytes(3).toString("hex");
  const { command, argv } = line;
  const { env } = process;
  const options = { command, argv, environment: environment ?? null, version, env, clock: systemClock, id, warn };
  const record = runRecorder(options);
  if (!Object.keys(env).some((name) => listener.test(name))) return record;
  const { alsoTold } = await import("../telemetry/teller.ts");
  return alsoTold(record, options);
}
