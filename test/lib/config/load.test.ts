import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/lib/config/load.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "threads-config-"));
  cpSync(fileURLToPath(new URL("../../../threads.yml", import.meta.url)), join(root, "threads.yml"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("loadConfig", () => {
  it("finds the file above the working directory and makes paths absolute", () => {
    mkdirSync(join(root, "a/b"), { recursive: true });
    const config = loadConfig({ start: join(root, "a/b"), file: undefined, env: {} });
    expect(config.root).toBe(root);
    expect(config.test.compose).toBe(join(root, "backend/docker-compose-test.yml"));
    expect(config.environments["prod"]).toMatchObject({
      requiresPromotion: true,
      hosts: { tag: "threads-env", value: "prod", minimum: 2 },
      gates: { smoke: true, verified: "staging", soakMs: 0, scan: undefined, branch: undefined },
    });
    expect(config.environments["staging"]).toMatchObject({ requiresPromotion: false, gates: { smoke: true } });
  });

  it("lets ECR_REPO come before the file", () => {
    expect(loadConfig({ start: root, file: undefined, env: { ECR_REPO: "app" } }).registry.repository).toBe("app");
    expect(loadConfig({ start: root, file: undefined, env: { ECR_REPO: "" } }).registry.repository).toBeUndefined();
  });

  it("says where it looked when there is no file", () => {
    rmSync(join(root, "threads.yml"));
    expect(() => loadConfig({ start: root, file: undefined, env: {} })).toThrow(`there is no threads.yml in ${root}`);
    expect(() => loadConfig({ start: root, file: "other.yml", env: {} })).toThrow("other.yml does not exist");
  });
});
