import { afterAll, beforeAll, describe } from "vitest";
import { openSandbox, type OpenSandbox } from "../lib/sandbox/server/open-sandbox.ts";
import { describeBatchGetImage } from "../lib/sandbox/server/conformance/batch-get-image.ts";
import { describeLayers } from "../lib/sandbox/server/conformance/layers.ts";
import { describeLifecycle } from "../lib/sandbox/server/conformance/lifecycle.ts";
import { describeListing } from "../lib/sandbox/server/conformance/listing.ts";
import { describePutImage } from "../lib/sandbox/server/conformance/put-image.ts";
import { describeRegistryApi } from "../lib/sandbox/server/conformance/registry-api.ts";
import { describeScans } from "../lib/sandbox/server/conformance/scans.ts";
import { connectUpstream } from "../../src/lib/sandbox/server/upstream.ts";
import { buildServicesImage, buildToolsImage, docker, publishedPort } from "./docker-tools.ts";
import { describeDockerClient } from "./sandbox-ecr/docker-client.ts";
import { describeOtherClients } from "./sandbox-ecr/other-clients.ts";
import { describeServicesContainer } from "./sandbox-ecr/services-container.ts";
import { waitForHttp } from "./sandbox-ecr/wait.ts";

const image = "threads-test-services";
const name = `threads-test-registry-${process.pid}`;
let sandbox: OpenSandbox;

beforeAll(async () => {
  await buildServicesImage(image);
  await docker(
    "run",
    "--detach",
    "--rm",
    "--name",
    name,
    "--label",
    "threads.test=sandbox-ecr",
    "--publish",
    "127.0.0.1::5000",
    image,
    "docker-registry",
    "serve",
    "/etc/threads/registry.yml",
  );
  const registryUrl = `http://127.0.0.1:${await publishedPort(name, 5000)}`;
  await waitForHttp(`${registryUrl}/v2/`);
  sandbox = await openSandbox({ upstream: connectUpstream(registryUrl) });
});

afterAll(async () => {
  await sandbox?.stop();
  await docker("rm", "--force", "--volumes", name);
  await docker("rmi", image);
});

describe("ECR over Distribution", () => {
  describePutImage(() => sandbox);
  describeBatchGetImage(() => sandbox);
  describeListing(() => sandbox);
  describeLayers(() => sandbox);
  describeRegistryApi(() => sandbox);
  describeLifecycle(() => sandbox);
  describeScans(() => sandbox);
});

describeDockerClient(() => sandbox);
describeOtherClients(() => sandbox, buildToolsImage);
describeServicesContainer(image);
