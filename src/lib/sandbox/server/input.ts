import { ServiceError } from "./protocol.ts";

type Input = Readonly<Record<string, unknown>>;

interface TextRule {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** The name AWS gives to bad input: SSM and most services say ValidationException, ECR says InvalidParameterException. */
export type InvalidInput = "ValidationException" | "InvalidParameterException";

/** Reads typed values out of a JSON body; everything that does not fit throws a ServiceError of the service's own kind, 400. */
export interface InputReader {
  string(input: Input, name: string, rule?: TextRule): string;
  optionalString(input: Input, name: string, rule?: TextRule): string | undefined;
  /** Strings only. */
  strings(input: Input, name: string, size?: Range): readonly string[];
  optionalStrings(input: Input, name: string, size?: Range): readonly string[] | undefined;
  /** JSON objects only. */
  records(input: Input, name: string, size?: Range): readonly Input[];
  optionalRecords(input: Input, name: string, size?: Range): readonly Input[] | undefined;
  optionalRecord(input: Input, name: string): Input | undefined;
  /** Whole numbers only. */
  number(input: Input, name: string, range?: Range): number;
  optionalNumber(input: Input, name: string, range?: Range): number | undefined;
  optionalBoolean(input: Input, name: string): boolean | undefined;
  oneOf<T extends string>(input: Input, name: string, values: readonly T[]): T;
  optionalOneOf<T extends string>(input: Input, name: string, values: readonly T[]): T | undefined;
}

/** The readers of one service. Messages follow AWS: "1 validation error detected: Value … at '…' failed to satisfy constraint: …". */
export function inputReader(type: InvalidInput): InputReader {
  const list = <T>(check: (value: unknown) => value is T) => optionalList(type, check);
  const strings = list((value): value is string => typeof value === "string");
  const records = list(isRecord);
  const string = optionalText(type);
  const number = optionalInteger(type);
  const oneOf = optionalMember(type);
  return {
    string: (input, name, rule) => required(type, name, string(input, name, rule)),
    optionalString: string,
    strings: (input, name, size) => required(type, name, strings(input, name, size)),
    optionalStrings: strings,
    records: (input, name, size) => required(type, name, records(input, name, size)),
    optionalRecords: records,
    optionalRecord: (input, name) => optional(input, name, isRecord, () => wrongType(name, "a structure")),
    number: (input, name, range) => required(type, name, number(input, name, range)),
    optionalNumber: number,
    optionalBoolean: (input, name) =>
      optional(
        input,
        name,
        (value): value is boolean => typeof value === "boolean",
        () => wrongType(name, "a boolean"),
      ),
    oneOf: (input, name, values) => required(type, name, oneOf(input, name, values)),
    optionalOneOf: oneOf,
  };
}

/** One message for every broken constraint, shaped as the AWS services shape it. */
function constraint(type: InvalidInput, name: string, value: unknown, rule: string): ServiceError {
  const shown = value === undefined ? "null" : `'${typeof value === "string" ? value : JSON.stringify(value)}'`;
  return new ServiceError(
    type,
    `1 validation error detected: Value ${shown} at '${name}' failed to satisfy constraint: Member must ${rule}`,
  );
}

function optionalText(type: InvalidInput) {
  return (input: Input, name: string, rule: TextRule = {}): string | undefined => {
    const isString = (value: unknown): value is string => typeof value === "string";
    const text = optional(input, name, isString, () => wrongType(name, "a string"));
    if (text === undefined) return undefined;
    if (rule.min !== undefined && text.length < rule.min)
      throw constraint(type, name, text, `have length greater than or equal to ${rule.min}`);
    if (rule.max !== undefined && text.length > rule.max)
      throw constraint(type, name, text, `have length less than or equal to ${rule.max}`);
    if (rule.pattern !== undefined && !rule.pattern.test(text))
      throw constraint(type, name, text, `satisfy regular expression pattern: ${rule.pattern.source}`);
    return text;
  };
}

function optionalInteger(type: InvalidInput) {
  return (input: Input, name: string, range: Range = {}): number | undefined => {
    const value = optional(input, name, isInteger, () => wrongType(name, "an integer"));
    if (value === undefined) return undefined;
    if (range.min !== undefined && value < range.min)
      throw constraint(type, name, value, `have value greater than or equal to ${range.min}`);
    if (range.max !== undefined && value > range.max)
      throw constraint(type, name, value, `have value less than or equal to ${range.max}`);
    return value;
  };
}

function optionalMember(type: InvalidInput) {
  return <T extends string>(input: Input, name: string, values: readonly T[]): T | undefined => {
    const isMember = (value: unknown): value is T => values.some((allowed) => allowed === value);
    return optional(input, name, isMember, (value) =>
      constraint(type, name, value, `satisfy enum value set: [${values.join(", ")}]`),
    );
  };
}

function optionalList<T>(type: InvalidInput, check: (value: unknown) => value is T) {
  return (input: Input, name: string, size: Range = {}): readonly T[] | undefined => {
    const isList = (value: unknown): value is T[] => Array.isArray(value) && value.every(check);
    const items = optional(input, name, isList, () => wrongType(name, "a list"));
    if (items === undefined) return undefined;
    if (size.min !== undefined && items.length < size.min)
      throw constraint(type, name, items, `have length greater than or equal to ${size.min}`);
    if (size.max !== undefined && items.length > size.max)
      throw constraint(type, name, items, `have length less than or equal to ${size.max}`);
    return items;
  };
}

function optional<T>(
  input: Input,
  name: string,
  check: (value: unknown) => value is T,
  complaint: (value: unknown) => ServiceError,
): T | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (!check(value)) throw complaint(value);
  return value;
}

function required<T>(type: InvalidInput, name: string, value: T | undefined): T {
  if (value === undefined) throw constraint(type, name, undefined, "not be null");
  return value;
}

/** JSON of the wrong kind never reaches a service's own validation (AWS JSON 1.1). */
function wrongType(name: string, expected: string): ServiceError {
  return new ServiceError("SerializationException", `${name} is not ${expected}`);
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isRecord(value: unknown): value is Input {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
