import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import type { LogsOptions } from "../../../../src/lib/actions/logs/options.ts";
import { plainLogs } from "../../../fakes/logs-options.ts";
import type { LogLine } from "../../../../src/lib/fleet/log-line.ts";
import type { LogsResult } from "../../../../src/lib/actions/logs/result.ts";
import { logs } from "../../../../src/lib/actions/logs/run.ts";
import { openMemberLogs } from "../../../../src/lib/wire/member-logs.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
let shown: string[] = [];
let closed = new AbortController();
beforeEach(async () => {
  fleet = await Fleet.open(2);
  fleet.publish("one");
  const options = { environment: "prod", release: sha("one"), dryRun: false, force: false, supersede: undefined };
  await deploy(options, fleet.freshPorts());
  shown = [];
  closed = new AbortController();
  onLook = () => undefined;
});
afterEach(() => fleet.close());

const notes: string[] = [];
/** What was missing after each look. */
const missed: (readonly string[])[] = [];
let onLook: (look: number) => void;
const begin = (change: Partial<LogsOptions> = {}): Promise<LogsResult> => {
  notes.length = 0;
  missed.length = 0;
  const show = (lines: readonly LogLine[]): void => void shown.push(...lines.map(({ text }) => text));
  const progress = { ...fleet.progress, note: (text: string) => void notes.push(text) };
  const logGroup = () => Promise.reject(new Error("no log group is named"));
  const fleetPorts = fleet.ports({ progress });
  const logsOf = openMemberLogs({ ...fleetPorts, logGroup });
  const missing = (all: readonly string[]): void => onLook(missed.push(all));
  const ports = { ...fleetPorts, logsOf, show, missing, closed: closed.signal };
  return logs({ ...plainLogs, follow: true, ...change }, ports);
};
const first = (): Fleet["hosts"][number] => fleet.hosts[0]!;
const last = (): Fleet["hosts"][number] => fleet.hosts[1]!;
const at = (minute: number, second = 0): string =>
  `2026-11-22T10:${String(minute).padStart(2, "0")}:${String(second).padStart(2, "0")}.000000001Z`;
const says = (
  host: Fleet["hosts"][number],
  service: string,
  ...lines: readonly (readonly [string, string])[]
): void => {
  host.logs.said.set(service, [...(host.logs.said.get(service) ?? []), ...lines]);
};

/** Something else for each time that a host is asked; after the last of them somebody presses Ctrl-C. */
function asked(host: Fleet["hosts"][number], ...times: readonly (() => void)[]): void {
  const left = [...times];
  host.onLogs = () => {
    const next = left.shift();
    if (next === undefined) fleet.press();
    next?.();
  };
}
/** Both hosts can be read up to there. */
const until = (time: string): void => {
  for (const { logs: own } of fleet.hosts) own.until = time;
};

test("what was said, and what is said from then on, each line once and in order, until Ctrl-C", async () => {
  until(at(1));
  says(first(), "web", [at(0, 1), "one"]);
  asked(
    last(),
    () => undefined,
    () => {
      until(at(2));
      says(first(), "web", [at(1, 30), "three"]);
      says(last(), "nginx", [at(1, 20), "two"], [at(1, 40), "four"]);
    },
    () => undefined,
    () => until(at(3)),
  );
  expect(await begin()).toMatchObject({ outcome: "followed", lines: null, next: [], advice: [] });
  expect(shown).toEqual(["one", "two", "three", "four"]);
});

test("a burst that no answer has room for comes with the next looks", async () => {
  until(at(1));
  first().logs.room = 3;
  const lines = Array.from({ length: 20 }, (_, n) => [at(1, n + 1), String(n)] as const);
  asked(
    last(),
    () => undefined,
    () => {
      until(at(2));
      says(first(), "web", ...lines);
    },
    ...Array.from({ length: 8 }, () => () => undefined),
  );
  await begin();
  expect(shown).toEqual(lines.map(([, text]) => text));
});

test("what a burst has left unread at the end is counted", async () => {
  until(at(1));
  first().logs.room = 3;
  asked(
    last(),
    () => undefined,
    () => {
      until(at(2));
      says(first(), "web", ...Array.from({ length: 20 }, (_, n) => [at(1, n + 1), String(n)] as const));
    },
    () => undefined,
  );
  const { outcome, advice } = await begin();
  expect([outcome, advice]).toEqual(["followed", [expect.stringMatching(/^… 17 lines more on i-0+1: /)]]);
});

test("a container that comes later is shown from the beginning of the look on", async () => {
  until(at(5));
  says(first(), "worker", [at(4), "before"], [at(6), "its first word"]);
  asked(
    last(),
    () => undefined,
    () => {
      until(at(7));
      first().containers.push({ service: "worker", digest: "", state: "running", health: "none" });
    },
    () => undefined,
  );
  await begin();
  expect(shown).toEqual(["its first word"]);
});

