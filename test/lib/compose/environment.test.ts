import { describe, expect, it } from "vitest";
import { composeEnvironment, engineHost } from "../../../src/lib/compose/environment.ts";

describe("composeEnvironment", () => {
  it("removes what would change which files are read, and what would win over our own files", () => {
    const shell = {
      PATH: "/bin",
      COMPOSE_FILE: "other.yml",
      COMPOSE_PROFILES: "debug",
      COMPOSE_ENV_FILES: "x",
      COMPOSE_PROJECT_NAME: "prod",
      DOCKER_BUILDKIT: "0",
      WEB_IMAGE: "stray",
      POSTGRES_IMAGE: "postgres:16",
    };
    expect(composeEnvironment(shell, ["WEB_IMAGE", "DATABASE_URL"])).toEqual({
      COMPOSE_FILE: undefined,
      COMPOSE_PROFILES: undefined,
      COMPOSE_ENV_FILES: undefined,
      COMPOSE_PROJECT_NAME: undefined,
      DOCKER_BUILDKIT: undefined,
      WEB_IMAGE: undefined,
      DATABASE_URL: undefined,
      BUILDX_NO_DEFAULT_ATTESTATIONS: "1",
      DOCKER_CLI_HINTS: "false",
    });
  });
});

describe("engineHost", () => {
  it.each([
    [undefined, "127.0.0.1"],
    ["unix:///var/run/docker.sock", "127.0.0.1"],
    ["tcp://docker:2375", "docker"],
    ["ssh://me@build.example:22", "build.example"],
    ["tcp://[::1]:2375", "[::1]"],
  ])("%s → %s", (dockerHost, host) => {
    expect(engineHost({ DOCKER_HOST: dockerHost })).toBe(host);
  });
});
