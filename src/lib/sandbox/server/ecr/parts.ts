import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { AccessControl } from "../iam/access-control.ts";
import { inputReader } from "../input.ts";
import { type JsonStore, openJsonStore } from "../json-store.ts";
import { ServiceError } from "../protocol.ts";
import { createSerial, type Serial } from "../serial.ts";
import type { Settings } from "../settings.ts";
import type { Upstream } from "../upstream.ts";
import type { IndexState, RepositoryState } from "./index-state.ts";

/** What every ECR operation and the registry's own API work with. */
export interface EcrParts {
  readonly account: string;
  readonly region: string;
  /** `host:port` as clients know it. */
  readonly endpoint: string;
  readonly upstream: Upstream;
  readonly index: JsonStore<IndexState>;
  readonly settings: Settings;
  /** Serialises writes per repository: immutability is check, then act. */
  readonly serial: Serial;
  /** Milliseconds. */
  readonly now: () => number;
  readonly access: AccessControl;
}

export interface EcrSettings {
  readonly account: string;
  readonly region: string;
  readonly endpoint: string;
  readonly stateDir: string;
  readonly upstream: Upstream;
  readonly settings: Settings;
  readonly now: () => number;
  readonly access: AccessControl;
}

/** Opens the index in `stateDir`/ecr.json. */
export async function openEcr({ stateDir, ...settings }: EcrSettings): Promise<EcrParts> {
  const urlKey = randomBytes(32).toString("hex");
  const empty = (): IndexState => ({ repositories: {}, tokens: {}, urlKey });
  return { ...settings, index: await openJsonStore(join(stateDir, "ecr.json"), empty), serial: createSerial() };
}

type Input = Readonly<Record<string, unknown>>;

export const read = inputReader("InvalidParameterException");

/** 2..256 characters (botocore's service model of ECR). */
export const repositoryName = {
  min: 2,
  max: 256,
  pattern: /^(?:[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*\/)*[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/,
};

/** The `registryId` of the input; the caller's own account by default. */
export function registryId(parts: EcrParts, input: Input): string {
  return read.optionalString(input, "registryId", { pattern: /^\d{12}$/ }) ?? parts.account;
}

/** @throws ServiceError RepositoryNotFoundException; a foreign registryId has no repositories that this caller may see. */
export function findRepository(parts: EcrParts, input: Input): RepositoryState {
  const id = registryId(parts, input);
  const name = read.string(input, "repositoryName", repositoryName);
  const repository = id === parts.account ? repositoryNamed(parts, name) : undefined;
  if (repository === undefined) throw repositoryMissing(name, id);
  return repository;
}

export function repositoryNamed(parts: EcrParts, name: string): RepositoryState | undefined {
  const { repositories } = parts.index.state;
  return Object.hasOwn(repositories, name) ? repositories[name] : undefined;
}

function repositoryMissing(name: string, id: string): ServiceError {
  return new ServiceError("RepositoryNotFoundException", missingText(name, id));
}

/** The sentence that the API and `docker push` share. */
export function missingText(name: string, id: string): string {
  return `The repository with name '${name}' does not exist in the registry with id '${id}'`;
}

/** ECR's own wording of a bad parameter. */
export function invalidParameter(name: string, rule: string): ServiceError {
  return new ServiceError(
    "InvalidParameterException",
    `Invalid parameter at '${name}' failed to satisfy constraint: '${rule}'`,
  );
}

export function seconds(parts: EcrParts): number {
  return Math.floor(parts.now()) / 1000;
}
