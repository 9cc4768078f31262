import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import type { Stack } from "../../../src/lib/compose/commands.ts";
import type { Compose } from "../../../src/lib/compose/docker-compose.ts";
import { findLeftovers } from "../../../src/lib/compose/leftovers.ts";
import { parseModel } from "../../../src/lib/compose/stack-model.ts";
import { candidatesOf, throwAway, type ThrowAwayPorts } from "../../../src/lib/compose/throw-away.ts";
import { dockerRun } from "../../../src/lib/docker/run.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { ownerIsAlive, thisOwner } from "../../../src/lib/process/owner.ts";
import { silentProgress } from "../../../src/lib/progress/progress.ts";
import { scriptedDocker } from "../docker/scripted-docker.ts";

const project = `unit-smoke-${process.pid}`;
const web = `app-web:candidate-${project}`;
const options = {
  kind: "smoke" as const,
  project,
  app: "app",
  composeFiles: ["/r/smoke.yml", "/r/more.yml"],
  named: ["web"],
  environment: new Map([["SECRET", "s3cret-value"]]),
  variables: { WEB_IMAGE: web, HTTP_PORT: "0" },
  secrets: ["s3cret-value"],
  images: () => ({ web }),
  sources: { revision: "r", tree: "t" },
};
const cleanUp = `docker compose -p ${project} down -v --remove-orphans -t 2`;

interface Given {
  readonly down?: () => Promise<string[]>;
  readonly remove?: () => Promise<never>;
  readonly engine?: () => Promise<never>;
  readonly stacks?: Awaited<ReturnType<Compose["stacks"]>>;
  /** Names of all that docker has, or that it does not tell. */
  readonly images?: readonly string[] | Error;
}

/** An engine of which only what a throw-away stack needs is there; what it is asked for is kept. */
function world(given: Given = {}) {
  const asked: string[] = [];
  const warnings: string[] = [];
  const notes: string[] = [];
  const cancelNow = new AbortController();
  const compose = {
    engine: given.engine ?? (() => Promise.resolve({ engine: "26", compose: "2.26" })),
    stacks: () => Promise.resolve(given.stacks ?? []),
    model: () => Promise.resolve(parseModel(JSON.stringify({ services: { web: { build: "." } } }))),
    openModel: () => Promise.resolve({ services: {} }),
    down: (_stack: Stack, { check }: { check: boolean }) => {
      asked.push(`down check=${check}`);
      return given.down?.() ?? Promise.resolve([]);
    },
    untag: (tags: readonly string[]) => {
      asked.push(`untag ${tags.join(" ")}`);
      return Promise.resolve();
    },
    remove: (name: string) => {
      asked.push(`remove ${name}`);
      return given.remove?.() ?? Promise.resolve();
    },
  } as unknown as Compose;
  const progress = {
    ...silentProgress,
    warn: (text: string) => void warnings.push(text),
    note: (text: string) => void notes.push(text),
  };
  const processes = scriptedDocker(() => {
    if (given.images instanceof Error) throw given.images;
    return (given.images ?? []).join("\n");
  });
  const signal = new AbortController().signal;
  const temporary = { root: tmpdir(), uid: userInfo().uid };
  const find = { docker: dockerRun({ processes }), compose, temporary, alive: ownerIsAlive, now: Date.now(), signal };
  const ports: ThrowAwayPorts = {
    compose,
    leftovers: (listed) => findLeftovers(find, listed),
    ignored: () => Promise.resolve([]),
    progress,
    clock: systemClock,
    signal,
    cancelNow: cancelNow.signal,
  };
  return { ports, asked, warnings, notes, cancelNow };
}

const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(project));

