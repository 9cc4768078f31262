import type { Assignments, ScriptName } from "./render.ts";

/** A typed parameter of a document, and the variable of the script that it becomes. */
export interface DocumentParameter {
  /** What a value may be: anchored, and of what Java and Go read alike, since SSM checks it and then its agent. */
  readonly pattern: string;
  /** An array: words behind a `=` each, of letters, digits and -._~; all else is percent-encoded. */
  readonly isList?: true;
}

type Parameters = Readonly<Record<string, DocumentParameter>>;

const digits: DocumentParameter = { pattern: "^[0-9]{1,15}$" };
const word: DocumentParameter = { pattern: "^[A-Za-z0-9]{1,64}$" };
const names: DocumentParameter = { pattern: "^([a-z0-9][a-z0-9._-]*( [a-z0-9][a-z0-9._-]*)*)?$" };
const list: DocumentParameter = {
  pattern: "^(=[A-Za-z0-9._~%-]*( =[A-Za-z0-9._~%-]*)*)?$",
  isList: true,
};
const oneOf = (...values: readonly string[]): DocumentParameter => ({ pattern: `^(${values.join("|")})$` });

const digest = "sha256:[0-9a-f]{64}";

/**
 * What of a deployment differs from one to the next. All else is fixed in the document: the application, its environment
 * file and where it is made from, the port, and the registry that bundle and images come from.
 */
function deployment(registry: string, { ENV_FILE = "", PORT = "" }: Assignments): Parameters {
  const image = `${literal(registry)}/[a-z0-9][a-z0-9._/-]*@${digest}`;
  const variable = [
    `[A-Z0-9_]+_IMAGE=${image}`,
    "(REVISION|TREE)=[0-9a-f]{40}",
    `ENV_FILE=${literal(String(ENV_FILE))}`,
    `HTTP_PORT=${String(PORT)}`,
  ].join("|");
  return {
    ACTION: oneOf("deploy", "weigh", "restore"),
    NUMBER: digits,
    NONCE: word,
    STEP: digits,
    WEIGHT: { pattern: "^[0-9]{1,3}$" },
    BUNDLE: { pattern: `^(${image})?$` },
    SHORT: { pattern: "^([0-9a-f]{12}|-)$" },
    REVISION: { pattern: "^([0-9a-f]{40})?$" },
    IMAGES: { pattern: `^([a-z0-9][a-z0-9._-]*=${image}( |$))*$` },
    VARIABLES: { pattern: `^((${variable})(\\n|$))*$` },
    SENT_AT: digits,
    MIGRATE: { pattern: "^([a-z0-9][a-z0-9._-]*)?$" },
    AS_IT_WAS: oneOf("0", "1"),
    ABSENT: names,
    SINGLETONS: names,
    WORKERS: names,
    DRAIN: digits,
    HEALTH_PATH: { pattern: "^/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$" },
    HEALTH_HOST: { pattern: "^[A-Za-z0-9.:_-]{1,253}$" },
    HEALTH_PROTO: oneOf("", "http", "https"),
    WARM_UP: list,
    HEALTH_TIMEOUT: digits,
    DEADLINE: digits,
  };
}

const logs: Parameters = { NONCE: word, GREP: list };

const others: Readonly<Record<Exclude<ScriptName, "deploy">, Parameters>> = {
  status: { NONCE: word },
  exec: { SERVICE: { pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$" }, COMMAND: list, NONCE: word, LIMIT: digits },
  ask: { NONCE: word, REQUESTS: list, KEY: { pattern: "^[a-z0-9]{1,64}$" }, OFFSET: digits, LIMIT: digits },
  stats: { NONCE: word, DURATION: digits, PAUSE: digits, MOST: digits },
  step: { NUMBER: digits, NONCE: word },
  logs: { ...logs, SERVICES: list, SINCE: { pattern: "^[0-9A-Za-z:.+-]*$" }, TAIL: digits, CURSORS: list },
  deploymentLog: { ...logs, NUMBER: digits, OFFSET: digits },
  readOut: { NONCE: word, NUMBER: digits, OF: oneOf("deploy", "weigh", "restore"), LIMIT: digits },
};

/** Of a script's variables those that a document takes as parameters, in an order that is always the same. */
export function parametersOf(name: ScriptName, assignments: Assignments, registry: string): Parameters {
  return name === "deploy" ? deployment(registry, assignments) : others[name];
}

/** A text as a regular expression that fits nothing else. */
function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
