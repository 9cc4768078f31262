import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { BatchGetImageCommand, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FakeDistribution, startFakeDistribution } from "../../../fakes/distribution.ts";
import { connectUpstream } from "../../../../src/lib/sandbox/server/upstream.ts";
import { buildImage, freshRepository, nameOfError, put, types, uploadLayer } from "./conformance/material.ts";
import { openSandbox, type OpenSandbox } from "./open-sandbox.ts";

let distribution: FakeDistribution;
let sandbox: OpenSandbox;
let authorization: string;

beforeAll(async () => {
  distribution = await startFakeDistribution();
  sandbox = await openSandbox({ upstream: connectUpstream(distribution.url) });
  const { authorizationData } = await sandbox.ecr.send(new GetAuthorizationTokenCommand({}));
  authorization = `Basic ${authorizationData?.[0]?.authorizationToken}`;
});

beforeEach(async () => sandbox.settings({ faults: [] }));

afterAll(async () => {
  await sandbox.stop();
  await distribution.stop();
});

/** Sends a request's head and some of its body. */
async function begin(head: string, body: Uint8Array): Promise<Socket> {
  const socket = connect(sandbox.port, "127.0.0.1");
  socket.on("error", () => {});
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  socket.write(`${head}\r\nHost: x\r\nAuthorization: ${authorization}\r\n`);
  socket.write(`Content-Length: 1000000\r\n\r\n`);
  await new Promise<void>((resolve) => socket.write(body, () => resolve()));
  return socket;
}

async function logged(path: string): Promise<boolean> {
  const { entries } = await sandbox.log();
  return entries.some((entry) => entry.path.startsWith(path));
}

describe("a client that goes away", () => {
  it("in the middle of a layer, a manifest or a call leaves the server as it was", async () => {
    const name = await freshRepository(sandbox.ecr);
    const start = await fetch(`${sandbox.url}/v2/${name}/blobs/uploads/`, {
      method: "POST",
      headers: { authorization },
    });
    const location = start.headers.get("location") ?? "";
    for (const [method, path] of [
      ["PATCH", location],
      ["PUT", `/v2/${name}/manifests/cut`],
      ["POST", "/"],
    ] as const) {
      const since = (await sandbox.log()).last;
      const socket = await begin(`${method} ${path} HTTP/1.1`, randomBytes(10_000));
      socket.destroy();
      await expect.poll(async () => (await sandbox.log(since)).entries.map((entry) => entry.method)).toContain(method);
    }
    const imageIds = [{ imageTag: "cut" }];
    const { failures } = await sandbox.ecr.send(new BatchGetImageCommand({ repositoryName: name, imageIds }));
    expect(failures?.[0]?.failureCode).toBe("ImageNotFound");
  });

  it("in the middle of a download leaves the server as it was", async () => {
    const name = await freshRepository(sandbox.ecr);
    const digest = await uploadLayer(sandbox.ecr, name, randomBytes(8_000_000));
    const path = `/v2/${name}/blobs/${digest}`;
    const answer = await fetch(`${sandbox.url}${path}`, { headers: { authorization } });
    await answer.body?.getReader().read();
    await answer.body?.cancel().catch(() => {});
    const leave = new AbortController();
    const second = await fetch(`${sandbox.url}${path}`, { headers: { authorization }, signal: leave.signal });
    leave.abort();
    await expect(second.arrayBuffer()).rejects.toThrow("abort");
    await expect.poll(() => logged(path)).toBe(true);
    expect((await fetch(`${sandbox.url}/_sandbox/health`)).status).toBe(200);
  });
});

describe("a dropped reply", () => {
  it("of a manifest comes after the tag is there", async () => {
    const repositoryName = await freshRepository(sandbox.ecr);
    const { body, digest } = await buildImage(sandbox.ecr, repositoryName);
    await sandbox.settings({ faults: [{ operation: "v2:PutManifest", kind: "drop-reply" }] });
    const headers = { authorization, "content-type": types.docker };
    const answer = fetch(`${sandbox.url}/v2/${repositoryName}/manifests/a`, { method: "PUT", body, headers });
    await expect(answer).rejects.toThrow("fetch failed");
    const imageIds = [{ imageTag: "a", imageDigest: digest }];
    const { images } = await sandbox.ecr.send(new BatchGetImageCommand({ repositoryName, imageIds }));
    expect(images).toHaveLength(1);
  });

  it("of PutImage leaves a tag that a second attempt finds", async () => {
    const repositoryName = await freshRepository(sandbox.ecr);
    const { body } = await buildImage(sandbox.ecr, repositoryName);
    // TimeoutError is what the SDK makes of ECONNRESET.
    await sandbox.settings({ faults: [{ operation: "PutImage", kind: "drop-reply" }] });
    const again = (): Promise<string> =>
      nameOfError(put(sandbox.ecr, { repositoryName, imageManifest: body, imageTag: "a" }));
    expect([await again(), await again()]).toEqual(["TimeoutError", "ImageAlreadyExistsException"]);
  });

  it("of a layer sends nothing of it", async () => {
    const name = await freshRepository(sandbox.ecr);
    const digest = await uploadLayer(sandbox.ecr, name, randomBytes(100));
    await sandbox.settings({ faults: [{ operation: "v2:GetBlob", kind: "drop-reply" }] });
    const get = (): Promise<Response> =>
      fetch(`${sandbox.url}/v2/${name}/blobs/${digest}`, { headers: { authorization } });
    await expect(get()).rejects.toThrow("fetch failed");
    expect((await get()).status).toBe(200);
  });
});

describe("a registry that is gone", () => {
  it("makes calls fail as the server's own fault", async () => {
    const lonely = await openSandbox({ upstream: connectUpstream("http://127.0.0.1:1") });
    const repositoryName = await freshRepository(lonely.ecr);
    const config = { mediaType: "x", digest: `sha256:${"0".repeat(64)}`, size: 1 };
    const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType: types.docker, config, layers: [] });
    expect(await nameOfError(put(lonely.ecr, { repositoryName, imageManifest, imageTag: "a" }))).toBe(
      "ServerException",
    );
    await lonely.stop();
  });
});
