import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
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
    expect(config.test?.compose).toEqual([join(root, "backend/docker-compose-test.yml")]);
    expect(config.environments["prod"]).toMatchObject({
      requiresPromotion: true,
      hosts: { tag: "threads-env", value: "prod", minimum: 2 },
      gates: { smoke: true, verified: "staging", soakMs: 0 },
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

  it("says what stands in the place of a file, with the file that was probably meant", async () => {
    const failure = (file: string): unknown => {
      try {
        return loadConfig({ start: root, file, env: {} });
      } catch (error) {
        return error;
      }
    };
    mkdirSync(join(root, "empty"));
    expect(failure(".")).toMatchObject({
      code: "NO_CONFIG",
      exitCode: 2,
      message: `${root} is a folder, not a threads.yml`,
      next: [`export THREADS_CONFIG=${root}/threads.yml`],
    });
    expect(failure("empty")).toMatchObject({ exitCode: 2, next: [`ls -ld ${root}/empty`] });
    // Root may read every file, but nobody a socket.
    const socket = createServer();
    await new Promise<void>((resolve) => socket.listen(join(root, "a socket"), resolve));
    expect(failure("a socket")).toMatchObject({
      exitCode: 2,
      message: `${root}/a socket cannot be read (ENXIO)`,
      next: [`ls -ld '${root}/a socket'`],
    });
    socket.close();
  });
});
