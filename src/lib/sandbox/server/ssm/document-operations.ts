import { inputReader } from "../input.ts";
import { type Call, type Operation, ServiceError } from "../protocol.ts";
import { type DocumentContent, parseContent } from "./document-content.ts";
import {
  documentNamed,
  type DocumentState,
  type DocumentStore,
  type DocumentVersion,
  hashOf,
  type OwnDocument,
  versionOf,
  type Which,
} from "./documents.ts";
import type { Pace } from "./hosts.ts";

type Input = Readonly<Record<string, unknown>>;

const read = inputReader("ValidationException");
const namePattern = /^[a-zA-Z0-9_\-.]{3,128}$/;
const anyNamePattern = /^[a-zA-Z0-9_\-.:/]{3,128}$/;
const versionPattern = /^([$]LATEST|[$]DEFAULT|[1-9][0-9]*)$/;
/** Beginnings that are AWS's own (API reference, CreateDocument). */
const reserved = /^(aws|amazon|amzn|AWSEC2|AWSConfigRemediation|AWSSupport)/i;
/** "You can have at most 500 active SSM documents"; 1,000 versions of each (AWS General Reference, Systems Manager quotas). */
const mostDocuments = 500;
const mostVersions = 1_000;

export interface DocumentPorts {
  readonly store: DocumentStore;
  readonly pace: Pace;
  /** How long a document is not yet active; milliseconds. */
  readonly hiddenFor: number;
}

/**
 * CreateDocument, UpdateDocument, DescribeDocument, GetDocument, DeleteDocument and UpdateDocumentDefaultVersion of the API
 * reference (Systems Manager, 2014-11-06), for documents of type Command in JSON.
 */
export function documentOperations(ports: DocumentPorts): Record<string, Operation> {
  const { store } = ports;
  return {
    CreateDocument: (input, call) => createDocument(input, call, ports),
    UpdateDocument: (input, call) => updateDocument(input, call, ports),
    DescribeDocument: async (input, call) => {
      const { document, version } = select(input, store.state);
      return { Document: view({ document, version }, call, ports) };
    },
    GetDocument: async (input) => {
      requireJson(input);
      const { document, version } = select(input, store.state);
      return {
        Name: document.name,
        CreatedDate: version.createdAt / 1000,
        ...(version.name === undefined ? {} : { VersionName: version.name }),
        DocumentVersion: version.number,
        Status: statusOf(version, ports),
        Content: version.content,
        DocumentType: "Command",
        DocumentFormat: "JSON",
      };
    },
    DeleteDocument: async (input) => {
      const { name } = documentNamed(store.state, read.string(input, "Name", { pattern: namePattern }));
      if (input["DocumentVersion"] !== undefined || input["VersionName"] !== undefined)
        throw new ServiceError("ValidationException", "The sandbox deletes a document with all its versions.");
      await store.update(({ documents }) => delete documents[name]);
      return {};
    },
    UpdateDocumentDefaultVersion: async (input) => {
      const found = documentNamed(store.state, read.string(input, "Name", { pattern: namePattern }));
      const version = versionOf(found, {
        version: read.string(input, "DocumentVersion", { pattern: /^[1-9][0-9]*$/ }),
      });
      await store.update(({ documents }) => {
        documents[found.name] = { ...found, defaultVersion: version.number };
      });
      const names = version.name === undefined ? {} : { DefaultVersionName: version.name };
      return { Description: { Name: found.name, DefaultVersion: version.number, ...names } };
    },
  };
}

function select(input: Input, state: DocumentState): Shown {
  const document = documentNamed(state, read.string(input, "Name", { pattern: anyNamePattern }));
  return { document, version: versionOf(document, whichOf(input)) };
}

function whichOf(input: Input): Which {
  return {
    version: read.optionalString(input, "DocumentVersion", { pattern: versionPattern }),
    versionName: versionNameOf(input),
  };
}

function versionNameOf(input: Input): string | undefined {
  return read.optionalString(input, "VersionName", { pattern: namePattern });
}

