import { inputReader } from "../input.ts";
import { ServiceError } from "../protocol.ts";

type Input = Readonly<Record<string, unknown>>;

/** A parameter as a document declares it (Systems Manager user guide, "Data elements and parameters"). */
export interface DeclaredParameter {
  readonly type: "String" | "StringList";
  readonly default?: string | readonly string[];
  readonly allowedValues?: readonly string[];
  readonly allowedPattern?: string;
  readonly minChars?: number;
  readonly maxChars?: number;
  /** ENV_VAR: the script finds the value as SSM_<name>, and no part of its text is replaced. */
  readonly interpolationType?: "ENV_VAR";
}

/** A document of type Command with one step, which is all that the sandbox runs. */
export interface DocumentContent {
  readonly description: string;
  readonly parameters: Readonly<Record<string, DeclaredParameter>>;
  /** The step's own name: what SSM calls a plugin. */
  readonly step: string;
  readonly runCommand: readonly string[];
  readonly timeoutSeconds: string;
  readonly workingDirectory: string;
}

const read = inputReader("ValidationException");
/** "The size limit of a document is 64 KB", which what it is given at run time counts to (API reference, CreateDocument). */
export const documentBytes = 64 * 1024;

/** @throws ServiceError InvalidDocumentContent, InvalidDocumentSchemaVersion, MaxDocumentSizeExceeded (API reference, CreateDocument) */
export function parseContent(text: string): DocumentContent {
  if (Buffer.byteLength(text) > documentBytes)
    throw new ServiceError("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.");
  const raw = jsonOf(text);
  if (raw["schemaVersion"] !== "2.2")
    throw new ServiceError(
      "InvalidDocumentSchemaVersion",
      `The sandbox has schema 2.2, not ${String(raw["schemaVersion"])}.`,
    );
  try {
    return contentOf(raw);
  } catch (error) {
    if (error instanceof ServiceError && error.type !== "InvalidDocumentContent") throw invalid(error.message);
    throw error;
  }
}

function jsonOf(text: string): Input {
  try {
    const raw: unknown = JSON.parse(text);
    if (typeof raw === "object" && raw !== null && !Array.isArray(raw)) return raw as Input;
  } catch {
    // What is not JSON is told as what is no document.
  }
  throw invalid("JSON not well-formed.");
}

function contentOf(raw: Input): DocumentContent {
  requireKeys(raw, ["schemaVersion", "description", "parameters", "mainSteps"]);
  const parameters = Object.fromEntries(
    Object.entries(read.optionalRecord(raw, "parameters") ?? {}).map(([name, one]) => [name, parameterOf(name, one)]),
  );
  const [step, ...more] = read.records(raw, "mainSteps", { min: 1 });
  if (step === undefined || more.length > 0) throw invalid("The sandbox runs documents of one step.");
  requireKeys(step, ["action", "name", "precondition", "inputs"]);
  if (step["action"] !== "aws:runShellScript") throw invalid(`The sandbox does not have ${String(step["action"])}.`);
  const precondition = JSON.stringify(step["precondition"] ?? { StringEquals: ["platformType", "Linux"] });
  if (precondition !== '{"StringEquals":["platformType","Linux"]}')
    throw invalid("The sandbox has Linux, and no other precondition.");
  const inputs = read.optionalRecord(step, "inputs") ?? {};
  requireKeys(inputs, ["runCommand", "timeoutSeconds", "workingDirectory"]);
  const content = {
    description: read.optionalString(raw, "description") ?? "",
    parameters,
    step: read.string(step, "name", { pattern: /^[a-zA-Z0-9_]{1,128}$/ }),
    runCommand: read.strings(inputs, "runCommand", { min: 1 }),
    timeoutSeconds: read.optionalString(inputs, "timeoutSeconds") ?? "3600",
    workingDirectory: read.optionalString(inputs, "workingDirectory") ?? "",
  };
  requireNoHalfKnown(content);
  return content;
}

/** How AWS reads a parameter of the environment that stands in the text as well is nowhere told. */
function requireNoHalfKnown({ parameters, runCommand }: DocumentContent): void {
  const both = Object.entries(parameters).find(
    ([name, { interpolationType }]) =>
      interpolationType !== undefined && runCommand.some((line) => mention(name).test(line)),
  );
  if (both !== undefined) throw invalid(`The sandbox does not know what {{${both[0]}}} is beside ENV_VAR.`);
}

/** `{{ name }}`, as the agent finds it (amazon-ssm-agent, agent/framework/docparser/parameters). */
export function mention(name: string): RegExp {
  return new RegExp(`\\{\\{\\s*${name}\\s*\\}\\}`, "g");
}

const parameterKeys = [
  "type",
  "description",
  "default",
  "allowedValues",
  "allowedPattern",
  "displayType",
  "minChars",
  "maxChars",
  "interpolationType",
];

function parameterOf(name: string, raw: unknown): DeclaredParameter {
  // Of the agent: what has another name, it leaves out.
  if (!/^[a-zA-Z0-9]+$/.test(name)) throw invalid(`Parameter name ${name} is not valid.`);
  const one = read.optionalRecord({ [name]: raw }, name) ?? {};
  requireKeys(one, parameterKeys);
  const type = read.oneOf(one, "type", ["String", "StringList"]);
  const interpolationType = read.optionalOneOf(one, "interpolationType", ["ENV_VAR"]);
  if (interpolationType !== undefined && type !== "String") throw invalid("ENV_VAR is for parameters of type String.");
  const pattern = read.optionalString(one, "allowedPattern");
  if (pattern !== undefined) requirePattern(pattern);
  const parameter = { ...one, type } as DeclaredParameter;
  const value = [parameter.default ?? []].flat();
  if (parameter.default !== undefined && faultOf(parameter, value) !== undefined)
    throw invalid(`The default of ${name} ${faultOf(parameter, value)}.`);
  return parameter;
}

function requirePattern(pattern: string): void {
  try {
    RegExp(pattern);
  } catch {
    throw invalid(`The allowedPattern ${pattern} is no regular expression.`);
  }
}

/** What is wrong with values of a parameter; undefined where nothing is. */
export function faultOf(parameter: DeclaredParameter, values: readonly string[]): string | undefined {
  const { type, allowedValues, allowedPattern, minChars = 0, maxChars = Infinity } = parameter;
  if (type === "String" && values.length !== 1) return "must be one value";
  const pattern = allowedPattern === undefined ? undefined : new RegExp(allowedPattern);
  if (values.some((value) => pattern?.test(value) === false))
    return `does not match its allowed pattern ${allowedPattern}`;
  if (values.some((value) => allowedValues?.includes(value) === false)) return "is not one of its allowed values";
  if (values.some(({ length }) => length < minChars || length > maxChars)) return "is too short or too long";
  return values.some((value) => value.includes("\0")) ? "has a NUL character" : undefined;
}

function requireKeys(input: Input, known: readonly string[]): void {
  const other = Object.keys(input).find((key) => !known.includes(key));
  if (other !== undefined) throw invalid(`The sandbox does not have ${other}.`);
}

function invalid(message: string): ServiceError {
  return new ServiceError("InvalidDocumentContent", message);
}