test("a host that falls silent is told once and holds nobody up; when it is back, nothing of it is missing", async () => {
  until(at(1));
  let answers = true;
  let looks = 0;
  first().onLogs = () => (answers ? undefined : new Promise(() => undefined));
  last().onLogs = () => {
    looks += 1;
    answers = looks < 2 || looks > 4;
    until(at(looks));
    says(first(), "web", [at(looks, 30), `a${looks}`]);
    says(last(), "web", [at(looks, 31), `b${looks}`]);
    if (looks > 16) fleet.press();
  };
  expect(await begin()).toMatchObject({ hosts: [{ verdict: "read" }, { verdict: "read" }], next: [] });
  expect(fleet.warnings).toEqual([
    `${first().id} is not heard: no answer (SSM: inprogress: the host has not ended it, or has gone away meanwhile)`,
  ]);
  expect(notes).toEqual([`${first().id} is heard again`]);
  // For whoever shows it in one place: as long as it is so, and no longer.
  expect(missed.filter((all) => all.length > 0).length).toBeGreaterThan(1);
  expect(new Set(missed.flat())).toEqual(new Set(fleet.warnings));
  expect(missed.at(-1)).toEqual([]);
  for (const letter of ["a", "b"]) {
    const own = shown.filter((text) => text.startsWith(letter));
    expect(own).toEqual(Array.from({ length: own.length }, (_, n) => `${letter}${n + 1}`));
    expect(own.length).toBeGreaterThan(10);
  }
});

test("hosts that are all off line for a while end nothing: what they have said meanwhile comes when they are back", async () => {
  until(at(1));
  asked(
    last(),
    () => undefined,
    () => {
      for (const host of fleet.hosts) host.online = false;
    },
    () => until(at(3)),
    ...Array.from({ length: 3 }, () => () => undefined),
  );
  onLook = () => {
    if (!fleet.warnings.some((text) => text.startsWith("nobody says")) || first().online) return;
    says(first(), "web", [at(2), "meanwhile"]);
    for (const host of fleet.hosts) host.online = true;
  };
  expect(await begin()).toMatchObject({ outcome: "followed" });
  expect(shown).toEqual(["meanwhile"]);
  expect(notes.at(-1)).toMatch(/is heard again|it is known again/);
});

test("the looks become rarer while nothing is said, and stay below what SSM takes", async () => {
  until(at(1));
  asked(last(), ...Array.from({ length: 12 }, () => () => undefined));
  const began = fleet.clock.now();
  await begin();
  expect((fleet.clock.now() - began) / 12).toBeGreaterThan(3_500);
});

test("whoever has seen enough ends it: that is no failure, and no interruption", async () => {
  until(at(1));
  asked(
    last(),
    () => undefined,
    () => closed.abort(new Error("stdout was closed")),
  );
  expect(await begin()).toMatchObject({ outcome: "read" });
});

test("what AWS refuses ends it", async () => {
  asked(last(), () =>
    fleet.ssm.fail("SendCommand", {
      type: "AccessDeniedException",
      message: "not authorized to perform: ssm:SendCommand",
    }),
  );
  await expect(begin()).rejects.toMatchObject({ code: "ACCESS_DENIED" });
});

test("Ctrl-C without --follow is an interruption", async () => {
  asked(last());
  await expect(begin({ follow: false })).rejects.toMatchObject({ code: "INTERRUPTED" });
});

describe("the log of a deployment", () => {
  test("comes whole, in pieces, host after host", async () => {
    first().logs.room = 2;
    first().logs.deployments.set(7, ["a1", "a2", "a3", "a4", "a5"]);
    last().logs.deployments.set(7, ["b1"]);
    expect(await begin({ follow: false, deployment: 7 })).toMatchObject({
      outcome: "read",
      deployment: 7,
      hosts: [{ verdict: "read" }, { verdict: "read" }],
    });
    expect(shown).toEqual(["a1", "a2", "a3", "a4", "a5", "b1"]);
  });

  test("is followed until no host is at work on it any more", async () => {
    first().logs.deployments.set(7, ["a1"]);
    first().logs.working = 7;
    let looks = 0;
    first().onLogs = () => {
      looks += 1;
      if (looks === 3) first().logs.deployments.set(7, ["a1", "a2", "a3"]);
      if (looks === 4) first().logs.working = undefined;
    };
    expect(await begin({ deployment: 7 })).toMatchObject({ outcome: "read" });
    expect([shown, looks]).toEqual([["a1", "a2", "a3"], 4]);
  });

  test("of one at work is what there is by now, where it is not followed", async () => {
    first().logs.deployments.set(7, ["a1"]);
    first().logs.working = 7;
    await begin({ follow: false, deployment: 7 });
    expect(shown).toEqual(["a1"]);
  });

  test("that no host has is refused; one that a host has is shown although another is silent", async () => {
    await expect(begin({ deployment: 7 })).rejects.toMatchObject({
      code: "NO_LOG",
      exitCode: 3,
      // There may never have been one.
      next: ["threads history -e prod"],
    });
    first().logs.deployments.set(7, ["a1"]);
    last().onLogs = () => new Promise(() => undefined);
    expect(await begin({ deployment: 7 })).toMatchObject({
      outcome: "partly-read",
      hosts: [{ verdict: "read" }, { verdict: "unread" }],
    });
    first().logs.end = "hidden";
    await expect(begin({ deployment: 7 })).rejects.toMatchObject({ code: "HOST_NOT_READY" });
  });
});
