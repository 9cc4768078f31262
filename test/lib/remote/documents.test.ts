import {
  GetDocumentCommand,
  CreateDocumentCommand,
  DeleteDocumentCommand,
  ListCommandsCommand,
} from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openContact } from "../../../src/lib/aws/contact.ts";
import { documentOrders } from "../../../src/lib/remote/document-order.ts";
import { findDocument, writeDocument } from "../../../src/lib/remote/documents.ts";
import type { RemoteScript } from "../../../src/lib/remote/remote.ts";
import { ssmRemote } from "../../../src/lib/remote/ssm.ts";
import { documentFor } from "../../../src/lib/script/document.ts";
import { statusScript } from "../../../src/lib/script/host-scripts.ts";
import type { HostExecutor } from "../../../src/lib/sandbox/server/ssm/hosts.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import { movablePace, type SsmHarness, startHarness, web1 } from "../sandbox/server/ssm/harness.ts";

const pace = movablePace();
const clock = { ...hurriedClock(Date.now()), sleep: (ms: number) => Promise.resolve(pace.skip(ms)) };
let ssm: SsmHarness;
/** What the host's agent was given beside the script. */
let variables: readonly string[] = [];
const executor = (): HostExecutor => ({
  hosts: () => Promise.resolve([host]),
  run: (_, { words }) => {
    if (words.length > 6) variables = words.slice(7);
    return Promise.resolve({ exitCode: 0, stdout: "0\nsaid", stderr: "" });
  },
  restart: () => Promise.resolve(),
});
const host = {
  instanceId: web1,
  reference: "m",
  running: true,
  computerName: "web-1",
  ipAddress: "10.0.0.1",
  registeredAt: 0,
  tags: {},
  agentDirectory: "/a",
};
beforeAll(async () => {
  ssm = await startHarness({ executor: executor(), pace, hiddenFor: 400 });
});
afterAll(() => ssm.close());

const ports = () => {
  const client = () => Promise.resolve(ssm.client);
  return { aws: { ssm: client, ssmOnce: client, contact: openContact() }, clock };
};
const remote = () => ssmRemote({ ...ports(), orders: documentOrders(ports()) });
const script = statusScript({ app: "threads", nonce: "n1" });
const document = documentFor(script, "prod");
const order: RemoteScript = { script, environment: "prod", hosts: [web1], label: "look", executionMs: 60_000 };
beforeEach(() => ssm.client.send(new DeleteDocumentCommand({ Name: document.name })).catch(() => undefined));
const sent = async () => {
  pace.skip(1_000);
  return (await ssm.client.send(new ListCommandsCommand({}))).Commands ?? [];
};

test("a document that was made is found, and a command runs its very version with parameters alone", async () => {
  await writeDocument(
    { ...document, version: "older", content: document.content.replace("tells", "told") },
    false,
    ports(),
  );
  expect(await findDocument(document, ports())).toEqual({ state: "other" });
  await writeDocument(document, true, ports());
  const found = await findDocument(document, ports());
  expect(found).toMatchObject({ state: "there", pin: { name: document.name, number: "2" } });
  const command = await remote().send(order);
  const [shown] = await sent();
  expect(shown).toMatchObject({ CommandId: command.id, DocumentName: document.name, DocumentVersion: "2" });
  expect(shown?.Parameters).toEqual({ Nonce: ["n1"], executionTimeout: ["60"] });
  expect(await remote().wait(command)).toMatchObject([{ end: "succeeded", stdout: "said" }]);
  expect(variables).toEqual(["SSM_Nonce=n1"]);
});

test("where there is none, or none of this content, nothing is sent", async () => {
  const before = (await sent()).length;
  const refused = { code: "HOST_DOCUMENT", outcome: "refused", next: ["threads doctor -e prod --fix"] };
  await expect(remote().send(order)).rejects.toMatchObject(refused);
  await writeDocument(
    documentFor({ ...script, assignments: { ...script.assignments, APP: "other" } }, "prod"),
    false,
    ports(),
  );
  await expect(remote().send(order)).rejects.toMatchObject(refused);
  expect((await sent()).length).toBe(before);
});

test("a version that calls itself the same and is another is told as that", async () => {
  const evil = document.content.replace("#!/bin/bash", "#!/bin/bash\\nreboot");
  await writeDocument({ ...document, content: evil }, false, ports());
  expect(await findDocument(document, ports())).toEqual({ state: "forged" });
  await expect(remote().send(order)).rejects.toMatchObject({
    code: "HOST_DOCUMENT",
    message: expect.stringContaining("somebody has changed it") as unknown,
  });
});

test("the same JSON written otherwise, as Terraform may, is the same document", async () => {
  const Content = JSON.stringify(JSON.parse(document.content), undefined, 2);
  const request = { Name: document.name, VersionName: document.version, Content, DocumentType: "Command" as const };
  await ssm.client.send(new CreateDocumentCommand(request));
  pace.skip(1_000);
  expect(await findDocument(document, ports())).toMatchObject({ state: "there" });
  await remote().send(order);
  expect((await sent())[0]).toMatchObject({ DocumentName: document.name });
});

test("it is looked for once, whatever is sent, and held to its hash from then on", async () => {
  await writeDocument(document, false, ports());
  const one = remote();
  await one.send(order);
  await ssm.client.send(new DeleteDocumentCommand({ Name: document.name }));
  await writeDocument({ ...document, content: document.content.replace("tells", "lies") }, false, ports());
  await expect(one.send(order)).rejects.toMatchObject({
    code: "HOST_DOCUMENT",
    outcome: "refused",
    message: expect.stringContaining("does not take this order: The hash") as unknown,
  });
});

test("two who make it at once both have it", async () => {
  await Promise.all([writeDocument(document, false, ports()), writeDocument(document, false, ports())]);
  expect(await findDocument(document, ports())).toMatchObject({ state: "there", pin: { number: "1" } });
  const { Content } = await ssm.client.send(new GetDocumentCommand({ Name: document.name }));
  expect(Content).toBe(document.content);
});
