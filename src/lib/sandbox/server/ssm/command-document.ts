import { inputReader } from "../input.ts";
import { ServiceError } from "../protocol.ts";
import type { Command } from "./commands.ts";
import {
  type DeclaredParameter,
  type DocumentContent,
  documentBytes,
  faultOf,
  mention,
  parseContent,
} from "./document-content.ts";
import { type DocumentPorts, statusOf } from "./document-operations.ts";
import { bareName, documentNamed, versionOf } from "./documents.ts";

type Input = Readonly<Record<string, unknown>>;

/** What a command runs, and with what. */
export type Running = Pick<
  Command,
  "documentName" | "documentVersion" | "parameters" | "executionTimeoutSeconds" | "own"
>;

const read = inputReader("ValidationException");
const shell = "AWS-RunShellScript";
/** The allowedPattern of executionTimeout in AWS-RunShellScript: 1 to 172,800. */
const executionTimeoutPattern = /^([1-9][0-9]{0,4}|1[0-6][0-9]{4}|17[01][0-9]{3}|172[0-7][0-9]{2}|172800)$/;
/** Document and parameters together may have 64 KB (API reference, MaxDocumentSizeExceeded); AWS-RunShellScript itself has about one. */
const shellBytes = 1_100;

/** AWS-RunShellScript, or a document of one's own. @throws ServiceError InvalidDocument…, InvalidParameters, MaxDocumentSizeExceeded */
export function runningOf(input: Input, documents: DocumentPorts): Running {
  const name = read.string(input, "DocumentName", { pattern: /^[a-zA-Z0-9_\-.:/]{3,128}$/ });
  return bareName(name) === shell ? shellRun(input, name) : ownRun(input, name, documents);
}

function shellRun(input: Input, name: string): Running {
  if (name !== shell && !/^arn:aws:ssm:[a-z0-9-]*::document\//.test(name)) throw noDocument(name);
  const documentVersion = read.optionalString(input, "DocumentVersion") ?? "$DEFAULT";
  if (!["$DEFAULT", "$LATEST", "1"].includes(documentVersion))
    throw new ServiceError("InvalidDocumentVersion", `The document version ${documentVersion} is not valid.`);
  if (input["DocumentHash"] !== undefined)
    throw new ServiceError("ValidationException", `The sandbox does not have the hash of ${shell}.`);
  const parameters = readParameters(input, ["commands", "workingDirectory", "executionTimeout"]);
  const commands = parameters["commands"] ?? [];
  if (commands.length === 0) throw invalid("Parameter commands is required.");
  if (commands.some((line) => line.includes("\0"))) throw invalid("Parameter commands has a NUL character.");
  const timeout = parameters["executionTimeout"]?.[0];
  if (timeout !== undefined && !executionTimeoutPattern.test(timeout))
    throw invalid(`Parameter executionTimeout does not match its allowed pattern: ${timeout}`);
  requireRoom(shellBytes, parameters);
  return { documentName: shell, documentVersion, parameters, executionTimeoutSeconds: executionTimeout(timeout) };
}

/**
 * A hash that is not that of the version is refused (API reference, SendCommand, DocumentHash: "the hash created by the system
 * when the document was created"); with which exception is nowhere told.
 */
function ownRun(input: Input, name: string, ports: DocumentPorts): Running {
  const document = documentNamed(ports.store.state, name);
  const version = versionOf(document, { version: read.optionalString(input, "DocumentVersion") });
  if (statusOf(version, ports) !== "Active") throw noDocument(name);
  const hash = read.optionalString(input, "DocumentHash", { max: 256 });
  const hashType = read.optionalOneOf(input, "DocumentHashType", ["Sha256", "Sha1"]) ?? "Sha256";
  if (hash !== undefined && (hashType !== "Sha256" || hash !== version.hash))
    throw new ServiceError("InvalidDocument", `The hash of the document ${document.name} is another.`);
  const content = parseContent(version.content);
  const parameters = readParameters(input, Object.keys(content.parameters));
  const values = Object.fromEntries(
    Object.entries(content.parameters).map(([key, declared]) => [key, valuesOf(key, declared, parameters[key])]),
  );
  requireRoom(Buffer.byteLength(version.content), parameters);
  return {
    documentName: document.name,
    documentVersion: version.number,
    parameters,
    executionTimeoutSeconds: executionTimeout(replaced(content.timeoutSeconds, content, values)),
    own: {
      plugin: content.step,
      script: content.runCommand.map((line) => replaced(line, content, values)).join("\n"),
      workingDirectory: replaced(content.workingDirectory, content, values),
      variables: variablesOf(content, values),
    },
  };
}

type Values = Readonly<Record<string, readonly string[]>>;

function valuesOf(name: string, declared: DeclaredParameter, given: readonly string[] | undefined): readonly string[] {
  const values = given ?? (declared.default === undefined ? undefined : [declared.default].flat());
  if (values === undefined) throw invalid(`Parameter ${name} is required.`);
  const fault = faultOf(declared, values);
  if (fault !== undefined) throw invalid(`Parameter ${name} ${fault}.`);
  return values;
}

/** The agent puts a value into the text as it stands: nothing quotes it. */
function replaced(text: string, { parameters }: DocumentContent, values: Values): string {
  return Object.entries(parameters).reduce(
    (so, [name, { type }]) =>
      so.replace(mention(name), () => (type === "String" ? (values[name]?.[0] ?? "") : JSON.stringify(values[name]))),
    text,
  );
}

/** "The system creates an environment variable named SSM_parameter-name" (user guide, "Data elements and parameters"). */
function variablesOf({ parameters }: DocumentContent, values: Values): Record<string, string> {
  const own = Object.entries(parameters).filter(([, { interpolationType }]) => interpolationType === "ENV_VAR");
  return Object.fromEntries(own.map(([name]) => [`SSM_${name}`, values[name]?.[0] ?? ""]));
}

function readParameters(input: Input, known: readonly string[]): Record<string, readonly string[]> {
  const given = read.optionalRecord(input, "Parameters") ?? {};
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(`Parameter ${unknown} is not defined in the document.`);
  return Object.fromEntries(Object.keys(given).map((name) => [name, read.strings(given, name)]));
}

function requireRoom(taken: number, parameters: Values): void {
  if (taken + Buffer.byteLength(JSON.stringify(parameters)) > documentBytes)
    throw new ServiceError("MaxDocumentSizeExceeded", "The size of the document and its parameters exceeds 64 KB.");
}

/** The agent takes anything below 5 or above 172,800 seconds, and what is no number, silently for an hour. */
function executionTimeout(text: string | undefined): number {
  const seconds = Number(text ?? "3600");
  return Number.isInteger(seconds) && seconds >= 5 && seconds <= 172_800 ? seconds : 3600;
}

function noDocument(name: string): ServiceError {
  return new ServiceError("InvalidDocument", `Document with name ${name} does not exist.`);
}

function invalid(message: string): ServiceError {
  return new ServiceError("InvalidParameters", message);
}
