import { createHash } from "node:crypto";
import {
  CreateDocumentCommand,
  type CreateDocumentCommandInput,
  DeleteDocumentCommand,
  DescribeDocumentCommand,
  GetDocumentCommand,
  SendCommandCommand,
  type SendCommandCommandInput,
  UpdateDocumentCommand,
  UpdateDocumentDefaultVersionCommand,
} from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { movablePace, type SsmHarness, startHarness, web1 } from "./harness.ts";

const pace = movablePace();
let ssm: SsmHarness;
beforeAll(async () => {
  ssm = await startHarness({ pace, hiddenFor: 60_000 });
});
afterAll(() => ssm.close());

const word = { type: "String", interpolationType: "ENV_VAR", allowedPattern: "^[a-z ]*$" };
const content = (change: object = {}, inputs: object = {}): string =>
  JSON.stringify({
    schemaVersion: "2.2",
    parameters: { Word: word, Quiet: { ...word, default: "" }, Number: { type: "String", default: "7" } },
    mainSteps: [
      {
        action: "aws:runShellScript",
        name: "say",
        inputs: { runCommand: ['echo "$SSM_Word|${SSM_Quiet-unset}|{{ Number }}|{{Other}}"'], ...inputs },
      },
    ],
    ...change,
  });

let count = 0;
const newName = (): string => `doc-${String((count += 1))}`;
async function create(input: Partial<CreateDocumentCommandInput> = {}): Promise<string> {
  const Name = input.Name ?? newName();
  const request = { Content: content(), DocumentType: "Command" as const, ...input, Name };
  await ssm.client.send(new CreateDocumentCommand(request));
  pace.skip(61_000);
  return Name;
}
const update = (Name: string, input: object = {}) =>
  ssm.client.send(
    new UpdateDocumentCommand({
      Name,
      Content: content({ description: newName() }),
      DocumentVersion: "$LATEST",
      ...input,
    }),
  );
const describeDocument = async (Name: string, which: object = {}) =>
  (await ssm.client.send(new DescribeDocumentCommand({ Name, ...which }))).Document;
async function send(DocumentName: string, input: Partial<SendCommandCommandInput> = {}): Promise<string> {
  const request = { DocumentName, InstanceIds: [web1], Parameters: { Word: ["ho ho"] }, ...input };
  const { Command } = await ssm.client.send(new SendCommandCommand(request));
  pace.skip(61_000);
  return Command?.CommandId ?? "";
}
const refused = (name: string): object => expect.objectContaining({ name });

describe("documents", () => {
  it("have numbered versions with names of their own, each with the hash of its content", async () => {
    const Name = await create({ VersionName: "first" });
    const first = content();
    expect(await describeDocument(Name)).toMatchObject({
      Hash: createHash("sha256").update(first).digest("hex"),
      HashType: "Sha256",
      DocumentVersion: "1",
      VersionName: "first",
      Status: "Active",
      Parameters: [{ Name: "Word" }, { Name: "Quiet", DefaultValue: "" }, { Name: "Number", DefaultValue: "7" }],
    });
    await update(Name, { VersionName: "second" });
    expect(await describeDocument(Name, { VersionName: "second" })).toMatchObject({ DocumentVersion: "2" });
    expect(await describeDocument(Name)).toMatchObject({
      DocumentVersion: "1",
      LatestVersion: "2",
      DefaultVersion: "1",
    });
    await ssm.client.send(new UpdateDocumentDefaultVersionCommand({ Name, DocumentVersion: "2" }));
    expect(await describeDocument(Name)).toMatchObject({ DocumentVersion: "2" });
    const old = await ssm.client.send(new GetDocumentCommand({ Name, VersionName: "first" }));
    expect(old.Content).toBe(first);
    await ssm.restart();
    expect(await describeDocument(Name, { VersionName: "first" })).toMatchObject({ DocumentVersion: "1" });
  });

  it("are not active at once, and cannot be run until then", async () => {
    const Name = newName();
    await ssm.client.send(new CreateDocumentCommand({ Name, Content: content(), DocumentType: "Command" }));
    expect(await describeDocument(Name)).toMatchObject({ Status: "Creating" });
    await expect(send(Name)).rejects.toEqual(refused("InvalidDocument"));
    pace.skip(61_000);
    expect(await describeDocument(Name)).toMatchObject({ Status: "Active" });
  });

  it.each([
    ["another's name", () => create({ Name: "doc-1" }), "DocumentAlreadyExists"],
    ["a name that is AWS's", () => create({ Name: "AWS-Mine" }), "ValidationException"],
    ["no JSON", () => create({ Content: "schemaVersion: '2.2'" }), "InvalidDocumentContent"],
    ["an old schema", () => create({ Content: content({ schemaVersion: "1.2" }) }), "InvalidDocumentSchemaVersion"],
    [
      "more than 64 KB",
      () => create({ Content: content({ description: "x".repeat(65_536) }) }),
      "MaxDocumentSizeExceeded",
    ],
    [
      "ENV_VAR of a list",
      () => create({ Content: content({ parameters: { Word: { ...word, type: "StringList" } } }) }),
      "InvalidDocumentContent",
    ],
    [
      "a default that it forbids",
      () => create({ Content: content({ parameters: { Word: { ...word, default: "1" } } }) }),
      "InvalidDocumentContent",
    ],
    [
      "a name that no agent reads",
      () => create({ Content: content({ parameters: { A_B: word } }) }),
      "InvalidDocumentContent",
    ],
    [
      "a version's name twice",
      async () => {
        const name = await create({ VersionName: "same" });
        return update(name, { VersionName: "same" });
      },
      "DuplicateDocumentVersionName",
    ],
    ["a content twice", async () => update(await create(), { Content: content() }), "DuplicateDocumentContent"],
    [
      "an update of an old version",
      async () => {
        const name = await create();
        await update(name);
        return update(name, { DocumentVersion: "1" });
      },
      "InvalidDocumentVersion",
    ],
    ["an update of nothing", () => update("doc-none"), "InvalidDocument"],
    ["a look at no document", () => describeDocument("doc-none"), "InvalidDocument"],
    [
      "a look at no version",
      async () => describeDocument(await create(), { VersionName: "none" }),
      "InvalidDocumentVersion",
    ],
  ] as const)("refuse %s", async (_, act, name) => {
    await expect(act()).rejects.toEqual(refused(name));
  });

  it("go with all their versions", async () => {
    const Name = await create();
    await ssm.client.send(new DeleteDocumentCommand({ Name }));
    await expect(describeDocument(Name)).rejects.toEqual(refused("InvalidDocument"));
  });
});

