import {
  CancelCommandCommand,
  type CancelCommandCommandInput,
  DescribeInstanceInformationCommand,
  type DescribeInstanceInformationCommandInput,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  type ListCommandsCommandInput,
  SendCommandCommand,
} from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { movablePace, startHarness, type SsmHarness, staging, web1, web2 } from "./harness.ts";

describe("SendCommand and what reads commands", () => {
  let ssm: SsmHarness;
  beforeAll(async () => {
    ssm = await startHarness();
  });
  afterAll(() => ssm.close());

  const refusal = async (input: Parameters<SsmHarness["send"]>[1]) =>
    ssm.send(["true"], input).then(
      () => "accepted",
      (error: unknown) => (error as Error).name,
    );

  it("refuses unknown documents, instances, parameters and values out of range", async () => {
    expect(await refusal({ DocumentName: "Threads-Deploy" })).toBe("InvalidDocument");
    expect(await refusal({ DocumentVersion: "7" })).toBe("InvalidDocumentVersion");
    expect(await refusal({ InstanceIds: [web1, "i-0123456789abcdef0"] })).toBe("InvalidInstanceId");
    expect(await refusal({ InstanceIds: ["nonsense"] })).toBe("InvalidInstanceId");
    expect(await refusal({ InstanceIds: [web1, web1] })).toBe("DuplicateInstanceId");
    expect(await refusal({ InstanceIds: Array.from({ length: 51 }, () => web1) })).toBe("ValidationException");
    expect(await refusal({ InstanceIds: [] })).toBe("ValidationException");
    expect(await refusal({ TimeoutSeconds: 29 })).toBe("ValidationException");
    expect(await refusal({ TimeoutSeconds: 2_592_001 })).toBe("ValidationException");
    expect(await refusal({ Comment: "c".repeat(101) })).toBe("ValidationException");
    expect(await refusal({ MaxConcurrency: "0" })).toBe("ValidationException");
    expect(await refusal({ MaxErrors: "101%" })).toBe("ValidationException");
    expect(await refusal({ OutputS3BucketName: "my-bucket" })).toBe("InvalidOutputFolder");
    expect(await refusal({ Parameters: { commands: [] } })).toBe("InvalidParameters");
    expect(await refusal({ Parameters: { commands: ["a\0b"] } })).toBe("InvalidParameters");
    expect(await refusal({ Parameters: { comands: ["true"] } })).toBe("InvalidParameters");
    expect(await refusal({ Parameters: { executionTimeout: ["0"] } })).toBe("InvalidParameters");
    expect(await refusal({ Parameters: { executionTimeout: ["172801"] } })).toBe("InvalidParameters");
  });

  it("takes 64 KB of document and parameters, not more", async () => {
    expect(await refusal({ Parameters: { commands: [`: ${"x".repeat(64 * 1024)}`] } })).toBe("MaxDocumentSizeExceeded");
    const id = await ssm.send([`: ${"x".repeat(60 * 1024)}`, "echo done"]);
    expect((await ssm.finished(id)).StandardOutputContent).toBe("done\n");
  });

  it("answers Pending at once, with what was asked", async () => {
    const { Command } = await ssm.client.send(
      new SendCommandCommand({
        DocumentName: "AWS-RunShellScript",
        InstanceIds: [web1],
        Comment: "deploy 7",
        Parameters: { commands: ["true"], executionTimeout: ["600"] },
      }),
    );
    expect(Command).toMatchObject({ Status: "Pending", Comment: "deploy 7", TargetCount: 1, MaxErrors: "0" });
    expect(Command?.Parameters).toEqual({ commands: ["true"], executionTimeout: ["600"] });
    expect(Command?.RequestedDateTime).toBeInstanceOf(Date);
    const listed = await ssm.client.send(new ListCommandsCommand({ CommandId: Command?.CommandId }));
    expect(listed.Commands?.[0]).toMatchObject({ Comment: "deploy 7", Parameters: { commands: ["true"] } });
  });

  it("silently makes an hour of an execution time-out below five seconds", async () => {
    const id = await ssm.send(["sleep 3; echo slept"], {
      Parameters: { commands: ["sleep 3; echo slept"], executionTimeout: ["2"] },
    });
    expect((await ssm.finished(id)).StandardOutputContent).toBe("slept\n");
  });

  it("selects by tag: keys are ANDed, values ORed", async () => {
    const target = (Key: string, ...Values: string[]) => ({ Key, Values });
    const both = await ssm.send(["true"], { Targets: [target("tag:threads-env", "prod", "dev")] });
    await ssm.finished(both, web1);
    await ssm.finished(both, web2);
    const one = await ssm.send(["true"], { Targets: [target("tag:threads-env", "prod"), target("tag:role", "web")] });
    const list = await ssm.client.send(new ListCommandInvocationsCommand({ CommandId: one }));
    expect(list.CommandInvocations?.map((invocation) => invocation.InstanceId)).toEqual([web1]);
  });

  it("calls a command whose tags match nothing a Success, NoInstancesInTag", async () => {
    const id = await ssm.send(["true"], { Targets: [{ Key: "tag:threads-env", Values: ["nowhere"] }] });
    const { Commands } = await ssm.client.send(new ListCommandsCommand({ CommandId: id }));
    expect(Commands?.[0]).toMatchObject({ Status: "Success", StatusDetails: "NoInstancesInTag", TargetCount: 0 });
  });

  it("has the details of an invocation", async () => {
    const id = await ssm.send(["echo out; echo err >&2"], { Comment: "look" });
    const found = await ssm.finished(id);
    expect(found).toMatchObject({
      CommandId: id,
      InstanceId: web1,
      Comment: "look",
      PluginName: "aws:runShellScript",
      StandardErrorContent: "err\n",
    });
    expect(found.ExecutionStartDateTime).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(found.ExecutionElapsedTime).toMatch(/^PT[\d.]+S$/);
    const get = (input: { CommandId: string; InstanceId: string; PluginName?: string }) =>
      ssm.client.send(new GetCommandInvocationCommand(input));
    await expect(get({ CommandId: id, InstanceId: web2 })).rejects.toThrow(
      expect.objectContaining({ name: "InvocationDoesNotExist" }),
    );
    await expect(get({ CommandId: id, InstanceId: web1, PluginName: "other" })).rejects.toThrow(
      expect.objectContaining({ name: "InvalidPluginName" }),
    );
  });

  it("lists invocations by page, with both streams in 2,500 characters when Details are asked for", async () => {
    const script = "yes o | head -c 3000; yes e | head -c 3000 >&2";
    const id = await ssm.send([script], { InstanceIds: [web1, web2, staging] });
    for (const instanceId of [web1, web2, staging]) await ssm.finished(id, instanceId);
    const seen: string[] = [];
    let NextToken: string | undefined;
    do {
      const list = await ssm.client.send(
        new ListCommandInvocationsCommand({
          CommandId: id,
          Details: true,
          MaxResults: 2,
          ...(NextToken === undefined ? {} : { NextToken }),
        }),
      );
      for (const one of list.CommandInvocations ?? []) {
        seen.push(one.InstanceId ?? "");
        const plugin = one.CommandPlugins?.[0];
        expect(plugin).toMatchObject({ Name: "aws:runShellScript", Status: "Success", ResponseCode: 0 });
        expect(plugin?.Output?.length).toBeLessThanOrEqual(2500);
        expect(plugin?.Output).toMatch(/---Output truncated---\n-+ERROR-+\n[^]*---Error truncated----$/);
      }
      NextToken = list.NextToken;
    } while (NextToken !== undefined);
    expect(seen.sort()).toEqual([web1, web2, staging].sort());
    const plain = await ssm.client.send(new ListCommandInvocationsCommand({ CommandId: id }));
    expect(plain.CommandInvocations?.[0]?.CommandPlugins).toEqual([]);
    const wrong = new ListCommandInvocationsCommand({ CommandId: id, NextToken: "garbage" });
    await expect(ssm.client.send(wrong)).rejects.toThrow(expect.objectContaining({ name: "InvalidNextToken" }));
    const tooMany = new ListCommandInvocationsCommand({ MaxResults: 51 });
    await expect(ssm.client.send(tooMany)).rejects.toThrow(expect.objectContaining({ name: "ValidationException" }));
  });

  it("lists commands newest first, filtered by date and instance", async () => {
    const first = await ssm.send(["true"]);
    await ssm.finished(first);
    const second = await ssm.send(["exit 1"], { InstanceIds: [web2] });
    await ssm.finished(second, web2);
    const list = async (input: ListCommandsCommandInput) =>
      (await ssm.client.send(new ListCommandsCommand(input))).Commands?.map((one) => one.CommandId) ?? [];
    const all = await list({});
    expect(all.indexOf(second)).toBeLessThan(all.indexOf(first));
    expect(await list({ MaxResults: 1 })).toEqual([second]);
    expect(await list({ InstanceId: web2, CommandId: first })).toEqual([]);
    const { Commands } = await ssm.client.send(new ListCommandsCommand({ CommandId: second }));
    expect(Commands?.[0]).toMatchObject({ Status: "Failed", CompletedCount: 1, ErrorCount: 1, TargetCount: 1 });
    const at = Commands?.[0]?.RequestedDateTime?.toISOString() ?? "";
    expect(await list({ Filters: [{ key: "InvokedAfter", value: at }] })).toEqual([second]);
    expect(await list({ Filters: [{ key: "InvokedBefore", value: at }] })).not.toContain(second);
    expect(await list({ Filters: [{ key: "Status", value: "Failed" }] })).toContain(second);
  });

  it("refuses to cancel what it does not know, and lets a finished command be", async () => {
    const cancel = (input: CancelCommandCommandInput) => ssm.client.send(new CancelCommandCommand(input));
    await expect(cancel({ CommandId: "0".repeat(36) })).rejects.toThrow(
      expect.objectContaining({ name: "InvalidCommandId" }),
    );
    const id = await ssm.send(["true"]);
    await ssm.finished(id);
    await expect(cancel({ CommandId: id, InstanceIds: [web2] })).rejects.toThrow(
      expect.objectContaining({ name: "InvalidInstanceId" }),
    );
    await cancel({ CommandId: id });
    expect((await ssm.invocation(id)).Status).toBe("Success");
  });

  it("describes the instances: filters, pages, lost connections", async () => {
    const describeThem = (input: DescribeInstanceInformationCommandInput) =>
      ssm.client.send(new DescribeInstanceInformationCommand(input));
    const ids = async (input: DescribeInstanceInformationCommandInput) =>
      (await describeThem(input)).InstanceInformationList?.map((one) => one.InstanceId);
    const [first] = (await describeThem({})).InstanceInformationList ?? [];
    expect(first).toMatchObject({
      InstanceId: web1,
      PingStatus: "Online",
      PlatformType: "Linux",
      IPAddress: "10.0.0.1",
    });
    expect(first?.ComputerName).toBe(`ip-${web1}`);
    expect(first?.AgentVersion).toMatch(/^3\./);
    expect(first?.LastPingDateTime).toBeInstanceOf(Date);
    expect(await ids({ Filters: [{ Key: "tag:threads-env", Values: ["prod"] }] })).toEqual([web1, web2]);
    expect(await ids({ Filters: [{ Key: "InstanceIds", Values: [staging] }] })).toEqual([staging]);
    expect(await ids({ InstanceInformationFilterList: [{ key: "InstanceIds", valueSet: [web2] }] })).toEqual([web2]);
    ssm.hosts.set(web2, { running: false });
    expect(await ids({ Filters: [{ Key: "PingStatus", Values: ["ConnectionLost"] }] })).toEqual([web2]);
    ssm.hosts.set(web2, { running: true });
    await expect(describeThem({ MaxResults: 4 })).rejects.toThrow(
      expect.objectContaining({ name: "ValidationException" }),
    );
    await expect(describeThem({ Filters: [{ Key: "Colour", Values: ["red"] }] })).rejects.toThrow(
      expect.objectContaining({ name: "InvalidFilterKey" }),
    );
  });
});

describe("eventual consistency", () => {
  it("hides a new command for a moment: InvocationDoesNotExist, and empty lists", async () => {
    const pace = movablePace();
    const ssm = await startHarness({ hiddenFor: 60_000, pace });
    try {
      const id = await ssm.send(["echo seen"]);
      await expect(ssm.invocation(id)).rejects.toThrow(expect.objectContaining({ name: "InvocationDoesNotExist" }));
      const lists = [new ListCommandInvocationsCommand({ CommandId: id }), new ListCommandsCommand({ CommandId: id })];
      expect((await ssm.client.send(lists[0] as ListCommandInvocationsCommand)).CommandInvocations).toEqual([]);
      expect((await ssm.client.send(lists[1] as ListCommandsCommand)).Commands).toEqual([]);
      pace.skip(60_000);
      const found = await ssm.finished(id);
      expect(found.StandardOutputContent).toBe("seen\n");
    } finally {
      await ssm.close();
    }
  });
});
