import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Processes, RunOptions } from "../../../src/lib/process/processes.ts";
import { hostSteps } from "../../../src/lib/sandbox/host-steps.ts";
import { watchLocks } from "../../../src/lib/sandbox/lock-watch.ts";
import { beginRehearsal, endRehearsal, rehearsalsIn } from "../../../src/lib/sandbox/rehearsals.ts";
import { stateFolder } from "../../../src/lib/sandbox/state.ts";
import { stateOf, temporaryRoot } from "./world.ts";

test("each has a folder of its own, of which git knows nothing, until it is over", () => {
  const checkout = temporaryRoot(onTestFinished);
  expect(rehearsalsIn(checkout)).toEqual([]);
  const [one, two] = [beginRehearsal(checkout, "here:1"), beginRehearsal(checkout, "here:2")];
  const byId = (a: { id: string }, b: { id: string }): number => a.id.localeCompare(b.id);
  expect(rehearsalsIn(checkout).toSorted(byId)).toEqual([one, two].toSorted(byId));
  expect(one.root).toBe(join(checkout, ".threads", "rehearsals", one.id));
  expect(readFileSync(join(checkout, ".threads", ".gitignore"), "utf8")).toBe("*\n");
  endRehearsal(checkout, one);
  expect(rehearsalsIn(checkout)).toEqual([two]);
  endRehearsal(checkout, two);
  expect(existsSync(join(checkout, ".threads"))).toBe(false);
});

test("the sandbox that people use stays when one ends", () => {
  const checkout = temporaryRoot(onTestFinished);
  mkdirSync(stateFolder(checkout), { recursive: true });
  writeFileSync(join(stateFolder(checkout), "sandbox.json"), "{}");
  endRehearsal(checkout, beginRehearsal(checkout, "here:1"));
  expect(existsSync(join(stateFolder(checkout), "sandbox.json"))).toBe(true);
});

/** What docker was told, and what it answers to which words. */
function answering(answer: (script: string, options: RunOptions) => string): Processes {
  return {
    run: (command, options = {}) =>
      Promise.resolve({ exitCode: 0, stdout: answer(command.args.at(-1) ?? "", options), stderr: "" }),
  };
}

test("steps are read from the logs of all hosts, in order; where a host has none, its turn never came", async () => {
  const state = stateOf();
  const [host] = state.hosts;
  if (host === undefined) throw new Error("there is no host");
  const logs: Record<string, string> = {
    "prod-1": "2026-11-28T08:00:03Z == migrate\nCREATE TABLE == no step\n2026-11-28T08:00:09Z == switch\n",
    "prod-2": "2026-11-28T08:00:05Z == pull\n2026-11-28T08:00:07Z -- going back to 0123\n",
    "prod-3": "",
  };
  const seen: string[] = [];
  const processes: Processes = {
    run: ({ args }) => {
      const container = args.find((word) => word.startsWith("threads-")) ?? "";
      seen.push(args.at(-1) ?? "");
      return Promise.resolve({
        exitCode: 0,
        stdout: logs[container.slice("threads-0a1b2c3d-".length)] ?? "",
        stderr: "",
      });
    },
  };
  const hosts = ["prod-1", "prod-2", "prod-3"].map((name) => ({ ...host, name }));
  const steps = await hostSteps(7, { ...state, hosts }, { processes });
  const at = (second: number): number => Date.parse(`2026-11-28T08:00:0${second}Z`);
  expect(steps).toEqual([
    { host: "prod-1", step: "migrate", at: at(3) },
    { host: "prod-2", step: "pull", at: at(5) },
    { host: "prod-2", step: "back", at: at(7) },
    { host: "prod-1", step: "switch", at: at(9) },
  ]);
  expect(new Set(seen)).toEqual(new Set(["cat /var/lib/threads/log/7.log"]));
});

test("a lock lasts from when it is first seen to when it is last", async () => {
  const row = (table: string, session: string, at: number, waiting = 0): string =>
    JSON.stringify({ table, mode: "AccessExclusiveLock", session, at, waiting });
  const lines = [
    row("posts", "7 12:00", 1_000),
    row("posts", "7 12:00", 1_200, 3),
    "NOTICE:  nothing of ours",
    row("users", "7 12:00", 1_200),
    row("posts", "7 12:00", 1_400, 1),
    // Another transaction of the same session.
    row("posts", "7 12:01", 9_000),
  ];
  const processes = answering((script, { onLine }) => {
    if (script.includes("psql")) for (const line of lines) onLine?.(line, "stdout");
    return "";
  });
  const watch = watchLocks({ app: "threads", environment: "prod", state: stateOf() }, { processes });
  const mode = "AccessExclusiveLock";
  expect(await watch.stop()).toEqual([
    { table: "posts", mode, fromMs: 1_000, toMs: 1_400, waiting: 3 },
    { table: "users", mode, fromMs: 1_200, toMs: 1_200, waiting: 0 },
    { table: "posts", mode, fromMs: 9_000, toMs: 9_000, waiting: 0 },
  ]);
});

test("where the database cannot be asked, that is not to have seen none", async () => {
  const processes: Processes = {
    run: ({ args }) => {
      const asks = (args.at(-1) ?? "").includes("psql");
      return Promise.resolve({ exitCode: asks ? 2 : 0, stdout: "", stderr: "psql: no such database\n" });
    },
  };
  const watch = watchLocks({ app: "threads", environment: "prod", state: stateOf() }, { processes });
  await expect(watch.stop()).rejects.toThrow("the locks could not be looked at: psql: no such database");
});
