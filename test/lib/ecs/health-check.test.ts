import { describe, expect, it } from "vitest";
import { only } from "./world.ts";

const seconds = 1_000_000_000;
const Healthcheck = {
  Test: ["CMD", "bash", "/ok.sh"],
  Interval: 10 * seconds,
  Timeout: 3 * seconds,
  StartPeriod: 60 * seconds,
  StartInterval: 0.25 * seconds,
  Retries: 4,
};
const images = { web: { Healthcheck } };

describe("the health check of an image, which ECS passes over (API reference, HealthCheck)", () => {
  it("is written out", () => {
    const { container, noted } = only({}, { images });
    expect(container.healthCheck).toEqual({
      command: ["CMD", "bash", "/ok.sh"],
      interval: 10,
      timeout: 3,
      retries: 4,
      startPeriod: 60,
    });
    expect(noted).toEqual([
      "web asks more often while it starts (start_interval): ECS asks every interval from the beginning",
    ]);
  });

  it("has the rhythm that the compose file gives it", () => {
    const healthcheck = { interval: "1m30s", timeout: "4s", retries: 2, start_period: "5s" };
    expect(only({ healthcheck }, { images }).container.healthCheck).toEqual({
      command: ["CMD", "bash", "/ok.sh"],
      interval: 90,
      timeout: 4,
      retries: 2,
      startPeriod: 5,
    });
  });

  it("gives way to the compose file's own, with docker's rhythm where nobody says one", () => {
    const { container } = only({ healthcheck: { test: ["CMD-SHELL", "curl -f http://127.0.0.1 || exit 1"] } });
    expect(container.healthCheck).toEqual({
      command: ["CMD-SHELL", "curl -f http://127.0.0.1 || exit 1"],
      interval: 30,
      timeout: 30,
      retries: 3,
    });
    expect(only({ healthcheck: { test: "true" } }, { images }).container.healthCheck?.command).toEqual([
      "CMD-SHELL",
      "true",
    ]);
  });

  it("has docker's rhythm, or its image's, where the file says 0, which docker takes for nothing said", () => {
    const healthcheck = { interval: "0s", timeout: "0s", retries: 0, start_period: "0s", start_interval: "0s" };
    expect(only({ healthcheck: { test: "true", ...healthcheck } })).toMatchObject({
      noted: expect.not.arrayContaining([expect.stringContaining("start_interval")]),
      container: { healthCheck: { command: ["CMD-SHELL", "true"], interval: 30, timeout: 30, retries: 3 } },
    });
    const rhythm = { interval: 10, timeout: 3, retries: 4, startPeriod: 60 };
    expect(only({ healthcheck: { ...healthcheck, retries: "0" } }, { images }).container.healthCheck).toEqual({
      command: ["CMD", "bash", "/ok.sh"],
      ...rhythm,
    });
  });

  it.each([{ disable: true }, { test: ["NONE"] }])("is none where the compose file says so: %j", (healthcheck) => {
    expect(only({ healthcheck }, { images }).container).not.toHaveProperty("healthCheck");
  });

  it.each([{}, { Healthcheck: { Test: ["NONE"] } }, { Healthcheck: null }, { Healthcheck: { Test: [] } }])(
    "is none where the image has none: %j",
    (config) => {
      expect(only({}, { images: { web: config } }).container).not.toHaveProperty("healthCheck");
    },
  );

  it("keeps the dollars that compose has two of", () => {
    const test = ["CMD-SHELL", 'pg_isready -U "$$POSTGRES_USER"'];
    expect(only({ healthcheck: { test } }).container.healthCheck?.command[1]).toBe('pg_isready -U "$POSTGRES_USER"');
  });
});

describe("ECS's limits of a health check (interval 5–300, timeout 2–60, retries 1–10, startPeriod 0–300)", () => {
  const check = (rhythm: object) => only({ healthcheck: { test: "true", ...rhythm } });

  it("lengthen what is shorter, and say so", () => {
    const { container, refused, noted } = check({ interval: "500ms", timeout: "1s", start_period: "1500ms" });
    expect(container.healthCheck).toMatchObject({ interval: 5, timeout: 2, startPeriod: 2 });
    expect(refused).toEqual([]);
    expect(noted).toEqual([
      "web has an interval of 500 ms, which becomes 5 s on ECS",
      "web has a timeout of 1 s, which becomes 2 s on ECS",
      "web has a start_period of 1.5 s, which becomes 2 s on ECS",
    ]);
  });

  it("refuse what is longer, all of it at once", () => {
    expect(check({ interval: "301s", timeout: "61s", start_period: "5m1s", retries: 11 }).refused).toEqual([
      "web has an interval of 301 s, and ECS at most 300 s: ask more often",
      "web has a timeout of 61 s, and ECS at most 60 s: let the check itself give up sooner",
      "web has 11 retries of its health check, and ECS at most 10: ask less often instead",
      "web has a start_period of 301 s, and ECS at most 300 s: let more retries (up to 10) cover the rest of the start",
    ]);
  });

  it("take what is just within them", () => {
    const within = check({ interval: "300s", timeout: "60s", start_period: "5m", retries: 10 });
    expect(within).toMatchObject({ refused: [], noted: [] });
    expect(check({ interval: "5s", timeout: "2s", retries: 1 })).toMatchObject({ refused: [], noted: [] });
  });

  it("say what is no time", () => {
    expect(check({ interval: "soon" }).refused).toEqual([
      'web has "soon" as interval of its health check, which is no time',
    ]);
  });
});
