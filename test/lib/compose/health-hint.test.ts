import { expect, test } from "vitest";
import { healthHint } from "../../../src/lib/compose/health-hint.ts";

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
