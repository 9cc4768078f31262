import { describe, expect, it } from "vitest";
import { createRateLimits } from "../../../../src/lib/sandbox/server/rate-limits.ts";

function taken(operation: string, { calls, over }: { calls: number; over: number }): number {
  let time = 0;
  const limits = createRateLimits(() => time);
  limits.enabled = true;
  let passed = 0;
  for (let call = 0; call < calls; call += 1) {
    time = (call * over) / calls;
    try {
      limits.take(operation);
      passed += 1;
    } catch (error) {
      if ((error as Error).name !== "ThrottlingException") throw error;
    }
  }
  return passed;
}

describe("rate limits", () => {
  it("let a second's worth pass at once, and then the rate", () => {
    expect(taken("PutImage", { calls: 100, over: 0 })).toBe(10);
    expect(taken("PutParameter", { calls: 100, over: 0 })).toBe(3);
    // Of ECS more pass at once than in any later second.
    expect(taken("RegisterTaskDefinition", { calls: 100, over: 0 })).toBe(20);
    expect(taken("RegisterTaskDefinition", { calls: 1000, over: 10_000 })).toBeLessThanOrEqual(30);
    expect(taken("PutParameter", { calls: 1000, over: 10_000 })).toBeGreaterThanOrEqual(32);
    expect(taken("PutParameter", { calls: 1000, over: 10_000 })).toBeLessThanOrEqual(33);
  });

  it("share one bucket among the reads of parameters, and leave what has no limit alone", () => {
    const limits = createRateLimits(() => 0);
    limits.enabled = true;
    for (let call = 0; call < 20; call += 1) {
      limits.take("GetParameter");
      limits.take("GetParametersByPath");
    }
    expect(() => limits.take("GetParameters")).toThrow("Rate exceeded");
    for (let call = 0; call < 1000; call += 1) limits.take("BatchGetImage");
  });

  it("are off by default", () => {
    const limits = createRateLimits(() => 0);
    expect(() => {
      for (let call = 0; call < 100; call += 1) limits.take("PutParameter");
    }).not.toThrow();
  });
});
