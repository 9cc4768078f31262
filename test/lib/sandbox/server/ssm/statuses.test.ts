import { describe, expect, it } from "vitest";
import { agentOutput, combinedOutput } from "../../../../../src/lib/sandbox/server/ssm/outputs.ts";
import {
  commandVerdict,
  isFinal,
  type StatusDetails,
  scriptVerdict,
  verdict,
} from "../../../../../src/lib/sandbox/server/ssm/statuses.ts";

const parent = (details: StatusDetails[], maxErrors = 0, cancelRequested = false) =>
  commandVerdict({ details, maxErrors, cancelRequested }).details;

describe("the status of a command", () => {
  it.each<[StatusDetails[], number, StatusDetails]>([
    [[], 0, "NoInstancesInTag"],
    [["Pending", "Pending"], 0, "Pending"],
    [["Success", "Pending"], 0, "InProgress"],
    [["Success", "Success"], 0, "Success"],
    [["Undeliverable", "Undeliverable", "Undeliverable", "Undeliverable", "Success"], 0, "Success"],
    [["Undeliverable", "Undeliverable"], 0, "Failed"],
    [["Success", "Failed"], 0, "Failed"],
    [["Success", "Failed"], 1, "Incomplete"],
    [["ExecutionTimedOut"], 0, "ExecutionTimedOut"],
    [["ExecutionTimedOut", "Failed"], 0, "Failed"],
    [["DeliveryTimedOut"], 0, "DeliveryTimedOut"],
    [["DeliveryTimedOut", "Success"], 0, "Incomplete"],
    [["Failed", "Terminated"], 0, "Failed"],
    [["Cancelled", "Success"], 0, "Cancelled"],
  ])("%j with MaxErrors %i is %s", (details, maxErrors, expected) => {
    expect(parent(details, maxErrors)).toBe(expected);
  });

  it("is Cancelling until the last host has answered", () => {
    expect(parent(["Cancelled", "Cancelling"], 0, true)).toBe("Cancelling");
    expect(isFinal("Cancelling")).toBe(false);
  });

  it("shows details as one of the API's statuses", () => {
    expect(verdict("Undeliverable").status).toBe("Failed");
    expect(verdict("DeliveryTimedOut").status).toBe("TimedOut");
    expect(verdict("Terminated").status).toBe("Cancelled");
    expect(verdict("NoInstancesInTag").status).toBe("Success");
  });
});

describe("the status of a script", () => {
  it("is Cancelled only when the cancellation killed it", () => {
    const end = { stdout: "", stderr: "", cancelled: true };
    expect(scriptVerdict({ ...end, exitCode: 137 }).details).toBe("Cancelled");
    expect(scriptVerdict({ ...end, exitCode: 0 }).details).toBe("Success");
    expect(scriptVerdict({ ...end, exitCode: 137, cancelled: false }).details).toBe("ExecutionTimedOut");
  });

  it.each([126, 255, 1])("%i is a failure with the agent's line on stderr", (exitCode) => {
    const found = scriptVerdict({ exitCode, stdout: "", stderr: "why\n", cancelled: false });
    expect(found).toMatchObject({ status: "Failed", stderr: `why\nfailed to run commands: exit status ${exitCode}` });
  });
});

describe("output", () => {
  it("keeps 24,000 characters of a stream, the head", () => {
    expect(agentOutput("x".repeat(24_000))).toBe("x".repeat(24_000));
    expect(agentOutput(`a${"x".repeat(24_000)}z`)).toMatch(/^ax+--output truncated--$/);
    expect(agentOutput("x".repeat(30_000))).toHaveLength(24_000);
  });

  it("joins both streams in 2,500 characters", () => {
    expect(combinedOutput("out\n", "")).toBe("out\n");
    expect(combinedOutput("out\n", "err\n")).toBe("out\n\n----------ERROR-------\nerr\n");
    expect(combinedOutput("o".repeat(5000), "")).toHaveLength(2500);
    const both = combinedOutput("o".repeat(5000), "e".repeat(5000));
    expect(both.length).toBeLessThanOrEqual(2500);
    expect(both).toMatch(/^o+\n---Output truncated---\n-+ERROR-+\ne+\n---Error truncated----$/);
    expect(combinedOutput("short", "e".repeat(5000))).toMatch(/^short\n-+ERROR-+\ne+\n---Error truncated----$/);
  });
});
