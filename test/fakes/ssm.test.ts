import {
  CancelCommandCommand,
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeInstanceInformationCommand,
  DescribeParametersCommand,
  GetCommandInvocationCommand,
  type GetCommandInvocationCommandOutput,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  SendCommandCommand,
  type SendCommandCommandInput,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nameOfError } from "../lib/sandbox/server/conformance/material.ts";
import { eventually, staging, startHarness, web1, web2 } from "../lib/sandbox/server/ssm/harness.ts";
import { FakeSsm } from "./ssm.ts";
import type { HostReply } from "./ssm-protocol.ts";

/** Two hosts of prod, one of staging; a script of `hold` ends when it is killed, `flood` says much, any other says hello and ends with 3. */
interface Subject {
  readonly client: SSMClient;
  close(): Promise<void>;
}

const hello = "echo hello; echo what went wrong >&2; exit 3";
const hold = "sleep 600";
const flood = "printf '%030000d' 0; printf '%09000d' 0 >&2";

async function fake(): Promise<Subject> {
  const ssm = new FakeSsm();
  await ssm.open();
  const run = async (script: string, kill: AbortSignal): Promise<HostReply> => {
    if (script === flood) return { stdout: "0".repeat(30_000), stderr: "0".repeat(9_000) };
    if (script !== hold) return { stdout: "hello\n", stderr: "what went wrong\n", exitCode: 3 };
    await new Promise((resolve) => kill.addEventListener("abort", resolve));
    return {};
  };
  for (const id of [web1, web2]) ssm.addHost({ id, tags: { "threads-env": "prod" }, run });
  ssm.addHost({ id: staging, tags: { "threads-env": "staging" }, run });
  return { client: await ssm.clients().ssmOnce(), close: () => ssm.close() };
}

async function sandbox(): Promise<Subject> {
  const harness = await startHarness();
  return { client: harness.client, close: () => harness.close() };
}