describe("a stack that is lent", () => {
  it("has its secrets in private files, our override after its own files, and is gone afterwards", async () => {
    const { ports, asked } = world();
    let seen: Stack | undefined;
    const done = await throwAway(options, ports, ({ stack }) => {
      seen = stack;
      const [app = "", own = ""] = stack.envFiles;
      expect(readFileSync(app, "utf8")).toBe("SECRET='s3cret-value'\n");
      expect(readFileSync(own, "utf8")).toBe(`WEB_IMAGE='${web}'\nHTTP_PORT='0'\nENV_FILE='${app}'\n`);
      expect(stack.keys).toEqual(["SECRET", "WEB_IMAGE", "HTTP_PORT", "ENV_FILE"]);
      const override = stack.files[2] ?? "";
      expect(stack.files).toEqual(["/r/smoke.yml", "/r/more.yml", override]);
      expect([app, own, override].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
      expect(statSync(dirname(app)).mode & 0o777).toBe(0o700);
      expect(readFileSync(override, "utf8")).toContain('threads.smoke: "1"');
      return Promise.resolve("value");
    });
    expect(done).toMatchObject({ value: "value", leftovers: [] });
    expect(asked).toEqual(["down check=false", `untag ${web}`]);
    expect(existsSync(seen?.envFiles[0] ?? "")).toBe(false);
    expect(folders()).toEqual([]);
  });

  it("is looked after when the work has failed, and a secret in the failure is not shown", async () => {
    const { ports, asked } = world();
    const failure = new ThreadsError("CHECKS_FAILED", {
      message: "it said s3cret-value",
      details: ["log s3cret-value"],
    });
    await expect(throwAway(options, ports, () => Promise.reject(failure))).rejects.toMatchObject({
      code: "CHECKS_FAILED",
      outcome: "checks",
      message: "it said [redacted]",
      details: ["log [redacted]"],
    });
    expect(asked).toEqual(["down check=true", `untag ${web}`]);
    expect(folders()).toEqual([]);
  });
});

it("runs what is named behind a profile, and takes it down with it", async () => {
  const { ports } = world();
  const services = { web: { build: "." }, sut: { build: ".", profiles: ["test"] } };
  const compose = {
    ...ports.compose,
    openModel: () => Promise.resolve({ services }),
    model: ({ envFiles }: Stack) =>
      Promise.resolve(parseModel(JSON.stringify({ services: envFiles.length > 2 ? services : { web: services.web } }))),
  };
  await throwAway({ ...options, named: ["sut"] }, { ...ports, compose }, ({ stack, model }) => {
    expect(model.services.map(({ name }) => name)).toEqual(["web", "sut"]);
    expect(readFileSync(stack.envFiles[2] ?? "", "utf8")).toBe("COMPOSE_PROFILES='test'\n");
    return Promise.resolve(1);
  });
});

it("what the files build besides gets a name for the time being, and goes with the stack", async () => {
  const { ports, asked } = world();
  const compose = { ...ports.compose, model: () => Promise.resolve(helped) };
  const services = { web: { build: "." }, job: { build: "." }, helper: { build: "h" }, db: { image: "postgres:17" } };
  const helped = parseModel(JSON.stringify({ services }));
  await throwAway(options, { ...ports, compose }, ({ images, stack, model }) => {
    const helper = `app-helper:candidate-${project}`;
    // One that is built alike runs the same image, and it is built once.
    expect(images).toEqual({ web, job: web, helper });
    expect(candidatesOf(model, images).map(({ name }) => name)).toEqual(["web", "helper"]);
    expect(readFileSync(stack.files[2] ?? "", "utf8")).toContain(`image: ${helper}`);
    return Promise.resolve(1);
  });
  expect(asked).toEqual(["down check=false", `untag ${web} app-helper:candidate-${project}`]);
});

describe("what its containers have said", () => {
  function kept() {
    const { ports, warnings } = world();
    const logs: string[][] = [];
    const compose = {
      ...ports.compose,
      containers: () => Promise.resolve([{ name: `${project}-web-1` }, { name: "db" }]),
      logs: ({ name }: { name: string }) => Promise.resolve([name, "it is s3cret-value"]),
      allLogs: () => Promise.resolve(new Map([["web-1", ["all", "it is s3cret-value"]]])),
    } as unknown as Compose;
    const progress = {
      ...ports.progress,
      keep: (name: string, lines: readonly string[]) => void logs.push([name, ...lines]),
    };
    return { ports: { ...ports, compose, progress }, logs, warnings };
  }
  const all = [
    ["web-1", `${project}-web-1`, "it is [redacted]"],
    ["db", "db", "it is [redacted]"],
  ];

  it("goes on record before they go, without secrets, whether the work was done or not", async () => {
    const done = kept();
    await throwAway({ ...options, kind: "test" }, done.ports, () => Promise.resolve(1));
    expect(done.logs).toEqual(all);
    const smoked = kept();
    await throwAway(options, smoked.ports, () => Promise.resolve(1));
    expect(smoked.logs).toEqual([["web-1", "all", "it is [redacted]"]]);
    const failed = kept();
    await expect(
      throwAway({ ...options, kind: "test" }, failed.ports, () => Promise.reject(new Error("no"))),
    ).rejects.toThrow("no");
    expect(failed.logs).toEqual(all);
  });

  it("is not waited for by whoever interrupts it, and fails nothing where it cannot be read", async () => {
    const stop = new AbortController();
    const { ports, logs } = kept();
    const interrupted = throwAway(options, { ...ports, signal: stop.signal }, () => {
      stop.abort(new Error("interrupted"));
      return Promise.reject(new Error("interrupted"));
    });
    await expect(interrupted).rejects.toThrow("interrupted");
    expect(logs).toEqual([]);
    const broken = kept();
    const compose = { ...broken.ports.compose, allLogs: () => Promise.reject(new Error("gone")) };
    expect(await throwAway(options, { ...broken.ports, compose }, () => Promise.resolve(1))).toMatchObject({
      value: 1,
    });
    expect(broken.warnings).toEqual([]);
  });
});

describe("a stack that cannot be taken down", () => {
  it("keeps the work's failure, names what is left and the command that removes it first", async () => {
    const { ports } = world({ down: () => Promise.resolve(["network 1f2e"]) });
    const failure = new ThreadsError("CHECKS_FAILED", { message: "wrong", next: ["threads smoke"] });
    await expect(throwAway(options, ports, () => Promise.reject(failure))).rejects.toMatchObject({
      code: "CHECKS_FAILED",
      message: "wrong",
      details: ["still there: network 1f2e"],
      next: [cleanUp, `docker image rm ${web}`, "threads smoke"],
    });
  });

  it("keeps the work's success, with a warning", async () => {
    const { ports, warnings } = world({ down: () => Promise.reject(new Error("boom")) });
    const done = await throwAway(options, ports, () => Promise.resolve(1));
    expect(done).toMatchObject({ value: 1, leftovers: [`project ${project}`] });
    expect(warnings.join()).toContain(cleanUp);
  });

  it("because of a second Ctrl-C: ends at once with the command", async () => {
    const { ports, cancelNow } = world({
      down: () =>
        new Promise((_resolve, reject) => {
          cancelNow.signal.addEventListener("abort", () => reject(new Error("cancelNow")));
          cancelNow.abort();
        }),
    });
    const interrupted = new ThreadsError("INTERRUPTED", { message: "interrupted by SIGINT" });
    const error = await throwAway(options, ports, () => Promise.reject(interrupted)).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "INTERRUPTED", exitCode: 130 });
    expect((error as ThreadsError).next[0]).toBe(cleanUp);
    expect(folders()).toEqual([]);
  });
});

