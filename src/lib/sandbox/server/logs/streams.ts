import { createHash } from "node:crypto";
import { join } from "node:path";
import { type JsonStore, openJsonStore, openJsonStores } from "../json-store.ts";
import { ServiceError } from "../protocol.ts";

/** Times are milliseconds since the epoch. */
export interface LogEvent {
  readonly timestamp: number;
  readonly ingestedAt: number;
  readonly message: string;
}

export interface LogStream {
  readonly group: string;
  readonly name: string;
  readonly createdAt: number;
  /** By their times. */
  readonly events: LogEvent[];
}

interface Groups {
  /** When each was created, by name. */
  readonly groups: Record<string, number>;
}

/** Log groups and their streams, each stream in a file of its own, so that an event writes one stream and not all of them. */
export interface LogStore {
  /** By name. @throws ServiceError ResourceNotFoundException */
  streams(group: string): readonly LogStream[];
  groups(): readonly { readonly name: string; readonly createdAt: number }[];
  /** @throws ServiceError ResourceAlreadyExistsException */
  createGroup(name: string): Promise<void>;
  /** @throws ServiceError ResourceAlreadyExistsException, ResourceNotFoundException */
  createStream(group: string, name: string): Promise<void>;
  /** @throws ServiceError ResourceNotFoundException */
  append(group: string, name: string, events: readonly LogEvent[]): Promise<void>;
}

/** As long as the commands that have said it. */
const keptMs = 30 * 24 * 3_600_000;

function keyOf(group: string, name: string): string {
  return `${group}:${name}`;
}

/** What an earlier server has left, by group and name. */
async function readStreams(folder: string, now: number): Promise<Map<string, JsonStore<LogStream>>> {
  const left = await openJsonStores<LogStream>(folder, ({ createdAt }) => now - createdAt > keptMs);
  return new Map(left.map((store) => [keyOf(store.state.group, store.state.name), store]));
}

/** @param directory created when missing */
export async function openLogStore(directory: string, now: () => number): Promise<LogStore> {
  const folder = join(directory, "streams");
  const stores = await readStreams(folder, now());
  const index = await openJsonStore<Groups>(join(directory, "groups.json"), () => ({ groups: {} }));
  const requireGroup = (group: string): void => {
    if (!Object.hasOwn(index.state.groups, group)) throw missing("group");
  };
  return {
    streams: (group) => {
      requireGroup(group);
      const all = [...stores.values()].map(({ state }) => state).filter((stream) => stream.group === group);
      return all.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    },
    groups: () =>
      Object.entries(index.state.groups)
        .map(([name, createdAt]) => ({ name, createdAt }))
        .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    createGroup: (name) =>
      index.update(({ groups }) => {
        if (Object.hasOwn(groups, name)) throw there("group");
        groups[name] = now();
      }),
    createStream: async (group, name) => {
      requireGroup(group);
      const key = keyOf(group, name);
      if (stores.has(key)) throw there("stream");
      const file = join(folder, `${createHash("sha256").update(key).digest("hex")}.json`);
      const store = await openJsonStore<LogStream>(file, () => ({ group, name, createdAt: now(), events: [] }));
      if (stores.has(key)) throw there("stream");
      stores.set(key, store);
      await store.update(() => undefined);
    },
    append: async (group, name, events) => {
      requireGroup(group);
      const store = stores.get(keyOf(group, name));
      if (store === undefined) throw missing("stream");
      await store.update((stream) => {
        stream.events.push(...events);
        stream.events.sort((one, other) => one.timestamp - other.timestamp);
      });
    },
  };
}

function missing(what: "group" | "stream"): ServiceError {
  return new ServiceError("ResourceNotFoundException", `The specified log ${what} does not exist.`);
}

function there(what: "group" | "stream"): ServiceError {
  return new ServiceError("ResourceAlreadyExistsException", `The specified log ${what} already exists`);
}
