import { createHash } from "node:crypto";
import { documentName, oldestAgent } from "./document-name.ts";
import { type DocumentParameter, parametersOf } from "./document-parameters.ts";
import { type Assignments, type HostScript, linesOf, renderBehind, type ScriptName } from "./render.ts";

/**
 * An SSM document that runs one of our scripts and no other: the script is in it, and what it is sent are typed parameters.
 * The agent hands them to the script as environment variables, never as a part of its text (Systems Manager user guide, "Data
 * elements and parameters", interpolationType ENV_VAR).
 */
export interface ScriptDocument {
  readonly name: string;
  /** Of this very content: versions of several releases of threads lie beside each other. */
  readonly version: string;
  /** JSON, of schema 2.2. */
  readonly content: string;
}

/** As long as SSM has no word for how long a script may run, it takes an hour. */
const executionTimeout = {
  type: "String",
  description: "Seconds after which the agent kills the script",
  default: "3600",
  allowedPattern: "^([1-9][0-9]{0,4}|1[0-6][0-9]{4}|17[01][0-9]{3}|172[0-7][0-9]{2}|172800)$",
};

const purposes: Readonly<Record<ScriptName, string>> = {
  deploy: "brings a release of the application up on a host, or the one before back",
  status: "tells what runs on a host",
  exec: "runs a command in a container of the application",
  ask: "asks the application through the port of its host",
  stats: "samples what the application's containers take of the host",
  logs: "reads what the application's containers have said",
  step: "tells which step of a deployment a host is at",
  deploymentLog: "reads the host's log of a deployment",
  readOut: "prints the host's log of a deployment as it is written, for CloudWatch Logs",
};

/** The document for scripts like this one, which differ in what they are told by parameters. */
export function documentFor(script: HostScript, environment: string): ScriptDocument {
  const { name, assignments, registry = "" } = script;
  const parameters = parametersOf(name, assignments, registry);
  const fixed = Object.entries(assignments).filter(([key]) => parameters[key] === undefined);
  const app = String(assignments["APP"]);
  const content = JSON.stringify({
    schemaVersion: "2.2",
    description: `${app} in ${environment}: ${purposes[name]}. Made by threads doctor --fix.`,
    parameters: {
      ...Object.fromEntries(Object.entries(parameters).map(([key, one]) => [parameterName(key), declared(one)])),
      executionTimeout,
    },
    mainSteps: [
      {
        action: "aws:runShellScript",
        name,
        precondition: { StringEquals: ["platformType", "Linux"] },
        inputs: {
          timeoutSeconds: "{{ executionTimeout }}",
          runCommand: [renderBehind([...linesOf(Object.fromEntries(fixed)), ...readers(parameters)], name)],
        },
      },
    ],
  });
  const version = createHash("sha256").update(content).digest("hex");
  return { name: documentName(app, environment, name), version, content };
}

/** What SendCommand is given for such a document; what is empty is its default. */
export function valuesFor({ name, assignments, registry = "" }: HostScript): Record<string, string[]> {
  const parameters = parametersOf(name, assignments, registry);
  const values = Object.entries(parameters).flatMap(([key, { isList }]): [string, string[]][] => {
    const value = assignments[key];
    const text = isList === true ? encoded(value) : String(value ?? "");
    return text === "" ? [] : [[parameterName(key), [text]]];
  });
  return Object.fromEntries(values);
}

function declared({ pattern }: DocumentParameter): Record<string, string> {
  return {
    type: "String",
    interpolationType: "ENV_VAR",
    allowedPattern: pattern,
    ...(new RegExp(pattern).test("") && { default: "" }),
  };
}

/** The agent takes letters and digits alone: `HEALTH_PATH` is `HealthPath`. */
function parameterName(key: string): string {
  return key.replaceAll(/([A-Z])([A-Z]*)_?/g, (_, first: string, rest: string) => `${first}${rest.toLowerCase()}`);
}

function encoded(value: Assignments[string] | undefined): string {
  const words = typeof value === "object" ? value : [];
  return words.map((one) => `=${encodeURIComponent(one).replaceAll(/[!'()*]/g, percent)}`).join(" ");
}

function percent(mark: string): string {
  return `%${mark.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** How a script finds its parameters; an agent that does not know of them must not run it with none. */
function readers(parameters: Readonly<Record<string, DocumentParameter>>): readonly string[] {
  const nonce = `SSM_${parameterName("NONCE")}`;
  return [
    `[[ -n \${${nonce}+set} ]] || { echo 'this host has an SSM agent older than ${oldestAgent}' >&2; exit 10; }`,
    ...Object.entries(parameters).flatMap(([key, { isList }]) => {
      const variable = `\${SSM_${parameterName(key)}-}`;
      if (isList !== true) return [`${key}=${variable}`];
      const decode = `printf -v word %b "\${word//\\%/\\\\x}"`;
      return [`${key}=()`, `for word in ${variable}; do word=\${word#=}; ${decode}; ${key}+=("$word"); done`];
    }),
  ];
}
