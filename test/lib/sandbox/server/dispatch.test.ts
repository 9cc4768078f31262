import { connect } from "node:net";
import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  PutImageCommand,
  DescribeRegistryCommand,
} from "@aws-sdk/client-ecr";
import { GetCallerIdentityCommand, GetSessionTokenCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { JsonService } from "../../../../src/lib/sandbox/server/protocol.ts";
import { connectUpstream } from "../../../../src/lib/sandbox/server/upstream.ts";
import { type FakeDistribution, startFakeDistribution } from "../../../fakes/distribution.ts";
import { freshRepository, nameOfError, putImage } from "./conformance/material.ts";
import { credentials, openSandbox, type OpenSandbox, region } from "./open-sandbox.ts";

let distribution: FakeDistribution;
let sandbox: OpenSandbox;

beforeAll(async () => {
  distribution = await startFakeDistribution();
  const ssm: JsonService = {
    target: "AmazonSSM",
    operations: {
      GetParameter: (input, call) =>
        Promise.resolve({ Parameter: { Value: `${call.region} ${String(input["Name"])}` } }),
    },
    accesses: {},
  };
  sandbox = await openSandbox({ upstream: connectUpstream(distribution.url), services: [ssm] });
});

beforeEach(async () => sandbox.settings({ rateLimits: false, faults: [] }));

afterAll(async () => {
  await sandbox.stop();
  await distribution.stop();
});

const repositories = (): Promise<unknown> => sandbox.ecr.send(new DescribeRepositoriesCommand({}));

describe("the dispatch", () => {
  it("refuses what it does not know in the protocol's own way", async () => {
    const unknown = sandbox.ecr.send(new DescribeRegistryCommand({}));
    expect(await nameOfError(unknown)).toBe("UnknownOperationException");
    const token = new GetSessionTokenCommand({});
    expect(await nameOfError(sandbox.sts.send(token))).toBe("InvalidAction");
    const other = await fetch(sandbox.url, {
      method: "POST",
      headers: { "x-amz-target": "AmazonSQS.Send" },
      body: "{}",
    });
    expect(await other.json()).toMatchObject({ __type: "UnknownOperationException" });
    expect((await fetch(`${sandbox.url}/elsewhere`)).status).toBe(404);
  });

  it("names each reply by a request id", async () => {
    const answer = await fetch(sandbox.url, { method: "POST", headers: { "x-amz-target": "x.y" }, body: "{}" });
    expect(answer.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get("content-type")).toBe("application/x-amz-json-1.1");
  });
});

describe("another service beside ECR", () => {
  it("is signed in its own name and has its own word for a broken server", async () => {
    const ssm = new SSMClient({ endpoint: sandbox.url, region, credentials, maxAttempts: 1 });
    const get = () => ssm.send(new GetParameterCommand({ Name: "/a" }));
    expect((await get()).Parameter?.Value).toBe(`${region} /a`);
    await sandbox.settings({ faults: [{ operation: "GetParameter", kind: "error-500" }] });
    expect(await nameOfError(get())).toBe("InternalServerError");
  });
});

describe("rate limits", () => {
  it("throttle PutImage beyond ten a second when they are on", async () => {
    const repositoryName = await freshRepository(sandbox.ecr);
    await sandbox.settings({ rateLimits: true });
    const calls = Array.from({ length: 60 }, () =>
      nameOfError(sandbox.ecr.send(new PutImageCommand({ repositoryName, imageManifest: "{" }))),
    );
    const ends = await Promise.all(calls);
    expect(ends.filter((end) => end === "InvalidParameterException").length).toBeGreaterThanOrEqual(10);
    expect(ends).toContain("ThrottlingException");
  });
});

describe("faults", () => {
  it("meet as many calls of their operation as they say, after those that they skip", async () => {
    await sandbox.settings({ faults: [{ operation: "DescribeRepositories", kind: "throttle", times: 2, skip: 1 }] });
    const ends: string[] = [];
    for (let call = 0; call < 5; call += 1) ends.push(await nameOfError(repositories()));
    expect(ends).toEqual(["no error", "ThrottlingException", "ThrottlingException", "no error", "no error"]);
  });

  it("expire a token and break the server, in both protocols", async () => {
    await sandbox.settings({
      faults: [
        { operation: "*", kind: "expired-token", times: 2 },
        { operation: "*", kind: "error-500", times: 1 },
      ],
    });
    const identity = (): Promise<unknown> => sandbox.sts.send(new GetCallerIdentityCommand({}));
    expect(await nameOfError(repositories())).toBe("ExpiredTokenException");
    expect(await nameOfError(identity())).toMatch(/^ExpiredToken/);
    expect(await nameOfError(repositories())).toBe("ServerException");
    expect(await nameOfError(repositories())).toBe("no error");
  });

  it("drop a reply after its effect", async () => {
    const before = (await sandbox.log()).last;
    await sandbox.settings({ faults: [{ operation: "CreateRepository", kind: "drop-reply" }] });
    const create = (): Promise<unknown> =>
      sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName: "threads/dropped" }));
    await expect(create()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(await nameOfError(create())).toBe("RepositoryAlreadyExistsException");
    const { entries } = await sandbox.log(before);
    expect(entries.filter(({ operation }) => operation === "CreateRepository")).toMatchObject([
      { status: 0, fault: "drop-reply" },
      { status: 400 },
    ]);
  });

  it("reach the registry too", async () => {
    await sandbox.settings({ faults: [{ operation: "v2:Base", kind: "throttle" }] });
    const { authorizationToken } = await import("@aws-sdk/client-ecr").then(
      async ({ GetAuthorizationTokenCommand }) => {
        const { authorizationData } = await sandbox.ecr.send(new GetAuthorizationTokenCommand({}));
        return authorizationData?.[0] ?? {};
      },
    );
    const headers = { authorization: `Basic ${authorizationToken}` };
    const status = async (): Promise<number> => (await fetch(`${sandbox.url}/v2/`, { headers })).status;
    expect([await status(), await status()]).toEqual([429, 200]);
  });

  it("delay a call", async () => {
    await sandbox.settings({ faults: [{ operation: "DescribeRepositories", kind: "delay", delayMs: 60 }] });
    const before = (await sandbox.log()).last;
    await repositories();
    const { entries } = await sandbox.log(before);
    expect(entries[0]?.milliseconds).toBeGreaterThanOrEqual(59);
  });

  it("are refused whole when one does not fit", async () => {
    await sandbox.settings({ faults: [{ operation: "PutImage", kind: "throttle", times: 3 }] });
    for (const wrong of [{ faults: [{ operation: "PutImage", kind: "explode" }] }, { rateLimit: true }, { faults: 1 }])
      await expect(sandbox.settings(wrong)).rejects.toThrow("message");
    const shown = await (await fetch(`${sandbox.url}/_sandbox/settings`)).json();
    expect(shown).toMatchObject({ rateLimits: false, faults: [{ operation: "PutImage", kind: "throttle", times: 3 }] });
  });
});

