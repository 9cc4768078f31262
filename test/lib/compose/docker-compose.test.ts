import { expect, it } from "vitest";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import { type Compose, dockerCompose } from "../../../src/lib/compose/docker-compose.ts";
import { scriptedDocker } from "../docker/scripted-docker.ts";

const stack = { name: "p", files: ["/f"], envFiles: [], keys: [] };
const { signal } = new AbortController();

/** Of a docker that always fails with these words. */
function failing(stderr: string): Compose {
  const processes = scriptedDocker(() => ({ exitCode: 1, stderr }));
  return dockerCompose({ processes, clock: systemClock, env: {} });
}

it("a compose file that cannot be read is told with compose's last sentence", async () => {
  const says = "WARN: x\nservices.web.image is required";
  await expect(failing(says).model(stack, signal)).rejects.toMatchObject({
    code: "COMPOSE_FILE",
    outcome: "usage",
    message: "docker compose cannot read the compose file: services.web.image is required",
    details: ["WARN: x"],
  });
});

it("an image that cannot be pulled is named, and says nothing about the code", async () => {
  await expect(failing("strange").pull("r/w@sha256:0", { signal })).rejects.toMatchObject({
    code: "IMAGE_NOT_AVAILABLE",
    outcome: "refused",
    message: "r/w@sha256:0 cannot be pulled",
    next: ["docker pull r/w@sha256:0"],
  });
});
