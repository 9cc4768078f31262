import { createHash } from "node:crypto";
import { ServiceError } from "../protocol.ts";
import type { Call } from "../protocol.ts";
import { parameterArn, parseReference } from "./parameter-names.ts";

export const parameterTypes = ["String", "StringList", "SecureString"] as const;
export const tiers = ["Standard", "Advanced", "Intelligent-Tiering"] as const;
export type ParameterType = (typeof parameterTypes)[number];
export type Tier = (typeof tiers)[number];

export interface ParameterVersion {
  readonly version: number;
  readonly value: string;
  readonly description: string;
  readonly allowedPattern: string;
  readonly tier: "Standard" | "Advanced";
  readonly keyId: string | undefined;
  /** Epoch seconds. */
  readonly modifiedAt: number;
  readonly modifiedBy: string;
  labels: string[];
}

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly dataType: string;
  /** Oldest first; never empty. */
  versions: ParameterVersion[];
  tags: Record<string, string>;
}

export interface ParameterState {
  readonly parameters: Record<string, Parameter>;
}

/** A SecureString that nobody asked to decrypt: text that looks like KMS ciphertext and says nothing. */
function ciphertext(parameter: Parameter, version: ParameterVersion): string {
  const digest = (part: string) =>
    createHash("sha512").update(`${parameter.name} ${version.version} ${part}`).update(version.value).digest();
  return `AQICAHh${Buffer.concat([digest("key"), digest("body")]).toString("base64")}`;
}

export function newest(parameter: Parameter): ParameterVersion {
  const last = parameter.versions.at(-1);
  if (last === undefined) throw new Error(`parameter ${parameter.name} has no version`);
  return last;
}

/** Names are kept as given; an ARN of "/a" also means "a", because both have the same ARN. */
export function findParameter(state: ParameterState, name: string): Parameter | undefined {
  if (Object.hasOwn(state.parameters, name)) return state.parameters[name];
  const other = name.lastIndexOf("/") === 0 ? name.slice(1) : "";
  return Object.hasOwn(state.parameters, other) ? state.parameters[other] : undefined;
}

export interface Selected {
  readonly parameter: Parameter;
  readonly version: ParameterVersion;
  readonly selector: string | undefined;
}

/** @throws ServiceError ParameterNotFound, ParameterVersionNotFound */
export function select(state: ParameterState, text: string): Selected {
  const { name, selector } = parseReference(text);
  const parameter = findParameter(state, name);
  if (parameter === undefined) throw new ServiceError("ParameterNotFound", `Parameter ${name} not found.`);
  if (selector === undefined) return { parameter, version: newest(parameter), selector };
  const wanted = selector.slice(1);
  const version = parameter.versions.find((one) =>
    /^\d+$/.test(wanted) ? one.version === Number(wanted) : one.labels.includes(wanted),
  );
  if (version === undefined) {
    const what = /^\d+$/.test(wanted) ? "version" : "label";
    const message = `Systems Manager could not find ${what} ${wanted} of ${name}. Verify the ${what} and try again.`;
    throw new ServiceError("ParameterVersionNotFound", message);
  }
  return { parameter, version, selector };
}

/** The Parameter of GetParameter, GetParameters and GetParametersByPath. */
export function parameterView(found: Selected, options: { readonly decrypt: boolean; readonly call: Call }) {
  const { parameter, version, selector } = found;
  const hidden = parameter.type === "SecureString" && !options.decrypt;
  return {
    Name: parameter.name,
    Type: parameter.type,
    Value: hidden ? ciphertext(parameter, version) : version.value,
    Version: version.version,
    ...(selector === undefined ? {} : { Selector: selector }),
    LastModifiedDate: version.modifiedAt,
    ARN: parameterArn(parameter.name, options.call),
    DataType: parameter.dataType,
  };
}

/** What GetParameterHistory and DescribeParameters have in common. */
export function metadataView(parameter: Parameter, version: ParameterVersion) {
  return {
    Name: parameter.name,
    Type: parameter.type,
    ...(version.keyId === undefined ? {} : { KeyId: version.keyId }),
    LastModifiedDate: version.modifiedAt,
    LastModifiedUser: version.modifiedBy,
    ...(version.description === "" ? {} : { Description: version.description }),
    ...(version.allowedPattern === "" ? {} : { AllowedPattern: version.allowedPattern }),
    Version: version.version,
    Tier: version.tier,
    Policies: [],
    DataType: parameter.dataType,
  };
}

/** One entry of GetParameterHistory. */
export function historyView(parameter: Parameter, version: ParameterVersion, decrypt: boolean) {
  const hidden = parameter.type === "SecureString" && !decrypt;
  return {
    ...metadataView(parameter, version),
    Value: hidden ? ciphertext(parameter, version) : version.value,
    Labels: version.labels,
  };
}