// What our code relies on, in whatever stands for SSM: the fake of the fast tests must be no kinder than the sandbox.
describe.each([
  ["the fake", fake],
  ["the sandbox", sandbox],
])("SSM as %s has it:", (_, open) => {
  let subject: Subject;
  let client: SSMClient;
  beforeAll(async () => {
    subject = await open();
    ({ client } = subject);
  });
  afterAll(() => subject.close());

  describe("a parameter", () => {
    const put = (Name: string, Value = "x", more: Partial<PutParameterCommandInput> = {}): Promise<unknown> =>
      client.send(new PutParameterCommand({ Name, Value, Type: "String", ...more }));
    const get = async (Name: string) => (await client.send(new GetParameterCommand({ Name }))).Parameter;

    test("is created once; overwritten it has a new value and a higher version", async () => {
      await put("/one/a", "first");
      expect(await nameOfError(put("/one/a", "second"))).toBe("ParameterAlreadyExists");
      expect(await get("/one/a")).toMatchObject({ Name: "/one/a", Value: "first", Version: 1 });
      await put("/one/a", "second", { Overwrite: true });
      expect(await get("/one/a")).toMatchObject({ Value: "second", Version: 2 });
      expect((await get("/one/a"))?.LastModifiedDate).toBeInstanceOf(Date);
    });

    test("of more than 4 KB, of none, with double braces or under an odd name is refused", async () => {
      await put("/two/a", "ä".repeat(2_048));
      const values = ["ä".repeat(2_049), "", "{{x}}"];
      for (const value of values) expect(await nameOfError(put("/two/b", value))).toBe("ValidationException");
      expect(await nameOfError(put("/two/b c"))).toBe("ValidationException");
      expect(await nameOfError(get("/two/b"))).toBe("ParameterNotFound");
    });

    test("is asked for by name with up to nine others; what is not there is told beside those that are", async () => {
      const ask = (Names: string[]) => client.send(new GetParametersCommand({ Names }));
      await put("/three/a");
      const { Parameters, InvalidParameters } = await ask(["/three/b", "/three/a"]);
      expect([Parameters?.map(({ Name }) => Name), InvalidParameters]).toEqual([["/three/a"], ["/three/b"]]);
      const many = Array.from({ length: 11 }, (__, n) => `/three/${String(n)}`);
      expect((await ask(many.slice(1))).InvalidParameters).toHaveLength(10);
      expect(await nameOfError(ask(many))).toBe("ValidationException");
    });

    test("is found below its path, ten a page, and deeper only where that is asked for", async () => {
      for (let n = 0; n < 11; n += 1) await put(`/four/a/${String(n)}`);
      await put("/four/a/deep/er");
      const page = (more: object) => client.send(new GetParametersByPathCommand({ Path: "/four/a", ...more }));
      const names = async (more: object): Promise<string[]> => {
        const first = await page(more);
        expect([first.Parameters?.length, typeof first.NextToken]).toEqual([10, "string"]);
        const second = await page({ ...more, NextToken: first.NextToken });
        expect(second.NextToken).toBeUndefined();
        return [first, second].flatMap(({ Parameters = [] }) => Parameters.map(({ Name = "" }) => Name));
      };
      expect(await names({})).toHaveLength(11);
      expect((await names({ Recursive: true })).filter((name) => name.includes("deep"))).toEqual(["/four/a/deep/er"]);
      expect(await nameOfError(page({ MaxResults: 11 }))).toBe("ValidationException");
      expect((await client.send(new GetParametersByPathCommand({ Path: "/four/b" }))).Parameters).toEqual([]);
    });

    test("that is secure is shown to those alone who ask for it in clear", async () => {
      await put("/nine/a", "in clear", { Type: "SecureString" });
      const ask = async (more: object): Promise<(string | undefined)[]> => {
        const answers = [
          await client.send(new GetParametersByPathCommand({ Path: "/nine", ...more })),
          await client.send(new GetParametersCommand({ Names: ["/nine/a"], ...more })),
        ];
        return answers.flatMap(({ Parameters = [] }) => Parameters.map(({ Value }) => Value));
      };
      expect(await ask({ WithDecryption: true })).toEqual(["in clear", "in clear"]);
      expect(await ask({})).toEqual([1, 2].map(() => expect.stringMatching(/^AQICAHh/)));
    });

    test("is deleted with up to nine others, and listed among all by its name", async () => {
      for (const name of ["/six/a", "/six/b"]) await put(name);
      const names = async (): Promise<string[]> => {
        const found: string[] = [];
        for (let NextToken: string | undefined, first = true; first || NextToken !== undefined; first = false) {
          const page = await client.send(new DescribeParametersCommand({ MaxResults: 10, NextToken }));
          expect(page.Parameters?.length).toBeLessThanOrEqual(10);
          found.push(...(page.Parameters ?? []).map(({ Name = "" }) => Name));
          ({ NextToken } = page);
        }
        return found;
      };
      expect(await names()).toEqual(expect.arrayContaining(["/six/a", "/six/b"]));
      const remove = (Names: string[]) => client.send(new DeleteParametersCommand({ Names }));
      expect(await remove(["/six/a", "/six/none"])).toMatchObject({
        DeletedParameters: ["/six/a"],
        InvalidParameters: ["/six/none"],
      });
      expect((await names()).filter((name) => name.startsWith("/six/"))).toEqual(["/six/b"]);
      const many = Array.from({ length: 11 }, (__, n) => `/six/${String(n)}`);
      expect(await nameOfError(remove(many))).toBe("ValidationException");
    });

    test("is described below a path: its own level alone, unless all are asked for", async () => {
      for (const name of ["/seven/a", "/seven/b/c", "/sevenfold/d"]) await put(name);
      const below = async (Option: string): Promise<string[]> => {
        const filter = { Key: "Path", Option, Values: ["/seven"] };
        const { Parameters = [] } = await client.send(new DescribeParametersCommand({ ParameterFilters: [filter] }));
        return Parameters.map(({ Name = "" }) => Name).toSorted();
      };
      expect(await below("OneLevel")).toEqual(["/seven/a"]);
      expect(await below("Recursive")).toEqual(["/seven/a", "/seven/b/c"]);
    });

    test("is deleted once", async () => {
      const remove = () => client.send(new DeleteParameterCommand({ Name: "/five/a" }));
      await put("/five/a");
      await remove();
      expect(await nameOfError(remove())).toBe("ParameterNotFound");
    });
  });

  describe("a command", () => {
    const send = async (script: string, InstanceIds: string[], more: Partial<SendCommandCommandInput> = {}) => {
      const Parameters = { commands: [script], executionTimeout: ["30"] };
      const request = { DocumentName: "AWS-RunShellScript", InstanceIds, Parameters, ...more };
      return (await client.send(new SendCommandCommand(request))).Command?.CommandId ?? "";
    };
    const invocation = (CommandId: string, InstanceId: string): Promise<GetCommandInvocationCommandOutput> =>
      client.send(new GetCommandInvocationCommand({ CommandId, InstanceId }));
    const ended = (id: string, host: string) =>
      eventually(async () => {
        const found = await invocation(id, host);
        return found.Status === "Pending" || found.Status === "InProgress" ? undefined : found;
      });

    test("goes to hosts that a tag finds", async () => {
      const hosts = async (value: string) => {
        const Filters = [{ Key: "tag:threads-env", Values: [value] }];
        const found = await client.send(new DescribeInstanceInformationCommand({ Filters }));
        return found.InstanceInformationList?.map(({ InstanceId, PingStatus }) => [InstanceId, PingStatus]).toSorted();
      };
      expect(await hosts("prod")).toEqual([web1, web2].map((id) => [id, "Online"]));
      expect(await hosts("nowhere")).toEqual([]);
    });

    test("leaves a host's exit code and both of its streams, and ends as failed", async () => {
      const Comment = "c".repeat(100);
      const id = await send(hello, [web1, web2], { Comment });
      for (const host of [web1, web2])
        expect(await ended(id, host)).toMatchObject({
          InstanceId: host,
          Status: "Failed",
          StatusDetails: "Failed",
          ResponseCode: 3,
          StandardOutputContent: "hello\n",
          StandardErrorContent: expect.stringMatching(/^what went wrong\n/),
        });
      const { CommandInvocations } = await client.send(new ListCommandInvocationsCommand({ CommandId: id }));
      expect(CommandInvocations?.map(({ InstanceId, Status }) => [InstanceId, Status]).toSorted()).toEqual(
        [web1, web2].map((host) => [host, "Failed"]),
      );
      const { Commands } = await client.send(new ListCommandsCommand({ MaxResults: 50 }));
      expect(Commands?.find(({ CommandId }) => CommandId === id)?.Comment).toBe(Comment);
    });

    test("that says much is heard from its beginning, as far as the service keeps it", async () => {
      const { StandardOutputContent, StandardErrorContent } = await ended(await send(flood, [web1]), web1);
      expect(StandardOutputContent).toMatch(/^0{20000}/);
      expect(StandardOutputContent?.length).toBeLessThanOrEqual(24_000);
      expect(StandardErrorContent).toMatch(/^0{7000}/);
      expect(StandardErrorContent?.length).toBeLessThanOrEqual(8_000);
    });

    test("is listed beside others a page at a time", async () => {
      const [one, other] = [await send(hello, [web1, web2]), await send(hello, [web2])];
      const page = async (NextToken?: string) =>
        client.send(new ListCommandInvocationsCommand({ CommandId: one, MaxResults: 1, NextToken }));
      const first = await eventually(async () => {
        const found = await page();
        return found.NextToken === undefined ? undefined : found;
      });
      const second = await page(first.NextToken);
      const hosts = [first, second].flatMap(({ CommandInvocations = [] }) => CommandInvocations);
      expect(hosts.map(({ InstanceId = "" }) => InstanceId).toSorted()).toEqual([web1, web2]);
      const { Commands = [] } = await client.send(new ListCommandsCommand({ MaxResults: 50 }));
      const listed = Commands.map(({ CommandId }) => CommandId);
      expect(listed).toEqual(expect.arrayContaining([one, other]));
      expect(listed.indexOf(other)).toBeLessThan(listed.indexOf(one));
    });

    test("to more than fifty hosts, or with more than 64 KB to carry, is refused", async () => {
      const many = Array.from({ length: 51 }, () => web1);
      expect(await nameOfError(send(hello, many))).toBe("ValidationException");
      expect(await nameOfError(send(`true ${"x".repeat(64 * 1024)}`, [web1]))).toBe("MaxDocumentSizeExceeded");
    });

    test("to a host that is not registered goes to none", async () => {
      const before = await client.send(new ListCommandsCommand({}));
      expect(await nameOfError(send(hello, [web1, "i-0aaaaaaaaaaaaaaa9"]))).toBe("InvalidInstanceId");
      expect((await client.send(new ListCommandsCommand({}))).Commands).toHaveLength(before.Commands?.length ?? 0);
    });

    test("is refused with a long comment, or with less than half a minute to arrive", async () => {
      for (const more of [{ Comment: "c".repeat(101) }, { TimeoutSeconds: 29 }])
        expect(await nameOfError(send(hello, [web1], more))).toBe("ValidationException");
    });

    test("that is cancelled ends as that", async () => {
      const id = await send(hold, [web1]);
      await eventually(async () => ((await invocation(id, web1)).Status === "InProgress" ? true : undefined));
      await client.send(new CancelCommandCommand({ CommandId: id }));
      expect(
        await eventually(async () => {
          const found = await invocation(id, web1);
          return found.Status === "Cancelling" || found.Status === "InProgress" ? undefined : found;
        }),
      ).toMatchObject({ Status: "Cancelled" });
    });

    test("that nobody sent, or on a host that it did not go to, is known by its name", async () => {
      const none = "00000000-0000-4000-8000-000000000000";
      expect(await nameOfError(invocation(none, web1))).toBe("InvocationDoesNotExist");
      const list = await client.send(new ListCommandInvocationsCommand({ CommandId: none }));
      expect(list.CommandInvocations).toEqual([]);
      expect(await nameOfError(client.send(new CancelCommandCommand({ CommandId: none })))).toBe("InvalidCommandId");
      const id = await send(hello, [web1]);
      await ended(id, web1);
      expect(await nameOfError(invocation(id, web2))).toBe("InvocationDoesNotExist");
    });
  });
});

