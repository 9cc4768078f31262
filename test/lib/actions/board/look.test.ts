import { beforeEach, describe, expect, test } from "vitest";
import { lookAtBoard } from "../../../../src/lib/actions/board/look.ts";
import type { BoardEnvironment, BoardResult } from "../../../../src/lib/actions/board/result.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { aConfig } from "../../../fakes/config.ts";
import { BoardWorld, denied, digestOf, revisionOf } from "./boards.ts";

let world: BoardWorld;
beforeEach(() => {
  world = new BoardWorld();
});
const look = (wanted?: string): Promise<BoardResult> => lookAtBoard(wanted, world.ports());
const of = ({ environments }: BoardResult, name: string): BoardEnvironment => {
  const found = environments.find(({ environment }) => environment === name);
  if (found === undefined) throw new Error(`${name} is not shown`);
  return found;
};

describe("a look at the board", () => {
  test("shows where something can run, and what comes next from the environment before", async () => {
    const board = await look();
    expect(board).toMatchObject({ outcome: "seen", app: "threads", observedAt: "2026-11-28T12:00:00.000Z", next: [] });
    expect(board.environments.map(({ environment, url }) => [environment, url])).toEqual([
      ["staging", null],
      ["prod", "https://threads.example"],
    ]);
    const { candidate, ledger, hosts } = of(board, "prod");
    expect(of(board, "staging").candidate).toBeNull();
    expect(candidate).toMatchObject({
      from: "staging",
      unread: null,
      value: { state: "waits", revision: revisionOf("aa"), gates: { environment: "prod", revision: revisionOf("aa") } },
    });
    expect(ledger.value?.release).toMatchObject({ number: 7, bundle: digestOf("bb"), by: { user: "ada" } });
    expect(hosts.value?.hosts.map(({ name }) => name)).toEqual(["prod-1"]);
  });

  test("of an environment that runs the same, or where the one before runs nothing, no gate is asked", async () => {
    world.runs.set("prod", "aa");
    expect(of(await look(), "prod").candidate?.value).toEqual({
      state: "same",
      revision: revisionOf("aa"),
      gates: null,
    });
    world.runs.set("staging", undefined);
    expect(of(await look(), "prod").candidate?.value).toEqual({ state: "nothing", revision: null, gates: null });
    expect(world.asked.filter((what) => what.startsWith("gates"))).toEqual([]);
  });

  test("takes the environment that its gates name, before the one above it in threads.yml", async () => {
    const hosts = (name: string) => ({ hosts: { tag: `env=${name}` } });
    world.config = aConfig({
      environments: {
        qa: hosts("qa"),
        staging: hosts("staging"),
        prod: { ...hosts("prod"), gates: { verified: "qa" } },
      },
    });
    world.runs.set("qa", "cc");
    const board = await look();
    expect(of(board, "prod").candidate).toMatchObject({ from: "qa", value: { revision: revisionOf("cc") } });
    expect(of(board, "staging").candidate).toMatchObject({ from: "qa" });
  });

  test("of one environment asks nothing of the others but what comes from them", async () => {
    expect((await look("prod")).environments.map(({ environment }) => environment)).toEqual(["prod"]);
    expect(world.takeAsked()).toEqual([
      "gates of aa to prod",
      "hosts of prod",
      "log of prod",
      "log of staging",
      "past of prod",
    ]);
  });

  test("refuses what is no environment, or has nothing that could run, before anything is asked", async () => {
    await expect(look("prdo")).rejects.toMatchObject({
      code: "UNKNOWN_ENVIRONMENT",
      next: ["threads board -e prod", "threads board -e staging"],
    });
    await expect(look("dev")).rejects.toMatchObject({ code: "ENVIRONMENT_WITHOUT_HOSTS" });
    expect(world.asked).toEqual([]);
  });
});

describe("what cannot be read", () => {
  test("says why and hides nothing else: whoever may ask no host sees the ledger's word", async () => {
    for (const name of ["staging", "prod"]) world.refused.set(`hosts of ${name}`, denied(`hosts of ${name}`));
    const board = await look();
    const { hosts, ledger, candidate } = of(board, "prod");
    expect(board).toMatchObject({ outcome: "partly-seen", advice: ["ask who may"] });
    expect(hosts).toEqual({
      value: null,
      readAt: null,
      unread: {
        code: "ACCESS_DENIED",
        message: "AWS denies access to hosts of prod",
        next: [],
        advice: ["ask who may"],
      },
    });
    expect(ledger.value?.release?.revision).toBe(revisionOf("bb"));
    expect(candidate?.value?.gates?.outcome).toBe("shut");
  });

  test("of one environment leaves the others as they are", async () => {
    world.refused.set("log of prod", denied("the ledger"));
    const board = await look();
    expect(of(board, "staging")).toMatchObject({ ledger: { unread: null }, hosts: { unread: null } });
    expect(of(board, "prod")).toMatchObject({ ledger: { value: null, unread: { code: "ACCESS_DENIED" } } });
    // Nobody knows what runs there, so nobody can say that something waits.
    expect(of(board, "prod").candidate).toMatchObject({ value: null, unread: { code: "ACCESS_DENIED" } });
    expect(world.asked.filter((what) => what.startsWith("gates"))).toEqual([]);
  });

  test("is all there is where nothing answers", async () => {
    for (const name of ["staging", "prod"])
      for (const what of ["hosts", "log"]) world.refused.set(`${what} of ${name}`, denied(what));
    expect(await look()).toMatchObject({ outcome: "unseen" });
  });

  test("is no excuse for a fault of threads itself, nor for Ctrl-C", async () => {
    world.refused.set("hosts of prod", new TypeError("x is undefined"));
    await expect(look()).rejects.toThrow(TypeError);
    world.refused.set("hosts of prod", new ThreadsError("INTERRUPTED", { message: "interrupted by SIGINT" }));
    world.interrupt.abort();
    await expect(look()).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});
