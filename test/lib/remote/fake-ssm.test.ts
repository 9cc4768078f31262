import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  GetParametersByPathCommand,
  ListCommandInvocationsCommand,
  PutParameterCommand,
  type SSMClient,
  SendCommandCommand,
} from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeSsm } from "../../fakes/ssm.ts";

// The fake itself: the real SDK must find it as SSM is described in the API reference.
let ssm: FakeSsm;
let client: SSMClient;
beforeEach(async () => {
  ssm = new FakeSsm();
  await ssm.open();
  client = await ssm.clients().ssm();
  ssm.addHost({ id: "i-1", tags: { a: "b" }, run: async () => ({ stdout: "hello", exitCode: 3 }) });
});
afterEach(() => ssm.close());

const send = (InstanceIds: string[]) =>
  client.send(
    new SendCommandCommand({ DocumentName: "AWS-RunShellScript", InstanceIds, Parameters: { commands: ["true"] } }),
  );

test("filters hosts by tag", async () => {
  const by = async (value: string) =>
    (await client.send(new DescribeInstanceInformationCommand({ Filters: [{ Key: "tag:a", Values: [value] }] })))
      .InstanceInformationList;
  expect(await by("b")).toMatchObject([{ InstanceId: "i-1", PingStatus: "Online" }]);
  expect(await by("c")).toEqual([]);
});

test("shows a command late: first no invocation at all, then its end", async () => {
  const { Command } = await send(["i-1"]);
  const ask = { CommandId: Command?.CommandId, InstanceId: "i-1" };
  await expect(client.send(new GetCommandInvocationCommand(ask))).rejects.toMatchObject({
    name: "InvocationDoesNotExist",
  });
  const list = await client.send(new ListCommandInvocationsCommand({ CommandId: ask.CommandId }));
  expect(list.CommandInvocations).toMatchObject([{ Status: "Failed", StatusDetails: "Failed" }]);
  const found = await client.send(new GetCommandInvocationCommand(ask));
  expect(found).toMatchObject({ ResponseCode: 3, StandardOutputContent: "hello" });
});

test("refuses unknown hosts as a whole", async () => {
  await expect(send(["i-1", "i-2"])).rejects.toMatchObject({ name: "InvalidInstanceId" });
  expect(ssm.commands.sent).toEqual([]);
});

test("creates a parameter once, and pages by ten in no promised order", async () => {
  const put = (n: number) => client.send(new PutParameterCommand({ Name: `/a/b/${n}`, Value: "x", Type: "String" }));
  for (let n = 0; n < 11; n += 1) await put(n);
  await expect(put(3)).rejects.toMatchObject({ name: "ParameterAlreadyExists" });
  const first = await client.send(new GetParametersByPathCommand({ Path: "/a", Recursive: true }));
  expect([first.Parameters?.length, first.NextToken]).toEqual([10, "10"]);
});

test("loses a reply after having done the work, once", async () => {
  ssm.fail("PutParameter", "lose-reply");
  const put = client.send(new PutParameterCommand({ Name: "/a/b", Value: "x", Type: "String" }));
  // The SDK tries again, and meets its own parameter.
  await expect(put).rejects.toMatchObject({ name: "ParameterAlreadyExists" });
  expect(ssm.count("PutParameter")).toBe(2);
});