describe("the fake alone", () => {
  const parameter = new PutParameterCommand({ Name: "/a/b", Value: "x", Type: "String" });

  test("shows a command late", async () => {
    const ssm = new FakeSsm();
    await ssm.open();
    ssm.addHost({ id: web1, tags: {}, run: () => Promise.resolve({}) });
    const client = await ssm.clients().ssm();
    const request = { DocumentName: "AWS-RunShellScript", InstanceIds: [web1], Parameters: { commands: ["true"] } };
    const { Command } = await client.send(new SendCommandCommand(request));
    const ask = new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId: web1 });
    expect(await nameOfError(client.send(ask))).toBe("InvocationDoesNotExist");
    expect(await client.send(ask)).toMatchObject({ Status: "Success" });
    await ssm.close();
  });

  test("loses a reply after having done the work, once", async () => {
    const ssm = new FakeSsm();
    await ssm.open();
    ssm.fail("PutParameter", "lose-reply");
    const client = await ssm.clients().ssm();
    await expect(client.send(parameter)).rejects.toMatchObject({ code: "ECONNRESET" });
    // Whoever tries again meets his own parameter.
    expect(await nameOfError(client.send(parameter))).toBe("ParameterAlreadyExists");
    expect(ssm.count("PutParameter")).toBe(2);
    await ssm.close();
  });
});
