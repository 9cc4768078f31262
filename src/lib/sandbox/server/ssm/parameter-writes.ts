import { inputReader } from "../input.ts";
import type { JsonStore } from "../json-store.ts";
import { ServiceError } from "../protocol.ts";
import type { Call, Operation } from "../protocol.ts";
import type { Pace } from "./hosts.ts";
import { checkNewName, isValidLabel } from "./parameter-names.ts";
import { findParameter, newest, parameterTypes, tiers } from "./parameters.ts";
import type { Parameter, ParameterState, ParameterType, ParameterVersion, Tier } from "./parameters.ts";

type Input = Readonly<Record<string, unknown>>;

export interface ParameterPorts {
  readonly store: JsonStore<ParameterState>;
  readonly pace: Pace;
}

const read = inputReader("ValidationException");
const nameRule = { min: 1, max: 2048 };
const standardBytes = 4096;
const advancedBytes = 8192;
const versionLimit = 100;
const labelLimit = 10;

/** Writing side of Parameter Store. Every change is one synchronous update, so exactly one of several racing writers wins. */
export function parameterWrites(ports: ParameterPorts): Record<string, Operation> {
  return {
    PutParameter: (input, call) => putParameter(ports, input, call),
    DeleteParameter: (input) => deleteParameter(ports, input),
    DeleteParameters: (input) => deleteParameters(ports, input),
    LabelParameterVersion: (input) => labelVersion(ports, input),
    UnlabelParameterVersion: (input) => unlabelVersion(ports, input),
  };
}

interface Wish {
  readonly name: string;
  readonly value: string;
  readonly type: ParameterType | undefined;
  readonly overwrite: boolean;
  readonly tier: Tier | undefined;
  readonly dataType: string;
  readonly tags: Record<string, string>;
  readonly description: string | undefined;
  readonly allowedPattern: string | undefined;
  readonly keyId: string | undefined;
}

async function putParameter(ports: ParameterPorts, input: Input, call: Call) {
  const wish = readWish(input);
  checkNewName(wish.name, call);
  checkValue(wish);
  return ports.store.update((state) => {
    const existing = findParameter(state, wish.name);
    if (existing !== undefined && !wish.overwrite) {
      const message =
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
      throw new ServiceError("ParameterAlreadyExists", message);
    }
    const version = nextVersion(wish, existing, { modifiedAt: ports.pace.now() / 1000, modifiedBy: call.identity.arn });
    if (existing === undefined) {
      if (wish.type === undefined) throw invalid("A parameter type is required when you create a parameter.");
      const { name, type, dataType, tags } = wish;
      state.parameters[name] = { name, type, dataType, tags, versions: [version] };
    } else {
      appendVersion(existing, version);
    }
    return { Version: version.version, Tier: version.tier };
  });
}

function readWish(input: Input): Wish {
  const tags = read.optionalRecords(input, "Tags", { max: 1000 }) ?? [];
  const overwrite = read.optionalBoolean(input, "Overwrite") ?? false;
  if (overwrite && tags.length > 0) {
    throw invalid("Invalid request: tags and overwrite can't be used together. Use AddTagsToResource to change tags.");
  }
  const policies = read.optionalString(input, "Policies") ?? "";
  if (policies !== "" && policies !== "[]") throw invalid("The sandbox does not have parameter policies.");
  return {
    name: read.string(input, "Name", nameRule),
    value: read.string(input, "Value", { min: 1 }),
    type: read.optionalOneOf(input, "Type", parameterTypes),
    overwrite,
    tier: read.optionalOneOf(input, "Tier", tiers),
    dataType: read.optionalString(input, "DataType", { max: 128, pattern: /^text$/ }) ?? "text",
    tags: Object.fromEntries(
      tags.map((tag) => [read.string(tag, "Key", { min: 1, max: 128 }), read.string(tag, "Value", { max: 256 })]),
    ),
    description: read.optionalString(input, "Description", { max: 1024 }),
    allowedPattern: read.optionalString(input, "AllowedPattern", { max: 1024 }),
    keyId: read.optionalString(input, "KeyId", { min: 1, max: 256 }),
  };
}

function checkValue(wish: Wish): void {
  if (/\{\{.*\}\}/s.test(wish.value)) {
    throw invalid('Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.');
  }
  const bytes = Buffer.byteLength(wish.value);
  if (bytes > advancedBytes) {
    throw invalid(`Advanced tier parameters support a maximum parameter value of ${advancedBytes} characters.`);
  }
  if (wish.keyId !== undefined && wish.type !== undefined && wish.type !== "SecureString") {
    throw invalid("KeyId is required for SecureString type parameter only.");
  }
  if (wish.allowedPattern !== undefined && !new RegExp(wish.allowedPattern).test(wish.value)) {
    throw new ServiceError("ParameterPatternMismatchException", "Parameter value does not match the allowed pattern.");
  }
}

