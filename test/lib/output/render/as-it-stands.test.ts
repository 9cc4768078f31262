import { expect, test } from "vitest";
import type { StatusResult } from "../../../../src/lib/fleet/status-result.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderInit } from "../../../../src/lib/output/render/init.ts";
import { renderSandboxEnv } from "../../../../src/lib/output/render/sandbox-env.ts";
import { statusRenderer } from "../../../../src/lib/output/render/status.ts";
import { printed } from "./printed.ts";

const long = `# ${"word ".repeat(30).trim()}`;

test("what is a file, or is evaluated, is the same on a narrow terminal", async () => {
  const file = { path: "threads.yml", text: `${long}\napp: shop\n`, state: "planned" as const };
  const init = { outcome: "planned" as const, found: [], files: [file], next: [], advice: [] };
  expect(await printed(init as never, renderInit, 40)).toContain(`\n${long}\napp: shop\n`);
  const env = { variables: { A: "word ".repeat(30) }, unset: [] };
  expect(await printed(env, renderSandboxEnv("sh"), 40)).toBe(`export A='${"word ".repeat(30)}'\n`);
});

test("a host on which nothing runs answers nowhere", () => {
  const host = { id: "i-1", name: "prod-1", url: "http://127.0.0.1:1", verdict: "ok", release: null, deployment: null };
  const prod = {
    environment: "prod",
    outcome: "as-deployed",
    release: null,
    latest: null,
    freeze: null,
    hold: null,
    lease: null,
    weighed: null,
    problems: [],
  };
  const result = {
    observedAt: "2026-11-27T21:00:00.000Z",
    environments: [{ ...prod, hosts: [{ ...host, services: [], says: "" }], next: [], advice: [] }],
  } as unknown as StatusResult;
  expect(statusRenderer({})(result, plainPaint, 80)).toEqual([
    "prod  nothing was ever deployed",
    "  prod-1  i-1  runs nothing",
  ]);
});
