import { beforeEach, expect, test } from "vitest";
import { watchBoard } from "../../../../src/lib/actions/board/watch.ts";
import type { BoardEnvironment, BoardResult } from "../../../../src/lib/actions/board/result.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { aStatus, BoardWorld, denied, revisionOf } from "./boards.ts";

const names = ["staging", "prod"];
const hostsOnly = ["hosts of prod", "hosts of staging"];
const everything = [
  ...hostsOnly,
  "log of prod",
  "log of staging",
  "past of prod",
  "past of staging",
  "gates of aa to prod",
];

let world: BoardWorld;
let last: BoardResult | undefined;
/** By their lengths, those who sleep. */
let sleepers: { readonly ms: number; readonly wake: () => void }[];
beforeEach(() => {
  world = new BoardWorld();
  last = undefined;
  sleepers = [];
  world.sleep = (ms, signal) =>
    new Promise((resolve, reject) => {
      sleepers.push({ ms, wake: resolve });
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
});

function watch(watched = names): Promise<unknown> {
  const eyes = { present: () => Promise.resolve(), tell: (board: BoardResult) => (last = board) };
  return watchBoard(watched, eyes, world.ports()).catch((error: unknown) => error);
}
/** Whatever is ready to go on has gone on. */
const settled = () => new Promise(setImmediate);
/** The next look, so much later. */
async function later(ms: number): Promise<void> {
  world.takeAsked();
  world.now += ms;
  for (const { wake } of sleepers.splice(0)) wake();
  await settled();
}
const of = (name: string): BoardEnvironment => last!.environments.find(({ environment }) => environment === name)!;
async function end(ended: Promise<unknown>): Promise<void> {
  world.interrupt.abort(new ThreadsError("INTERRUPTED", { message: "interrupted by SIGINT" }));
  expect(await ended).toMatchObject({ code: "INTERRUPTED" });
}

test("asks hosts again and again, and what no host tells once a minute", async () => {
  const ended = watch();
  await settled();
  expect(world.takeAsked()).toEqual(expect.arrayContaining(everything));
  expect(last?.outcome).toBe("seen");
  // Two hosts, and of the first environment what it knew of them then.
  expect(sleepers.map(({ ms }) => ms)).toEqual([10_200, 10_400]);
  const { candidate } = of("prod");
  await later(59_999);
  expect(world.takeAsked()).toEqual(hostsOnly);
  expect(of("prod").candidate).toEqual(candidate);
  await later(1);
  expect(world.takeAsked()).toEqual(everything.toSorted());
  await end(ended);
});

test("asks the ledger at once where hosts tell something new of it, and the gates of what waits elsewhere for that", async () => {
  const ended = watch();
  await settled();
  const { release } = of("staging").hosts.value!;
  world.runs.set("staging", "cc");
  world.statuses.set("staging", { release: { ...release!, number: 8 } });
  await later(10_000);
  expect(world.takeAsked()).toEqual(
    [...hostsOnly, "log of staging", "past of staging", "gates of cc to prod"].toSorted(),
  );
  expect(of("prod").candidate?.value?.revision).toBe(revisionOf("cc"));
  await end(ended);
});

test("keeps what was read last, with its time, while it cannot be read, and asks again until it can", async () => {
  const ended = watch();
  await settled();
  const { value } = of("prod").hosts;
  world.refused.set("hosts of prod", denied("hosts"));
  world.refused.set("gates of aa to prod", denied("ECR"));
  await later(60_000);
  expect(of("prod").hosts).toMatchObject({
    value,
    readAt: "2026-11-28T12:00:00.000Z",
    unread: { code: "ACCESS_DENIED" },
  });
  expect(of("prod").candidate).toMatchObject({
    value: { state: "waits" },
    unread: { message: "AWS denies access to ECR" },
  });
  expect(last?.outcome).toBe("partly-seen");
  world.refused.clear();
  await later(10_000);
  expect(of("prod").hosts).toMatchObject({ readAt: "2026-11-28T12:01:10.000Z", unread: null });
  await later(50_000);
  expect(of("prod").candidate?.unread).toBeNull();
  await end(ended);
});

test.each(["log of prod", "gates of aa to prod"])(
  "%s, where it cannot be read, is asked once a minute all the same",
  async (what) => {
    world.refused.set(what, denied(what));
    const ended = watch();
    await settled();
    expect(world.takeAsked()).toContain(what);
    await later(10_000);
    await later(49_999);
    expect(world.takeAsked()).toEqual(hostsOnly);
    await later(1);
    expect(world.takeAsked()).toContain(what);
    await end(ended);
  },
);

test("shows each part as soon as it is read: none waits for one of which AWS is silent", async () => {
  const silent = Promise.withResolvers<ReturnType<typeof aStatus>>();
  const own = world.ports();
  const ports = { ...own, status: (name: string) => (name === "prod" ? silent.promise : own.status(name)) };
  const ended = watchBoard(names, { present: () => Promise.resolve(), tell: (board) => (last = board) }, ports).catch(
    (error: unknown) => error,
  );
  await settled();
  expect(of("prod")).toMatchObject({ hosts: { value: null, readAt: null, unread: null }, ledger: { unread: null } });
  expect(of("prod").candidate?.value?.state).toBe("waits");
  await later(10_000);
  expect(of("staging").hosts.readAt).toBe("2026-11-28T12:00:10.000Z");
  silent.resolve(aStatus("prod", "bb"));
  await settled();
  expect(of("prod").hosts.value?.outcome).toBe("as-deployed");
  await end(ended);
});

test("asks nothing twice at once", async () => {
  let under = 0;
  let most = 0;
  const waiting = Promise.withResolvers<void>();
  const own = world.ports();
  const ports = {
    ...own,
    past: async (name: string) => {
      under += name === "prod" ? 1 : 0;
      most = Math.max(most, under);
      await waiting.promise;
      under -= name === "prod" ? 1 : 0;
      return own.past(name);
    },
  };
  const ended = watchBoard(names, { present: () => Promise.resolve(), tell: (board) => (last = board) }, ports).catch(
    (error: unknown) => error,
  );
  await settled();
  for (let n = 0; n < 3; n += 1) await later(100_000);
  waiting.resolve();
  await settled();
  expect(most).toBe(1);
  // Once more for all that was wanted meanwhile.
  expect(world.asked.filter((what) => what === "past of prod")).toHaveLength(2);
  await end(ended);
});

test("where nothing can run tells that once, and ends by Ctrl-C all the same", async () => {
  const ended = watch([]);
  await settled();
  expect(last).toMatchObject({ outcome: "seen", environments: [] });
  await end(ended);
});

test("ends with a fault of threads itself, wherever it is", async () => {
  for (const what of ["hosts of prod", "past of staging", "gates of aa to prod"]) {
    world.refused.clear();
    world.refused.set(what, new TypeError(what));
    expect(await watch()).toMatchObject({ message: what });
  }
});
