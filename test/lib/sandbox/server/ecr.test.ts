import { afterAll, beforeAll, describe } from "vitest";
import { type FakeDistribution, startFakeDistribution } from "../../../fakes/distribution.ts";
import { describeBatchGetImage } from "./conformance/batch-get-image.ts";
import { describeLayers } from "./conformance/layers.ts";
import { describeLifecycle } from "./conformance/lifecycle.ts";
import { describeListing } from "./conformance/listing.ts";
import { describePutImage } from "./conformance/put-image.ts";
import { describeRegistryApi } from "./conformance/registry-api.ts";
import { describeScans } from "./conformance/scans.ts";
import { openSandbox, type OpenSandbox } from "./open-sandbox.ts";

let distribution: FakeDistribution;
let sandbox: OpenSandbox;

beforeAll(async () => {
  distribution = await startFakeDistribution();
  sandbox = await openSandbox({ upstream: distribution.upstream, withoutSockets: true });
});

afterAll(async () => {
  await sandbox.stop();
  await distribution.stop();
});

// test/e2e/sandbox-ecr.test.ts runs the same suites over the real Distribution.
describe("ECR over an in-memory registry", () => {
  describePutImage(() => sandbox);
  describeBatchGetImage(() => sandbox);
  describeListing(() => sandbox);
  describeLayers(() => sandbox);
  describeRegistryApi(() => sandbox);
  describeLifecycle(() => sandbox);
  describeScans(() => sandbox);
});
