import { CreateRepositoryCommand, DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { credentials, region } from "../../lib/sandbox/server/open-sandbox.ts";
import { docker, publishedPort } from "../docker-tools.ts";
import { waitForHttp } from "./wait.ts";

/** The compiled server as `threads sandbox up` runs it: in its image, on Debian's Node, beside the registry. */
export function describeServicesContainer(image: string): void {
  const id = `threads-test-services-${process.pid}`;
  const label = ["--label", "threads.test=sandbox-ecr"];

  const start = async (): Promise<string> => {
    const variables = {
      PORT: "4566",
      REGISTRY_URL: `http://${id}-registry:5000`,
      STATE_DIR: "/var/lib/sandbox",
      SANDBOX_ENDPOINT: "127.0.0.1:4566",
      SANDBOX_ACCOUNT: "000000000000",
      SANDBOX_ACCESS_KEY_ID: credentials.accessKeyId,
      SANDBOX_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      SANDBOX_ID: id,
      DOCKER_SOCKET: "/var/run/docker.sock",
    };
    const words = Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const mounts = ["--volume", `${id}:/var/lib/sandbox`, "--volume", "/var/run/docker.sock:/var/run/docker.sock"];
    const where = ["--network", id, "--publish", "127.0.0.1::4566", "--init"];
    await docker(
      "run",
      "--detach",
      "--name",
      id,
      ...label,
      ...where,
      ...mounts,
      ...words,
      image,
      "node",
      "dist/lib/sandbox/server/main.js",
    );
    const url = `http://127.0.0.1:${await publishedPort(id, 4566)}`;
    await waitForHttp(`${url}/_sandbox/health`);
    return url;
  };

  describe("the services image", () => {
    beforeAll(async () => {
      await docker("network", "create", ...label, id);
      await docker("volume", "create", ...label, id);
      const registry = ["docker-registry", "serve", "/etc/threads/registry.yml"];
      await docker(
        "run",
        "--detach",
        "--rm",
        "--name",
        `${id}-registry`,
        ...label,
        "--network",
        id,
        image,
        ...registry,
      );
    });

    afterAll(async () => {
      await docker("rm", "--force", "--volumes", id, `${id}-registry`);
      await docker("volume", "rm", id);
      await docker("network", "rm", id);
    });

    it("serves on Debian's Node, ends by itself on TERM and keeps its state", async () => {
      const client = (endpoint: string): ECRClient => new ECRClient({ endpoint, region, credentials, maxAttempts: 1 });
      const repositoryName = "threads/kept";
      await client(await start()).send(new CreateRepositoryCommand({ repositoryName }));
      await docker("stop", "--time", "20", id);
      expect(await docker("inspect", "--format", "{{.State.ExitCode}} {{.State.OOMKilled}}", id)).toBe("0 false");
      expect(await docker("logs", id)).toContain('"operation":"CreateRepository"');
      await docker("rm", id);
      const { repositories } = await client(await start()).send(new DescribeRepositoriesCommand({}));
      expect(repositories).toMatchObject([{ repositoryName }]);
    });
  });
}
