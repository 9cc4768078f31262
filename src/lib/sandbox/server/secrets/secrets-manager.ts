import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Access } from "../../../iam/evaluate.ts";
import { inputReader } from "../input.ts";
import { type JsonStore, openJsonStore } from "../json-store.ts";
import { type Call, type JsonService, ServiceError } from "../protocol.ts";

interface SecretVersion {
  readonly id: string;
  readonly text: string;
  /** Epoch seconds. */
  readonly createdAt: number;
  stages: string[];
}

interface Secret {
  readonly name: string;
  readonly arn: string;
  /** Oldest first; never empty. */
  versions: SecretVersion[];
}

interface SecretState {
  readonly secrets: Record<string, Secret>;
}

type Input = Readonly<Record<string, unknown>>;

const read = inputReader("ValidationException");
const current = "AWSCURRENT";
const previous = "AWSPREVIOUS";
/** API reference, CreateSecret. */
const longestValue = 65_536;
const namePattern = /^[a-zA-Z0-9/_+=.@!-]{1,512}$/;
const missing = "Secrets Manager can't find the specified secret";

export interface SecretPorts {
  readonly stateDir: string;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Secrets Manager as far as an application's environment needs it: to make a secret, to change it, to read it (API reference, 2017-10-17). */
export async function createSecretsManager({ stateDir, now }: SecretPorts): Promise<JsonService> {
  const file = join(stateDir, "secrets", "secrets.json");
  const store = await openJsonStore<SecretState>(file, () => ({ secrets: {} }));
  return {
    target: "secretsmanager",
    operations: {
      CreateSecret: (input, call) => createSecret(store, input, { call, now }),
      PutSecretValue: (input) => putSecretValue(store, input, now),
      GetSecretValue: async (input) => getSecretValue(store.state, input),
    },
    accesses: {
      CreateSecret: (input, call) => [onSecret("CreateSecret", String(input["Name"]), { store, call })],
      PutSecretValue: (input, call) => [onSecret("PutSecretValue", String(input["SecretId"]), { store, call })],
      GetSecretValue: (input, call) => [onSecret("GetSecretValue", String(input["SecretId"]), { store, call })],
    },
  };
}

/** By the ARN of what is there, and of what is not by the name that was given. */
function onSecret(
  operation: string,
  id: string,
  { store, call }: { readonly store: JsonStore<SecretState>; readonly call: Call },
): Access {
  const { region, identity } = call;
  const named = id.startsWith("arn:") ? id : `arn:aws:secretsmanager:${region}:${identity.account}:secret:${id}`;
  const resource = secretWith(store.state, id)?.arn ?? named;
  return { action: `secretsmanager:${operation}`, resource, context: {} };
}

async function createSecret(
  store: JsonStore<SecretState>,
  input: Input,
  { call, now }: { readonly call: Call; readonly now: () => number },
): Promise<unknown> {
  const name = read.string(input, "Name", { min: 1, max: 512 });
  if (!namePattern.test(name))
    throw new ServiceError(
      "ValidationException",
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    );
  const version = newVersion(input, now);
  return store.update((state) => {
    if (Object.hasOwn(state.secrets, name)) {
      const message = `The operation failed because the secret ${name} already exists.`;
      throw new ServiceError("ResourceExistsException", message);
    }
    // Six characters at its end, so that a secret of the same name made later is another one.
    const arn = `arn:aws:secretsmanager:${call.region}:${call.identity.account}:secret:${name}-${suffix()}`;
    state.secrets[name] = { name, arn, versions: [version] };
    return { ARN: arn, Name: name, VersionId: version.id };
  });
}

async function putSecretValue(store: JsonStore<SecretState>, input: Input, now: () => number): Promise<unknown> {
  const id = read.string(input, "SecretId", { min: 1, max: 2048 });
  const version = newVersion(input, now);
  return store.update((state) => {
    const secret = find(state, id);
    for (const one of secret.versions) {
      const wasCurrent = one.stages.includes(current);
      one.stages = wasCurrent ? [previous] : one.stages.filter((stage) => stage !== previous);
    }
    secret.versions.push(version);
    return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: version.stages };
  });
}

function getSecretValue(state: SecretState, input: Input): unknown {
  const secret = find(state, read.string(input, "SecretId", { min: 1, max: 2048 }));
  const id = read.optionalString(input, "VersionId", { min: 32, max: 64 });
  const stage =
    read.optionalString(input, "VersionStage", { min: 1, max: 256 }) ?? (id === undefined ? current : undefined);
  const version = secret.versions.find(
    (one) => (id === undefined || one.id === id) && (stage === undefined || one.stages.includes(stage)),
  );
  if (version === undefined) {
    const what = id === undefined ? `staging label: ${stage ?? ""}` : `VersionId: ${id}`;
    throw new ServiceError("ResourceNotFoundException", `${missing} value for ${what}`);
  }
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    SecretString: version.text,
    VersionStages: version.stages,
    CreatedDate: version.createdAt,
  };
}

/** The token of a request becomes the id of its version; SDK and CLI send one. */
function newVersion(input: Input, now: () => number): SecretVersion {
  const id = read.optionalString(input, "ClientRequestToken", { min: 32, max: 64 }) ?? randomUUID();
  const text = read.string(input, "SecretString", { min: 1, max: longestValue });
  return { id, text, createdAt: now() / 1000, stages: [current] };
}

/** By its name, its ARN, or that without the six characters at its end. */
function find(state: SecretState, id: string): Secret {
  const found = secretWith(state, id);
  if (found === undefined) throw new ServiceError("ResourceNotFoundException", `${missing}.`);
  return found;
}

function secretWith(state: SecretState, id: string): Secret | undefined {
  return Object.values(state.secrets).find(
    ({ name, arn }) => id === name || id === arn || id === arn.slice(0, -"-abcdef".length),
  );
}

function suffix(): string {
  return randomBytes(12).toString("base64").replaceAll(/[+/=]/g, "").slice(0, 6).padEnd(6, "a");
}
