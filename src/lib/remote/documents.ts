import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { DocumentDescription } from "@aws-sdk/client-ssm";
import { type SsmCall, ssmCalls } from "../aws/ssm-calls.ts";
import { until } from "../clock/until.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { ScriptDocument } from "../script/document.ts";
import type { SsmPorts } from "./ports.ts";

/** A version of a document that certainly runs what we think: its number, and the hash that AWS holds a command to. */
export interface PinnedDocument {
  readonly name: string;
  readonly number: string;
  readonly hash: string;
}

/** What stands in AWS in the place of a document. */
export type FoundDocument =
  | { readonly state: "there"; readonly pin: PinnedDocument }
  /** `other`: there are versions for other releases of threads, or for another threads.yml. */
  | { readonly state: "absent" | "other" }
  /** A version that calls itself the same has another content. */
  | { readonly state: "forged" };

/** How long a document that was written may take to become active. */
const activeWithinMs = 30_000;

/** Looks for the version of exactly this content: by its name, and then by what is in it. */
export async function findDocument(document: ScriptDocument, ports: SsmPorts): Promise<FoundDocument> {
  const call = ssmCalls(ports);
  const { name, version } = document;
  const found = await describe({ Name: name, VersionName: version }, call);
  if (found?.DocumentVersion === undefined || found.Hash === undefined)
    return { state: (await describe({ Name: name }, call)) === undefined ? "absent" : "other" };
  const isSame = found.Hash === hashOf(document) || (await contentIs(document, call));
  if (!isSame || found.HashType !== "Sha256") return { state: "forged" };
  return { state: "there", pin: { name, number: found.DocumentVersion, hash: found.Hash } };
}

function hashOf({ content }: ScriptDocument): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Whoever has made it may have written the same JSON otherwise, and then its hash is another. */
function contentIs({ name, version, content }: ScriptDocument, call: SsmCall): Promise<boolean> {
  return call({
    doing: `reading the document ${name}`,
    send: async (client, sdk, options) => {
      const input = { Name: name, VersionName: version, DocumentFormat: "JSON" as const };
      const { Content = "null" } = await client.send(new sdk.GetDocumentCommand(input), options);
      return isDeepStrictEqual(parsed(Content), JSON.parse(content));
    },
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @returns undefined where there is no such document, or version */
function describe(
  which: { readonly Name: string; readonly VersionName?: string },
  call: SsmCall,
): Promise<DocumentDescription | undefined> {
  return call({
    doing: `looking at the document ${which.Name}`,
    send: async (client, sdk, options) =>
      (await client.send(new sdk.DescribeDocumentCommand(which), options)).Document ?? {},
    answers: { InvalidDocument: () => undefined, InvalidDocumentVersion: () => undefined },
  });
}

/** Makes the document, or a version of it, and waits until commands can name it. */
export async function writeDocument(
  { name, version, content }: ScriptDocument,
  isThere: boolean,
  ports: SsmPorts,
): Promise<void> {
  const call = ssmCalls(ports);
  const common = { Name: name, VersionName: version, Content: content, DocumentFormat: "JSON" as const };
  const alike = (): undefined => undefined;
  await call<unknown>({
    doing: `${isThere ? "updating" : "creating"} the document ${name}`,
    send: (client, sdk, options) =>
      isThere
        ? client.send(new sdk.UpdateDocumentCommand({ ...common, DocumentVersion: "$LATEST" }), options)
        : client.send(
            new sdk.CreateDocumentCommand({ ...common, DocumentType: "Command", TargetType: "/AWS::EC2::Instance" }),
            options,
          ),
    // A try whose reply was lost, or somebody else at the same moment: what is there is looked at afterwards.
    answers: { DocumentAlreadyExists: alike, DuplicateDocumentVersionName: alike, DuplicateDocumentContent: alike },
  });
  const { clock, signal } = ports;
  const patience = { clock, signal, timeoutMs: activeWithinMs, pauseMs: 250, maxPauseMs: 2_000 };
  const look = async (): Promise<true | undefined> =>
    (await describe({ Name: name, VersionName: version }, call))?.Status === "Active" || undefined;
  if ((await until(look, patience)) !== true)
    throw new ThreadsError("HOST_DOCUMENT", {
      message: `the document ${name} was written, and is not active after ${activeWithinMs / 1000} s`,
      next: [`aws ssm describe-document --name ${name}`],
    });
}

/** @throws ThreadsError HOST_DOCUMENT (refused) unless there is a version of exactly this content */
export async function requireDocument(
  document: ScriptDocument,
  environment: string,
  ports: SsmPorts,
): Promise<PinnedDocument> {
  const found = await findDocument(document, ports);
  if (found.state === "there") return found.pin;
  const why = {
    absent: "there is none",
    other: "it has no version for this release of threads and this threads.yml",
    forged: "the version of that name has another content than it says, so somebody has changed it",
  }[found.state];
  throw new ThreadsError("HOST_DOCUMENT", {
    message: `hosts of ${environment} take orders by the document ${document.name} alone, and ${why}`,
    next: [`threads doctor -e ${environment} --fix`],
    advice: ["or make it with Terraform: threads policy iam --terraform prints it"],
  });
}
