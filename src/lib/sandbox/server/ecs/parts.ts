import { randomBytes, randomInt } from "node:crypto";
import { inputReader } from "../input.ts";
import type { JsonStore } from "../json-store.ts";
import { ServiceError } from "../protocol.ts";
import type { Settings } from "../settings.ts";
import { at, type Cluster, type Definition, type EcsState } from "./state.ts";
import type { ListenerRule, TargetGroup } from "./balance/balancer.ts";
import type { Machine } from "./run/machines.ts";
import type { Service } from "./schedule/service.ts";
import type { Task } from "./schedule/task.ts";

export type Input = Readonly<Record<string, unknown>>;

/** What every operation works with. */
export interface EcsParts {
  readonly account: string;
  readonly region: string;
  readonly store: JsonStore<EcsState>;
  /** Milliseconds. */
  readonly now: () => number;
  readonly machines: () => Promise<readonly Machine[]>;
  /** Those that threads.yml names: there is no API that would make others. */
  readonly targetGroups: readonly TargetGroup[];
  readonly listenerRules: readonly ListenerRule[];
  /** What somebody has arranged: alarms that are red, tasks that find no place, or are not known yet. */
  readonly settings: Pick<Settings, "redAlarms" | "placementFailures" | "tasksHiddenMs">;
}

export const read = inputReader("InvalidParameterException");

/** Names of clusters, services, families and containers (API reference). */
export const nameRule = { min: 1, max: 255, pattern: /^[A-Za-z0-9_-]+$/ } as const;

export function clientError(message: string): ServiceError {
  return new ServiceError("ClientException", message);
}

export function invalid(message: string): ServiceError {
  return new ServiceError("InvalidParameterException", message);
}

export function seconds({ now }: Pick<EcsParts, "now">): number {
  return Math.floor(now()) / 1000;
}

type Whose = Pick<EcsParts, "region" | "account">;

/** `arn:aws:ecs:eu-west-1:000000000000:service/main/web`. */
export function arn({ region, account }: Whose, path: string): string {
  return `arn:aws:ecs:${region}:${account}:${path}`;
}

export const definitionArn = (parts: EcsParts, key: string): string => arn(parts, `task-definition/${key}`);
export const clusterArn = (parts: EcsParts, name: string): string => arn(parts, `cluster/${name}`);
export const taskArn = (parts: Whose, { cluster, id }: Pick<Task, "cluster" | "id">): string =>
  arn(parts, `task/${cluster}/${id}`);
export const serviceArn = (parts: EcsParts, { cluster, name }: Pick<Service, "cluster" | "name">): string =>
  arn(parts, `service/${cluster}/${name}`);

/** The last part of an ARN, or the name itself. */
export function lastPart(text: string): string {
  return text.slice(Math.max(text.lastIndexOf("/"), text.startsWith("arn:") ? text.lastIndexOf(":") : -1) + 1);
}

/** Without a name it is `default`, which has to be there like any other. @throws ServiceError ClusterNotFoundException */
export function clusterOf(parts: EcsParts, input: Input): Cluster {
  const name = lastPart(read.optionalString(input, "cluster") ?? "default");
  const found = at(parts.store.state.clusters, name);
  if (found === undefined) throw new ServiceError("ClusterNotFoundException", "Cluster not found.");
  return found;
}

/** @throws ServiceError ServiceNotFoundException */
export function serviceOf(parts: EcsParts, cluster: string, named: string): Service {
  const found = at(parts.store.state.services, `${cluster}/${lastPart(named)}`);
  if (found === undefined) throw new ServiceError("ServiceNotFoundException", "Service not found.");
  return found;
}

export function keyOf({ family, revision }: Pick<Definition, "family" | "revision">): string {
  return `${family}:${revision}`;
}

/** By `family`, `family:revision` or an ARN; a family alone is its newest ACTIVE revision, whoever registered that. */
export function findDefinition({ definitions }: EcsState, text: string): Definition | undefined {
  const key = text.startsWith("arn:") ? text.slice(text.lastIndexOf("/") + 1) : text;
  if (key.includes(":")) return at(definitions, key);
  return Object.values(definitions)
    .filter(({ family, status }) => family === key && status === "ACTIVE")
    .toSorted((one, other) => other.revision - one.revision)[0];
}

/** One that may be run. @throws ServiceError ClientException */
export function usableDefinition(state: EcsState, text: string): Definition {
  const found = findDefinition(state, text);
  if (found === undefined) throw clientError("TaskDefinition not found.");
  if (found.status === "INACTIVE") throw clientError("TaskDefinition is inactive");
  return found;
}

/** What was asked, the same for the same words in another order, and without its token. */
export function requestOf(input: Input): string {
  const { clientToken: _, ...words } = input;
  return JSON.stringify(Object.entries(words).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** What there is of what was asked for, and a failure for each that is not there: HTTP 200, and nothing says so but they. */
export function lookUp(
  asked: readonly string[],
  view: (name: string) => Input | undefined,
  arnOf: (name: string) => string,
): { readonly found: readonly Input[]; readonly failures: readonly Input[] } {
  const all = asked.map((name) => ({ name, shown: view(name) }));
  return {
    found: all.map(({ shown }) => shown).filter((shown) => shown !== undefined),
    failures: all
      .filter(({ shown }) => shown === undefined)
      .map(({ name }) => ({ arn: arnOf(name), reason: "MISSING" })),
  };
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/** How a list is cut into pages. */
export interface Order<T> {
  /** By which it is sorted; no two have the same. */
  readonly key: (item: T) => string;
  readonly descending?: boolean;
  readonly usual: number;
  readonly most: number;
}

/**
 * A token is what the page before ended with, and not how many there were: what goes between two pages makes the next one skip
 * nothing.
 * @throws ServiceError InvalidParameterException for one that is none
 */
export function page<T>(all: readonly T[], input: Input, { key, descending = false, usual, most }: Order<T>): Page<T> {
  const size = read.optionalNumber(input, "maxResults", { min: 1, max: most }) ?? usual;
  const token = read.optionalString(input, "nextToken");
  const last = token === undefined ? undefined : lastOf(token);
  const isBefore = (one: string, other: string): boolean => (descending ? one > other : one < other);
  const rest = all.filter((item) => last === undefined || isBefore(last, key(item)));
  const items = rest.toSorted((one, other) => (isBefore(key(one), key(other)) ? -1 : 1)).slice(0, size);
  const end = items.at(-1);
  const goesOn = rest.length > size && end !== undefined;
  return { items, ...(goesOn && { nextToken: Buffer.from(`${mark}${key(end)}`).toString("base64url") }) };
}

const mark = "after ";

function lastOf(token: string): string {
  const text = Buffer.from(token, "base64url").toString("utf8");
  if (!text.startsWith(mark)) throw invalid("Invalid token: the given nextToken is not valid.");
  return text.slice(mark.length);
}

/** Numbers that texts are sorted by. */
export function padded(number: number): string {
  return String(number).padStart(16, "0");
}

export function newTaskId(): string {
  return randomBytes(16).toString("hex");
}

/** Nineteen digits, as ids of deployments and service revisions are. */
export function newNumber(): string {
  return String(randomInt(1, 10)) + Array.from({ length: 18 }, () => String(randomInt(10))).join("");
}

/** As ids of service deployments look. */
export function newShortId(): string {
  return randomBytes(16).toString("base64url").slice(0, 21);
}
