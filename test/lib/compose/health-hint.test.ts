import { expect, test } from "vitest";
import type { Container, HealthCheck } from "../../../src/lib/compose/containers.ts";
import { healthHint, ignoredStartIntervals, tooFewTries } from "../../../src/lib/compose/health-hint.ts";

const missing = "curl is not in the image: the health check is broken, and not web";

test.each([
  [
    'exit -1: OCI runtime exec failed: exec failed: unable to start container process: exec: "curl": executable file not found in $PATH: unknown',
    missing,
  ],
  ["exit 127: /bin/sh: 1: curl: not found", missing],
  ["exit 127: /bin/sh: curl: not found", missing],
  ["exit 127: bash: line 1: curl: command not found", missing],
  [
    "exit 1: Connecting to localhost:8080 ([::1]:8080)\nwget: can't connect to remote host: Connection refused",
    "the health check asks localhost, which is ::1 there: where web listens on IPv4 only, let it ask 127.0.0.1",
  ],
])("%s", (said, hint) => {
  expect(healthHint("web", ["exit 0: ok", said])).toBe(hint);
});

test.each(["exit 1: status 500: page not found", "exit 22: curl: (22) The requested URL returned error: 404", ""])(
  "what is the service's own fault has none: %s",
  (said) => {
    expect(healthHint("web", [said])).toBeUndefined();
  },
);

const unset: HealthCheck = { intervalMs: 0, retries: 0, startPeriodMs: 0, startIntervalMs: 0 };
const container = (healthCheck: HealthCheck | undefined, health: Container["health"] = "unhealthy"): Container =>
  ({ service: "web", health, healthCheck }) as Container;

test("what was unhealthy too soon is told how many tries it had, and what gives it more", () => {
  const hint = (tries: string): string =>
    `if web only needs longer to start, raise start_period of its health check: ${tries}, have failed`;
  expect(tooFewTries(container({ ...unset, retries: 5, intervalMs: 2_000 }))).toBe(
    hint("5 tries in a row, one every 2 s"),
  );
  expect(tooFewTries(container({ ...unset, retries: 1 }))).toBe(hint("1 try in a row, one every 30 s"));
  expect(tooFewTries(container(unset))).toBe(hint("3 tries in a row, one every 30 s"));
  expect(tooFewTries(container(unset, "healthy"))).toBeUndefined();
  expect(tooFewTries(container(undefined))).toBeUndefined();
});

test("a start_interval that docker ignores is named, once a service", () => {
  const ignored = container({ ...unset, startIntervalMs: 500, intervalMs: 10_000 }, "healthy");
  expect(ignoredStartIntervals([ignored, ignored])).toEqual([
    "docker ignores start_interval in the health check of web, since start_period is not set: the first look comes after 10 s",
  ]);
  const heeded = container({ ...unset, startIntervalMs: 500, startPeriodMs: 1 });
  expect(ignoredStartIntervals([heeded, container(unset), container(undefined)])).toEqual([]);
});
