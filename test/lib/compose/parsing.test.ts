import { describe, expect, it } from "vitest";
import { parseContainers } from "../../../src/lib/compose/containers.ts";
import { parseEvent } from "../../../src/lib/compose/events.ts";
import { isProjectName, newProjectName } from "../../../src/lib/compose/project-name.ts";
import { parseLabelled } from "../../../src/lib/compose/stale.ts";

describe("parseContainers", () => {
  const raw = {
    Id: "abc",
    Name: "/p-web-1",
    Image: "sha256:1",
    RestartCount: 2,
    Config: {
      Image: "app-web:1",
      Labels: { "com.docker.compose.service": "web" },
      Healthcheck: { Test: ["CMD", "true"], Interval: 10e9, StartInterval: 250e6, Retries: 3 },
    },
    State: {
      Status: "running",
      ExitCode: 0,
      OOMKilled: false,
      Error: "",
      StartedAt: "s",
      FinishedAt: "f",
      Health: { Status: "unhealthy", Log: [{ ExitCode: 1, Output: "refused\n" }] },
    },
    NetworkSettings: { Ports: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "32768" }], "9/tcp": null } },
  };

  it("keeps what decides, from docker's own shape", () => {
    expect(parseContainers(JSON.stringify([raw]))).toEqual([
      {
        id: "abc",
        name: "p-web-1",
        service: "web",
        image: "app-web:1",
        imageId: "sha256:1",
        status: "running",
        health: "unhealthy",
        exitCode: 0,
        oomKilled: false,
        restarts: 2,
        error: "",
        startedAt: "s",
        finishedAt: "f",
        healthCheck: { intervalMs: 10_000, retries: 3, startPeriodMs: 0, startIntervalMs: 250 },
        healthLog: ["exit 1: refused"],
        ports: { "8080/tcp": 32768 },
        onHostNetwork: false,
      },
    ]);
  });

  it.each([[["NONE"]], [[]], [null]])("takes a health check %j for none", (Test) => {
    const [container] = parseContainers(
      JSON.stringify([{ ...raw, Config: { ...raw.Config, Healthcheck: { Test, Interval: 1e9 } } }]),
    );
    expect(container?.healthCheck).toBeUndefined();
  });

  it("takes a container without health check, labels and ports", () => {
    const bare = {
      ...raw,
      Config: { Image: "i", Labels: null },
      State: { ...raw.State, Health: null },
      NetworkSettings: {},
    };
    expect(parseContainers(JSON.stringify([bare]))).toMatchObject([
      { service: "", health: "none", healthCheck: undefined, healthLog: [], ports: {} },
    ]);
  });
});

describe("parseEvent", () => {
  const event = (action: string, exitCode?: string): string =>
    JSON.stringify({
      Type: "container",
      Action: action,
      Actor: {
        ID: "abc",
        Attributes: { "com.docker.compose.service": "web", ...(exitCode === undefined ? {} : { exitCode }) },
      },
    });
  it.each([
    [event("start"), false],
    [event("die", "0"), false],
    [event("die", "1"), true],
    [event("oom"), true],
    [event("health_status: healthy"), false],
    [event("health_status: unhealthy"), true],
  ])("%s is alarming: %s", (line, alarming) => {
    expect(parseEvent(line)).toMatchObject({ id: "abc", service: "web", alarming });
  });
  it("passes over what is not an event", () => {
    expect(parseEvent("WARNING: something")).toBeUndefined();
  });
});

describe("stacks", () => {
  it("tell by labels of ours whose they are and what for; those of others do not", () => {
    const mine = ["app-smoke-0000dead", "h:2", "3600", "1", "", ""];
    const kept = ["app-test-0000beef", "h:2", "7200", "", "1", "1"];
    const text = [mine, kept, ["customer-db", "", "", "", "", ""]].map((one) => JSON.stringify(one)).join("\n");
    expect(parseLabelled(`${text}\n`)).toEqual([
      { project: "app-smoke-0000dead", owner: "h:2", started: 3600, kind: "smoke", kept: false },
      { project: "app-test-0000beef", owner: "h:2", started: 7200, kind: "test", kept: true },
      { project: "customer-db", owner: "", started: Number.NaN, kind: undefined, kept: false },
    ]);
  });

  it("bear names that a run may have given", () => {
    for (const kind of ["smoke", "test"] as const)
      expect(isProjectName(newProjectName("my-app", kind), kind)).toBe(true);
  });
});
