import { expect, test } from "vitest";
import { runText } from "../../../src/lib/remote/run-text.ts";

test.each([
  ["failed", 137, "failed", /exit code 137: it was killed: by somebody, or by the kernel for want of memory/],
  ["failed", 168, "failed", /exit code 168: it ended with 168/],
  ["failed", 169, "failed", /exit code 169: it ended with 169/],
  ["failed", 194, "failed", /exit code 194: it ended with 194, at which the agent reboots the host/],
  ["failed", 3, "failed", /^SSM: failed, exit code 3$/],
  ["succeeded", 0, "success", /^SSM: success$/],
  ["never-ran", -1, "undeliverable", /the host cannot be reached: it is offline, or its agent is down/],
  ["never-ran", -1, "accessdenied", /AWS denies the command on this host/],
  ["never-ran", -1, "invalidplatform", /not for what the host runs/],
  ["never-ran", -1, "terminated", /after failures on other hosts/],
  ["unknown", 137, "executiontimedout", /it ran out of time, and was killed/],
  ["unknown", -1, "deliverytimedout", /did not take it in time/],
  ["unknown", -1, "inprogress", /has gone away meanwhile/],
  ["unknown", -1, "cancelled", /was cancelled/],
  ["unknown", -1, "newword", /^SSM: newword$/],
] as const)("%s with %i, by SSM's word %s", (end, exitCode, status, says) => {
  expect(runText({ end, exitCode, status })).toMatch(says);
});

test("no run at all", () => {
  expect(runText(undefined)).toBe("SSM: noinvocation: the command was never shown");
});
