import { inputReader } from "../input.ts";
import { ServiceError } from "../protocol.ts";
import type { Call, Operation } from "../protocol.ts";
import { parameterArn } from "./parameter-names.ts";
import { findParameter, historyView, metadataView, newest, parameterView, select } from "./parameters.ts";
import type { Parameter, ParameterState } from "./parameters.ts";
import { page } from "./paging.ts";
import type { ParameterPorts } from "./parameter-writes.ts";

type Input = Readonly<Record<string, unknown>>;

interface Filter {
  readonly key: string;
  readonly option: string;
  readonly values: readonly string[];
}

const read = inputReader("ValidationException");

/** Reading side of Parameter Store. */
export function parameterReads(ports: ParameterPorts): Record<string, Operation> {
  const state = ports.store.state;
  return {
    GetParameter: async (input, call) => {
      const found = select(state, read.string(input, "Name", { min: 1 }));
      return { Parameter: parameterView(found, { decrypt: decryption(input), call }) };
    },
    GetParameters: async (input, call) => getParameters(state, input, call),
    GetParametersByPath: async (input, call) => getByPath(state, input, call),
    GetParameterHistory: async (input) => getHistory(state, input),
    DescribeParameters: async (input, call) => describe(state, input, call),
  };
}

/** Names that do not exist, and versions that do not, come back as InvalidParameters with HTTP 200. */
function getParameters(state: ParameterState, input: Input, call: Call) {
  const names = read.strings(input, "Names", { min: 1, max: 10 });
  const found = [];
  const missing = [];
  for (const name of new Set(names)) {
    try {
      found.push(parameterView(select(state, name), { decrypt: decryption(input), call }));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      missing.push(name);
    }
  }
  return { Parameters: found, InvalidParameters: missing };
}

function getByPath(state: ParameterState, input: Input, call: Call) {
  const given = read.string(input, "Path", { min: 1, max: 2048 });
  if (!given.startsWith("/")) {
    throw new ServiceError("ValidationException", `The parameter path must begin with a slash: ${given}`);
  }
  const path = given.endsWith("/") ? given : `${given}/`;
  const recursive = read.optionalBoolean(input, "Recursive") ?? false;
  const filters = readFilters(input, ["Type", "KeyId", "Label"]);
  const label = filters.find((filter) => filter.key === "Label");
  const matching = sorted(state).filter((parameter) => {
    const name = parameter.name.startsWith("/") ? parameter.name : `/${parameter.name}`;
    const below = name.startsWith(path) ? name.slice(path.length) : "";
    return below !== "" && (recursive || !below.includes("/")) && filters.every((filter) => passes(parameter, filter));
  });
  const found = page(matching, { ...pageRequest(input, 10), key: (parameter) => parameter.name });
  const views = found.items.map((parameter) => {
    const labelled = parameter.versions.findLast((one) => one.labels.some((text) => label?.values.includes(text)));
    const selected = { parameter, version: labelled ?? newest(parameter), selector: undefined };
    return parameterView(selected, { decrypt: decryption(input), call });
  });
  return { Parameters: views, ...token(found.nextToken) };
}

function getHistory(state: ParameterState, input: Input) {
  const name = read.string(input, "Name", { min: 1, max: 2048 });
  const parameter = findParameter(state, name);
  if (parameter === undefined) throw new ServiceError("ParameterNotFound", `Parameter ${name} not found.`);
  const found = page(parameter.versions, { ...pageRequest(input, 50), key: (one) => String(one.version) });
  const views = found.items.map((version) => historyView(parameter, version, decryption(input)));
  return { Parameters: views, ...token(found.nextToken) };
}

/** Names and what is known about them, never values. Filters: Name, Path, Type, KeyId, Label, Tier, tag:…. */
function describe(state: ParameterState, input: Input, call: Call) {
  const filters = [...readFilters(input, ["Name", "Path", "Type", "KeyId", "Label", "Tier"]), ...legacyFilters(input)];
  const matching = sorted(state).filter((parameter) => filters.every((filter) => passes(parameter, filter)));
  const found = page(matching, { ...pageRequest(input, 50), key: (parameter) => parameter.name });
  const views = found.items.map((parameter) => ({
    ...metadataView(parameter, newest(parameter)),
    ARN: parameterArn(parameter.name, call),
  }));
  return { Parameters: views, ...token(found.nextToken) };
}

function readFilters(input: Input, keys: readonly string[]): readonly Filter[] {
  const given = read.optionalRecords(input, "ParameterFilters") ?? [];
  return given.map((filter) => {
    const key = read.string(filter, "Key", { min: 1, max: 132 });
    if (!keys.includes(key) && !key.startsWith("tag:")) {
      throw new ServiceError("InvalidFilterKey", `The filter key ${key} is not valid here.`);
    }
    const option = read.optionalString(filter, "Option") ?? (key === "Path" ? "OneLevel" : "Equals");
    if (!["Equals", "BeginsWith", "Contains", "Recursive", "OneLevel"].includes(option)) {
      throw new ServiceError("InvalidFilterOption", `The filter option ${option} is not valid.`);
    }
    return { key, option, values: read.strings(filter, "Values", { min: 1, max: 50 }) };
  });
}

/** The older Filters of DescribeParameters; names are matched by their beginning. */
function legacyFilters(input: Input): readonly Filter[] {
  const given = read.optionalRecords(input, "Filters") ?? [];
  return given.map((filter) => {
    const key = read.oneOf(filter, "Key", ["Name", "Type", "KeyId"] as const);
    return {
      key,
      option: key === "Name" ? "BeginsWith" : "Equals",
      values: read.strings(filter, "Values", { min: 1 }),
    };
  });
}

function passes(parameter: Parameter, filter: Filter): boolean {
  const { key, option, values } = filter;
  if (key === "Label") return parameter.versions.some((one) => one.labels.some((label) => values.includes(label)));
  if (key === "Path") return values.some((path) => isBelow(parameter.name, path, option === "Recursive"));
  const last = newest(parameter);
  const facts: Readonly<Record<string, string | undefined>> = {
    Name: parameter.name,
    Type: parameter.type,
    KeyId: last.keyId,
    Tier: last.tier,
  };
  const actual = key.startsWith("tag:") ? parameter.tags[key.slice("tag:".length)] : facts[key];
  if (actual === undefined) return false;
  if (option === "BeginsWith") return values.some((value) => actual.startsWith(value));
  if (option === "Contains") return values.some((value) => actual.includes(value));
  return values.includes(actual);
}

function isBelow(name: string, path: string, recursive: boolean): boolean {
  const prefix = path.endsWith("/") ? path : `${path}/`;
  return name.startsWith(prefix) && (recursive || !name.slice(prefix.length).includes("/"));
}

function sorted(state: ParameterState): readonly Parameter[] {
  return Object.values(state.parameters).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function decryption(input: Input): boolean {
  return read.optionalBoolean(input, "WithDecryption") ?? false;
}

function pageRequest(input: Input, max: number): { readonly size: number; readonly token: string | undefined } {
  const size = read.optionalNumber(input, "MaxResults", { min: 1, max }) ?? max;
  return { size, token: read.optionalString(input, "NextToken") };
}

function token(nextToken: string | undefined) {
  return nextToken === undefined ? {} : { NextToken: nextToken };
}