describe("a command that runs one", () => {
  it("finds its parameters in the environment, as they are, and others as text in their places", async () => {
    const Name = await create();
    const id = await send(Name);
    expect(await ssm.finished(id)).toMatchObject({
      Status: "Success",
      StandardOutputContent: "ho ho||7|{{Other}}\n",
      DocumentName: Name,
      DocumentVersion: "1",
      PluginName: "say",
    });
  });

  it("keeps what is in a parameter out of the script's text", async () => {
    const Name = await create({
      Content: content(
        { parameters: { Word: { ...word, allowedPattern: ".*" } } },
        { runCommand: ['echo "$SSM_Word"'] },
      ),
    });
    const id = await send(Name, { Parameters: { Word: ["$(echo run) `id` ';\""] } });
    expect(await ssm.finished(id)).toMatchObject({ StandardOutputContent: "$(echo run) `id` ';\"\n" });
  });

  it("is killed after the time that it is given, and runs the version that it names", async () => {
    const timed = content(
      { parameters: { executionTimeout: { type: "String", default: "3600" } } },
      { timeoutSeconds: "{{ executionTimeout }}", runCommand: ["sleep 60"] },
    );
    const Name = await create();
    await update(Name, { Content: timed });
    pace.skip(61_000);
    const id = await send(Name, { DocumentVersion: "2", Parameters: { executionTimeout: ["5"] } });
    expect(await ssm.finished(id)).toMatchObject({ StatusDetails: "ExecutionTimedOut", DocumentVersion: "2" });
  });

  it.each([
    ["a value that its pattern forbids", { Parameters: { Word: ["Ho"] } }, "InvalidParameters"],
    ["two values for one", { Parameters: { Word: ["a", "b"] } }, "InvalidParameters"],
    ["a parameter that there is not", { Parameters: { Word: ["a"], commands: ["reboot"] } }, "InvalidParameters"],
    ["one parameter too few", { Parameters: {} }, "InvalidParameters"],
    ["no such version", { DocumentVersion: "9" }, "InvalidDocumentVersion"],
    ["another hash", { DocumentHash: "0".repeat(64), DocumentHashType: "Sha256" }, "InvalidDocument"],
    ["more than 64 KB with its values", { Parameters: { Word: ["a".repeat(65_300)] } }, "MaxDocumentSizeExceeded"],
  ] as const)("is refused with %s", async (_, input, name) => {
    const document = await create();
    await expect(send(document, input as unknown as Partial<SendCommandCommandInput>)).rejects.toEqual(refused(name));
  });
});
