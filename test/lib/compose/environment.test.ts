import { describe, expect, it } from "vitest";
import { composeEnvironment } from "../../../src/lib/compose/environment.ts";

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
      BUILDX_GIT_INFO: "false",
      DOCKER_CLI_HINTS: "false",
    });
  });
});
