import { afterAll, beforeAll, expect, test } from "vitest";
import { CreateRepositoryCommand } from "@aws-sdk/client-ecr";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { connectRegistry } from "../../../../src/lib/registry/ecr/ecr.ts";
import type { Registry } from "../../../../src/lib/registry/registry.ts";
import { type FakeDistribution, startFakeDistribution } from "../../../fakes/distribution.ts";
import { repoAt } from "../../../fakes/ecr-repo.ts";
import { hurriedClock } from "../../../fakes/hurried-clock.ts";
import { openSandbox, type OpenSandbox } from "../../sandbox/server/open-sandbox.ts";

const blob = Buffer.from("the files of a release");
const repository = "threads/bundle";
let sandbox: OpenSandbox;
let distribution: FakeDistribution;
let registry: Registry;
beforeAll(async () => {
  distribution = await startFakeDistribution();
  sandbox = await openSandbox({ upstream: distribution.upstream });
  await sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName: repository }));
  const aws = { ecr: () => Promise.resolve(sandbox.ecr) };
  registry = connectRegistry({ repo: repoAt(`127.0.0.1:${sandbox.port}`), aws, clock: hurriedClock() });
  await registry.upload(repository, blob);
});
afterAll(async () => {
  await sandbox.stop();
  await distribution.stop();
});

test("a blob comes whole, by the address that ECR gives", async () => {
  expect(Buffer.from(await registry.download(repository, digestOf(blob), blob.length))).toEqual(blob);
});

test("one that is larger than it may be is not taken", async () => {
  await expect(registry.download(repository, digestOf(blob), blob.length - 1)).rejects.toMatchObject({
    code: "DOWNLOAD_FAILED",
    exitCode: 3,
    message: expect.stringContaining(`has more than ${blob.length - 1} bytes`),
  });
});

test("a failure in between is tried again, one that stays is told", async () => {
  await sandbox.settings({ faults: [{ operation: "DownloadLayer", kind: "throttle", times: 2 }] });
  expect(await registry.download(repository, digestOf(blob), 100)).toHaveLength(blob.length);
  await sandbox.settings({ faults: [{ operation: "DownloadLayer", kind: "throttle", times: 9 }] });
  await expect(registry.download(repository, digestOf(blob), 100)).rejects.toMatchObject({
    code: "DOWNLOAD_FAILED",
    message: expect.stringContaining(" of threads/bundle cannot be downloaded: "),
  });
  await sandbox.settings({ faults: [] });
});