describe("a stack that is never lent", () => {
  it("because there is no engine: nothing to take down", async () => {
    const down = new ThreadsError("DOCKER_DOWN", { message: "the Docker daemon does not answer" });
    const { ports, asked } = world({ engine: () => Promise.reject(down) });
    await expect(throwAway(options, ports, () => Promise.resolve(1))).rejects.toBe(down);
    expect(asked).toEqual([]);
    expect(folders()).toEqual([]);
  });

  it("because a project of that name is there: not touched", async () => {
    const { ports, asked } = world({
      stacks: [{ project, owner: "", started: Number.NaN, kind: undefined, kept: false }],
    });
    await expect(throwAway(options, ports, () => Promise.resolve(1))).rejects.toMatchObject({ code: "PROJECT_EXISTS" });
    expect(asked).toEqual([]);
  });
});

describe("a stack that is kept", () => {
  const keep = { ...options, keep: true };
  const there = { containers: () => Promise.resolve([{}]) };
  const look = [`docker compose -p ${project} ps -a`, `docker compose -p ${project} logs`];

  it("stays after work that was done, and its secrets' files do not", async () => {
    const { ports, asked } = world();
    const compose = { ...ports.compose, ...there } as unknown as Compose;
    expect(await throwAway(keep, { ...ports, compose }, () => Promise.resolve(1))).toMatchObject({
      value: 1,
      kept: true,
    });
    expect([asked, folders()]).toEqual([[], []]);
  });

  it("stays after a failure, which says how to look at it and how to remove it", async () => {
    const { ports, asked } = world();
    const compose = { ...ports.compose, ...there } as unknown as Compose;
    const fail = () => Promise.reject(new ThreadsError("CHECKS_FAILED", { message: "bad", next: ["threads smoke"] }));
    await expect(throwAway(keep, { ...ports, compose }, fail)).rejects.toMatchObject({
      details: [`the stack is kept: ${project}`],
      next: [...look, `threads smoke down ${project}`, "threads smoke"],
    });
    expect(asked).toEqual([]);
  });

  it("goes where it has no container yet, or somebody interrupts it", async () => {
    const none = world();
    const empty = { ...none.ports.compose, containers: () => Promise.resolve([]) } as unknown as Compose;
    await throwAway(keep, { ...none.ports, compose: empty }, () => Promise.resolve(1));
    expect(none.asked).toContain("down check=false");
    const stop = new AbortController();
    const { ports, asked } = world();
    const compose = { ...ports.compose, ...there } as unknown as Compose;
    const interrupted = throwAway(keep, { ...ports, compose, signal: stop.signal }, () => {
      stop.abort(new Error("interrupted"));
      return Promise.reject(new Error("interrupted"));
    });
    await expect(interrupted).rejects.toThrow("interrupted");
    expect(asked).toContain("down check=true");
  });
});