async function createDocument(input: Input, call: Call, ports: DocumentPorts): Promise<unknown> {
  const { store, pace } = ports;
  const name = read.string(input, "Name", { pattern: namePattern });
  if (reserved.test(name))
    throw new ServiceError("ValidationException", `The name ${name} begins with a word that is reserved for AWS.`);
  const content = contentOf(input);
  if (read.optionalString(input, "DocumentType") !== "Command")
    throw new ServiceError("ValidationException", "The sandbox has documents of type Command.");
  const targetType = read.optionalString(input, "TargetType", { max: 200, pattern: /^\/[\w.\-:/]*$/ }) ?? "";
  const { documents } = store.state;
  if (documents[name] !== undefined)
    throw new ServiceError("DocumentAlreadyExists", `The specified document ${name} already exists.`);
  if (Object.keys(documents).length >= mostDocuments)
    throw new ServiceError("DocumentLimitExceeded", `You can have at most ${mostDocuments} active SSM documents.`);
  const version = newVersion(1, content, versionNameOf(input), pace.now());
  const document = { name, targetType, versions: [version], defaultVersion: "1", lastNumber: 1 };
  await store.update((state) => void (state.documents[name] = document));
  return { DocumentDescription: view({ document, version }, call, ports) };
}

async function updateDocument(input: Input, call: Call, ports: DocumentPorts): Promise<unknown> {
  const { store, pace } = ports;
  const found = documentNamed(store.state, read.string(input, "Name", { pattern: namePattern }));
  const content = contentOf(input);
  // "The version of the document that you want to update. Currently, Systems Manager supports updating only the latest."
  const latest = found.versions.at(-1)?.number;
  const asked = read.optionalString(input, "DocumentVersion", { pattern: versionPattern });
  if (asked !== "$LATEST" && asked !== latest)
    throw new ServiceError("InvalidDocumentVersion", "Only the latest version of a document can be updated.");
  const versionName = versionNameOf(input);
  if (versionName !== undefined && found.versions.some(({ name }) => name === versionName))
    throw new ServiceError("DuplicateDocumentVersionName", `The version name ${versionName} has already been used.`);
  if (found.versions.some(({ hash }) => hash === hashOf(content)))
    throw new ServiceError("DuplicateDocumentContent", "The content matches that of another version of the document.");
  if (found.versions.length >= mostVersions)
    throw new ServiceError("DocumentVersionLimitExceeded", `A document has at most ${mostVersions} versions.`);
  const lastNumber = found.lastNumber + 1;
  const version = newVersion(lastNumber, content, versionName, pace.now());
  const document = { ...found, versions: [...found.versions, version], lastNumber };
  await store.update((state) => void (state.documents[found.name] = document));
  return { DocumentDescription: view({ document, version }, call, ports) };
}

function newVersion(number: number, content: string, name: string | undefined, createdAt: number): DocumentVersion {
  return { number: String(number), content, hash: hashOf(content), createdAt, ...(name !== undefined && { name }) };
}

/** As it was given; its hash is of these bytes. */
function contentOf(input: Input): string {
  requireJson(input);
  for (const name of ["Attachments", "Requires", "DisplayName", "Tags"])
    if (input[name] !== undefined) throw new ServiceError("ValidationException", `The sandbox does not have ${name}.`);
  const content = read.string(input, "Content", { min: 1 });
  parseContent(content);
  return content;
}

function requireJson(input: Input): void {
  const format = read.optionalOneOf(input, "DocumentFormat", ["JSON", "YAML", "TEXT"]) ?? "JSON";
  if (format !== "JSON") throw new ServiceError("ValidationException", `The sandbox does not have ${format}.`);
}

/** A document becomes active a moment after it was written. */
export function statusOf({ createdAt }: DocumentVersion, { pace, hiddenFor }: Omit<DocumentPorts, "store">): string {
  return pace.now() < createdAt + hiddenFor ? "Creating" : "Active";
}

interface Shown {
  readonly document: OwnDocument;
  readonly version: DocumentVersion;
}

function view({ document, version }: Shown, { identity }: Call, ports: DocumentPorts): object {
  const content = parseContent(version.content);
  return {
    Hash: version.hash,
    HashType: "Sha256",
    Name: document.name,
    ...(version.name === undefined ? {} : { VersionName: version.name }),
    Owner: identity.account,
    CreatedDate: version.createdAt / 1000,
    Status: statusOf(version, ports),
    DocumentVersion: version.number,
    Description: content.description,
    Parameters: parametersOf(content),
    PlatformTypes: ["Linux"],
    DocumentType: "Command",
    SchemaVersion: "2.2",
    LatestVersion: document.versions.at(-1)?.number,
    DefaultVersion: document.defaultVersion,
    DocumentFormat: "JSON",
    TargetType: document.targetType,
    Tags: [],
  };
}

function parametersOf({ parameters }: DocumentContent): readonly object[] {
  return Object.entries(parameters).map(([Name, { type, default: value }]) => ({
    Name,
    Type: type,
    ...(value === undefined ? {} : { DefaultValue: typeof value === "string" ? value : JSON.stringify(value) }),
  }));
}
