import { ServiceError } from "../protocol.ts";
import type { Call } from "../protocol.ts";

/** A parameter as requests name it: `name`, `name:3`, `name:label`, or the ARN of one. */
export interface ParameterReference {
  readonly name: string;
  /** ":3" or ":label"; undefined means the newest version. */
  readonly selector: string | undefined;
}

const namePattern = /^\/?[a-zA-Z0-9_.-]+(\/[a-zA-Z0-9_.-]+)*$/;
const maximumLevels = 15;
/** The whole ARN counts (API reference, PutParameter). */
const maximumArn = 1011;
const shapeRule =
  'can\'t be prefixed with "aws" or "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; ' +
  "each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_";

export function parameterArn(name: string, call: Call): string {
  const path = name.startsWith("/") ? name : `/${name}`;
  return `arn:aws:ssm:${call.region}:${call.identity.account}:parameter${path}`;
}

/** Refuses what PutParameter refuses: reserved prefixes, odd characters, a path without its first slash, more than 15 levels, a long ARN. */
export function checkNewName(name: string, call: Call): void {
  if (/^\/aws(\/|$)/i.test(name)) {
    throw new ServiceError("AccessDeniedException", `No access to reserved parameter name: ${name}.`);
  }
  if (/^\/?(aws|ssm)/i.test(name) || !namePattern.test(name)) throw invalid(`Parameter name: ${shapeRule}`);
  if (name.includes("/") && !name.startsWith("/")) throw invalid("Parameter name must be a fully qualified name.");
  if (name.split("/").filter((level) => level !== "").length > maximumLevels) {
    const message = `A hierarchy can have at most ${maximumLevels} levels.`;
    throw new ServiceError("HierarchyLevelLimitExceededException", message);
  }
  if (parameterArn(name, call).length > maximumArn) {
    throw invalid(`The parameter name is too long: its ARN may have ${maximumArn} characters.`);
  }
}

/** Splits what GetParameter and GetParameters take. */
export function parseReference(text: string): ParameterReference {
  const arn = /^arn:aws:ssm:[^:]*:[^:]*:parameter(\/.*)$/.exec(text);
  const plain = arn?.[1] ?? text;
  const colon = plain.indexOf(":");
  return colon < 0
    ? { name: plain, selector: undefined }
    : { name: plain.slice(0, colon), selector: plain.slice(colon) };
}

/** Labels: up to 100 letters, digits and `.-_`, not starting with a digit, "aws" or "ssm" (API reference, LabelParameterVersion). */
export function isValidLabel(label: string): boolean {
  return /^[a-zA-Z_.-][a-zA-Z0-9_.-]{0,99}$/.test(label) && !/^(aws|ssm)/i.test(label);
}

function invalid(message: string): ServiceError {
  return new ServiceError("ValidationException", message);
}
