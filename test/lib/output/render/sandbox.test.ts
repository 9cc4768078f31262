import { describe, expect, test } from "vitest";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderSandboxDown } from "../../../../src/lib/output/render/sandbox-down.ts";
import { renderSandboxEnv } from "../../../../src/lib/output/render/sandbox-env.ts";
import { renderSandboxStatus } from "../../../../src/lib/output/render/sandbox-status.ts";
import { renderSandboxUp } from "../../../../src/lib/output/render/sandbox-up.ts";

const host = { id: "i-0123456789abcdef0", env: "prod", name: "prod-1", url: "http://127.0.0.1:20001" };

describe("the sandbox in words", () => {
  test("up: where everything is and what comes next", () => {
    const result = {
      outcome: "started" as const,
      id: "0a1b2c3d",
      endpoint: "http://127.0.0.1:20000",
      repository: "127.0.0.1:20000/threads",
      hosts: [host],
      clusters: [{ name: "shop", id: "i-0123456789abcdef1", environments: ["cloud", "edge"], services: [] }],
      started: ["aws"],
      next: ['eval "$(threads sandbox env)"', "threads smoke"],
      advice: [],
    };
    expect(renderSandboxUp(result, plainPaint)).toMatchInlineSnapshot(`
      [
        "The sandbox is up.",
        "",
        "endpoint  http://127.0.0.1:20000",
        "ECR_REPO  127.0.0.1:20000/threads",
        "",
        "HOST    ID                   ENVIRONMENT  URL",
        "prod-1  i-0123456789abcdef0  prod         http://127.0.0.1:20001",
        "",
        "CLUSTER  ID                   ENVIRONMENT",
        "shop     i-0123456789abcdef1  cloud and edge",
        "",
        "Next:",
        "  eval "$(threads sandbox env)"",
        "  threads smoke",
      ]
    `);
    expect(renderSandboxUp({ ...result, outcome: "already-up" }, plainPaint)[0]).toBe("The sandbox is already up.");
  });

  test("a host that answers to itself only has no address, and why is told", () => {
    const result = {
      outcome: "started" as const,
      id: "0a1b2c3d",
      endpoint: "http://127.0.0.1:20000",
      repository: "127.0.0.1:20000/threads",
      hosts: [{ ...host, url: null }],
      clusters: [],
      started: ["aws"],
      next: ["threads smoke"],
      advice: ["web publishes 127.0.0.1:8000:8000: only programs on a host reach that"],
    };
    expect(renderSandboxUp(result, plainPaint).slice(5)).toEqual([
      "HOST    ID                   ENVIRONMENT  URL",
      "prod-1  i-0123456789abcdef0  prod",
      "web publishes 127.0.0.1:8000:8000: only programs on a host reach that",
      "",
      "Next:",
      "  threads smoke",
    ]);
  });

  test("status: a killed host is seen, and what brings it back", () => {
    const running = { state: "running", detail: "Up 2 minutes", memoryBytes: 2 ** 25 };
    const result = {
      outcome: "incomplete" as const,
      id: "0a1b2c3d",
      endpoint: "http://127.0.0.1:20000",
      repository: "127.0.0.1:20000/threads",
      region: "eu-west-1",
      account: "000000000000",
      services: [
        { name: "aws", ...running },
        { name: "registry", ...running },
      ],
      hosts: [{ ...host, state: "stopped", detail: "Exited (137) 2 minutes ago", memoryBytes: null }],
      clusters: [
        {
          name: "ecs.shop",
          cluster: "shop",
          id: "i-0123456789abcdef1",
          environments: ["cloud"],
          services: [{ name: "shop-cloud-web", env: "cloud", url: "http://127.0.0.1:20002" }],
          state: "running",
          detail: "Up 2 minutes",
          memoryBytes: 90 * 2 ** 20,
        },
      ],
      memoryBytes: 2 ** 26,
      next: ["threads sandbox up"],
      advice: [],
    };
    expect(renderSandboxStatus(result, plainPaint)).toMatchInlineSnapshot(`
      [
        "The sandbox is up, but not complete.",
        "",
        "NAME           STATE    MEMORY  WHERE",
        "ECR, SSM, STS  running  32 MiB  http://127.0.0.1:20000",
        "Distribution   running  32 MiB",
        "prod-1         stopped          http://127.0.0.1:20001  i-0123456789abcdef0  prod  Exited (137) 2 minutes ago",
        "ecs.shop       running  90 MiB  http://127.0.0.1:20002  i-0123456789abcdef1  cloud",
        "",
        "memory    64 MiB in all",
        "ECR_REPO  127.0.0.1:20000/threads",
        "account   000000000000, eu-west-1",
        "",
        "next: threads sandbox up",
      ]
    `);
    expect(renderSandboxStatus({ ...result, outcome: "complete", next: [] }, plainPaint)[0]).toBe("The sandbox is up.");
  });

  test("down: what is gone and what is kept", () => {
    const result = {
      id: "x",
      removed: { containers: 7, networks: 1, volumes: 0, images: 0 },
      kept: 13,
      next: [],
      advice: [],
    };
    expect(renderSandboxDown({ ...result, outcome: "stopped" }, plainPaint)[0]).toBe("The sandbox is down.");
    expect(renderSandboxDown({ ...result, outcome: "purged" }, plainPaint)).toEqual([
      "The sandbox is gone, with its data.",
    ]);
    expect(renderSandboxDown({ ...result, outcome: "already-down" }, plainPaint)[0]).toBe(
      "The sandbox is down already.",
    );
    expect(renderSandboxDown({ ...result, outcome: "nothing" }, plainPaint)).toEqual(["There is no sandbox here."]);
  });

  test("env: in the syntax of each shell", () => {
    const result = { variables: { A: "it's", B: "plain" }, unset: ["AWS_PROFILE"] };
    expect(renderSandboxEnv("sh")(result, plainPaint)).toEqual([
      "unset AWS_PROFILE",
      `export A='it'\\''s'`,
      "export B='plain'",
    ]);
    expect(renderSandboxEnv("fish")(result, plainPaint)).toEqual([
      "set -e AWS_PROFILE",
      `set -gx A 'it\\'s'`,
      "set -gx B 'plain'",
    ]);
    expect(renderSandboxEnv("github")(result, plainPaint)).toEqual(["A=it's", "B=plain"]);
  });
});