describe("what a killed run has left", () => {
  const stale = `unit${process.pid}-smoke-0000dead`;
  const stacks = [
    {
      project: stale,
      // Of this place, where numbers end at 2^22.
      owner: thisOwner().replace(/\d+$/, "4194999"),
      started: Date.UTC(2026, 10, 25, 9, 30) / 1000,
      kind: "smoke" as const,
      kept: false,
    },
  ];
  const removal = `docker compose -p ${stale} down -v --remove-orphans -t 2`;

  it("is removed with the folder of its secrets and nothing that is only called alike, and is named with its time", async () => {
    const [own, alike] = [`${stale}-Ab3xYz`, `${stale}-backups`].map((name) => join(tmpdir(), name));
    for (const folder of [own, alike]) mkdirSync(folder ?? "");
    writeFileSync(join(own ?? "", "owner"), stacks[0]?.owner ?? "");
    const image = `unit${process.pid}-web:candidate-${stale}`;
    const { ports, asked, notes } = world({ stacks, images: [image, "app-web:latest"] });
    await throwAway(options, ports, () => Promise.resolve(1));
    expect([existsSync(own ?? ""), existsSync(alike ?? "")]).toEqual([false, true]);
    rmSync(alike ?? "", { recursive: true });
    expect(asked).toEqual([`remove ${stale}`, `untag ${image}`, "down check=false", `untag ${web}`]);
    expect(notes).toEqual([`Removing ${stale}, left by a run of 2026-11-25 09:30 UTC that was killed`]);
  });

  it("is left with the command that removes it, where that fails, and the run goes on", async () => {
    const busy = new ThreadsError("COMPOSE_FAILED", { message: "busy", next: [] });
    const { ports, warnings } = world({ stacks, remove: () => Promise.reject(busy) });
    expect(await throwAway(options, ports, () => Promise.resolve(1))).toMatchObject({ value: 1 });
    expect(warnings).toEqual([`${stale} could not be removed (busy): ${removal}`]);
  });

  it("is removed where it has no stack yet, and never what a living run has", async () => {
    const [dead, living] = [`${stale}-Ab3xYz`, `${stale.replace("dead", "11fe")}-Ab3xYz`].map((name) =>
      join(tmpdir(), name),
    );
    for (const [folder, owner] of [
      [dead, stacks[0]?.owner],
      [living, thisOwner()],
    ] as const) {
      mkdirSync(folder ?? "");
      writeFileSync(join(folder ?? "", "owner"), owner ?? "");
    }
    const { ports, notes } = world();
    await throwAway(options, ports, () => Promise.resolve(1));
    expect([existsSync(dead ?? ""), existsSync(living ?? "")]).toEqual([false, true]);
    rmSync(living ?? "", { recursive: true });
    expect(notes).toEqual([`Removing what killed runs have left: ${dead ?? ""}`]);
  });

  it("stands in nobody's way where docker does not tell of it", async () => {
    const { ports, warnings } = world({ images: new Error("no images today") });
    expect(await throwAway(options, ports, () => Promise.resolve(1))).toMatchObject({ value: 1 });
    expect(warnings).toEqual(["what killed runs have left could not be looked for: no images today"]);
  });
});