function nextVersion(
  wish: Wish,
  existing: Parameter | undefined,
  stamp: { readonly modifiedAt: number; readonly modifiedBy: string },
): ParameterVersion {
  const before = existing === undefined ? undefined : newest(existing);
  if (existing !== undefined && wish.type !== undefined && wish.type !== existing.type) {
    throw new ServiceError("HierarchyTypeMismatchException", "The type of a parameter cannot be changed.");
  }
  const secure = (wish.type ?? existing?.type) === "SecureString";
  return {
    version: (before?.version ?? 0) + 1,
    value: wish.value,
    description: wish.description ?? before?.description ?? "",
    allowedPattern: wish.allowedPattern ?? before?.allowedPattern ?? "",
    tier: tierOf(wish, before),
    keyId: secure ? (wish.keyId ?? before?.keyId ?? "alias/aws/ssm") : undefined,
    ...stamp,
    labels: [],
  };
}

/** An advanced parameter stays advanced: going back would cut its value. */
function tierOf(wish: Wish, before: ParameterVersion | undefined): "Standard" | "Advanced" {
  const large = Buffer.byteLength(wish.value) > standardBytes;
  if (before?.tier === "Advanced" && wish.tier === "Standard") {
    throw invalid(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter to the standard tier.",
    );
  }
  if (before?.tier === "Advanced" || wish.tier === "Advanced") return "Advanced";
  if (!large) return "Standard";
  if (wish.tier === "Intelligent-Tiering") return "Advanced";
  throw invalid(
    `Standard tier parameters support a maximum parameter value of ${standardBytes} characters. ` +
      "To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.",
  );
}

/** 100 versions: the oldest makes room, unless it carries a label. */
function appendVersion(parameter: Parameter, version: ParameterVersion): void {
  const oldest = parameter.versions[0];
  if (parameter.versions.length >= versionLimit) {
    if (oldest !== undefined && oldest.labels.length > 0) {
      const message =
        `You attempted to create a new version of ${parameter.name}. Version ${oldest.version}, the oldest version, ` +
        "can't be deleted because it has a label associated with it. Move the label to another version and try again.";
      throw new ServiceError("ParameterMaxVersionLimitExceeded", message);
    }
    parameter.versions.shift();
  }
  parameter.versions.push(version);
}

async function deleteParameter(ports: ParameterPorts, input: Input) {
  const name = read.string(input, "Name", nameRule);
  return ports.store.update((state) => {
    existingParameter(state, name);
    remove(state, name);
    return {};
  });
}

async function deleteParameters(ports: ParameterPorts, input: Input) {
  const names = read.strings(input, "Names", { min: 1, max: 10 });
  return ports.store.update((state) => {
    const deleted = names.filter((name) => findParameter(state, name) !== undefined);
    for (const name of deleted) remove(state, name);
    return { DeletedParameters: deleted, InvalidParameters: names.filter((name) => !deleted.includes(name)) };
  });
}

function remove(state: ParameterState, name: string): void {
  const found = findParameter(state, name);
  if (found !== undefined) delete state.parameters[found.name];
}

/** A label sits on one version only, so it moves. Labels with a wrong shape are reported with HTTP 200. */
async function labelVersion(ports: ParameterPorts, input: Input) {
  const { name, labels } = readLabels(input);
  const wanted = read.optionalNumber(input, "ParameterVersion", { min: 1 });
  return ports.store.update((state) => {
    const parameter = existingParameter(state, name);
    const version = existingVersion(parameter, wanted ?? newest(parameter).version);
    const valid = labels.filter((label) => isValidLabel(label));
    const next = [...new Set([...version.labels, ...valid])];
    if (next.length > labelLimit) {
      throw new ServiceError("ParameterVersionLabelLimitExceeded", `A version can have at most ${labelLimit} labels.`);
    }
    for (const one of parameter.versions) one.labels = one.labels.filter((label) => !valid.includes(label));
    version.labels = next;
    return { InvalidLabels: labels.filter((label) => !isValidLabel(label)), ParameterVersion: version.version };
  });
}

async function unlabelVersion(ports: ParameterPorts, input: Input) {
  const { name, labels } = readLabels(input);
  const wanted = read.number(input, "ParameterVersion", { min: 1 });
  return ports.store.update((state) => {
    const version = existingVersion(existingParameter(state, name), wanted);
    const removed = labels.filter((label) => version.labels.includes(label));
    version.labels = version.labels.filter((label) => !removed.includes(label));
    return { RemovedLabels: removed, InvalidLabels: labels.filter((label) => !removed.includes(label)) };
  });
}

function readLabels(input: Input) {
  return { name: read.string(input, "Name", nameRule), labels: read.strings(input, "Labels", { min: 1, max: 10 }) };
}

function existingParameter(state: ParameterState, name: string): Parameter {
  const parameter = findParameter(state, name);
  if (parameter === undefined) throw new ServiceError("ParameterNotFound", `Parameter ${name} not found.`);
  return parameter;
}

function existingVersion(parameter: Parameter, version: number): ParameterVersion {
  const found = parameter.versions.find((one) => one.version === version);
  if (found !== undefined) return found;
  const message = `Systems Manager could not find version ${version} of ${parameter.name}. Verify the version and try again.`;
  throw new ServiceError("ParameterVersionNotFound", message);
}

function invalid(message: string): ServiceError {
  return new ServiceError("ValidationException", message);
}