describe("the request log", () => {
  it("counts the bytes of each request on a connection that carries many", async () => {
    const repositoryName = await freshRepository(sandbox.ecr);
    const since = (await sandbox.log()).last;
    const { body } = await putImage(sandbox.ecr, repositoryName, ["a", "b"]);
    const { entries, last } = await sandbox.log(since);
    const puts = entries.filter(({ operation }) => operation === "PutImage");
    expect(puts).toHaveLength(2);
    for (const { bytesIn, bytesOut } of puts) {
      expect(bytesIn).toBeGreaterThan(body.length);
      expect(bytesIn).toBeLessThan(body.length + 2500);
      expect(bytesOut).toBeGreaterThan(body.length);
    }
    expect(entries.at(-1)?.number).toBe(last);
  });
});

describe("health", () => {
  it("is that of the registry too", async () => {
    expect((await fetch(`${sandbox.url}/_sandbox/health`)).status).toBe(200);
    const lonely = await openSandbox({ upstream: connectUpstream("http://127.0.0.1:1") });
    const answer = await fetch(`${lonely.url}/_sandbox/health`);
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { status: "unavailable", sandbox: "test", registry: false },
    ]);
    await lonely.stop();
  });
});

describe("an idle connection", () => {
  it("is kept for longer than a minute: the SDK's pool would otherwise meet a closed socket after a long push", async () => {
    const socket = connect(sandbox.port, "127.0.0.1");
    const answer = await new Promise<string>((resolve) => {
      socket.on("data", (data) => resolve(data.toString()));
      socket.write("GET /_sandbox/health HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n");
    });
    socket.destroy();
    expect(Number(/Keep-Alive: timeout=(\d+)/i.exec(answer)?.[1])).toBeGreaterThanOrEqual(65);
  });
});
