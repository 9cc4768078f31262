import { expect, it } from "vitest";
import type { Container } from "../../../src/lib/compose/containers.ts";
import { containerFailure } from "../../../src/lib/compose/failure.ts";

const failure = (lines: readonly string[], onHostNetwork = true) => {
  const container = { service: "cache", error: "", healthLog: [], onHostNetwork } as unknown as Container;
  return containerFailure({ container, reason: "ended with exit code 1", log: lines });
};

it.each([
  ["nginx", ["2026/11/28 10:00:00 [emerg] 1#1: bind() to 0.0.0.0:8080 failed (98: Address already in use)"], "8080"],
  ["node", ["Error: listen EADDRINUSE: address already in use :::3000"], "3000"],
  ["Go", ["10:00:00 listen tcp :9090: bind: address already in use"], "9090"],
  [
    "redis",
    [
      "1:M 28 Nov 2026 10:00:00.123 # Warning: Could not create server TCP listening socket *:6379: bind: Address already in use",
    ],
    "6379",
  ],
  ["gunicorn", ["[2026-11-28 10:00:00 +0000] [1] [ERROR] Connection in use: ('0.0.0.0', 8000)"], "8000"],
  [
    "uvicorn",
    ["ERROR: [Errno 98] error while attempting to bind on address ('0.0.0.0', 8001): address already in use"],
    "8001",
  ],
  [
    "PostgreSQL",
    [
      'LOG:  could not bind IPv4 address "0.0.0.0": Address already in use',
      "HINT:  Is another postmaster already running on port 5432? If not, wait.",
    ],
    "5432",
  ],
])("a port that %s finds taken on the machine's own network is not its doing", (_, lines, port) => {
  expect(failure(lines)).toMatchObject({
    code: "PORT_TAKEN",
    outcome: "refused",
    message: `port ${port} is taken by another program, and cache wants it: its ports are this machine's (network_mode: host)`,
    details: lines.map((line) => `cache | ${line}`),
  });
});

it("one that its program does not name is told as that", () => {
  expect(failure(["OSError: [Errno 98] Address already in use"]).message).toBe(
    "a port that cache wants is taken by another program: its ports are this machine's (network_mode: host)",
  );
});

it("in a network of its own nobody else can have it: that is the code's", () => {
  expect(failure(["listen EADDRINUSE: address already in use :::3000"], false)).toMatchObject({
    code: "SERVICE_FAILED",
    outcome: "checks",
  });
});

it("what ends for another reason is the code's on any network", () => {
  expect(failure(["no settings"]).code).toBe("SERVICE_FAILED");
});
