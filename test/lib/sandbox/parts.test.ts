import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { CommandFailed, type Processes } from "../../../src/lib/process/processes.ts";
import { arrange, countsOf } from "../../../src/lib/sandbox/arrange.ts";
import { docker } from "../../../src/lib/sandbox/engine.ts";
import { freePort, isFree } from "../../../src/lib/sandbox/free-port.ts";
import { isStale, readRecipes } from "../../../src/lib/sandbox/images.ts";
import { databaseName, firstPort, hostId, hostsOf, parseHosts, sandboxId } from "../../../src/lib/sandbox/layout.ts";
import { packageFiles } from "../../../src/lib/sandbox/package-root.ts";
import { newEnvironment, newState, readState, stateFolder, writeState } from "../../../src/lib/sandbox/state.ts";
import { aConfig } from "../../fakes/config.ts";
import { packageIn, stateOf, temporaryRoot } from "./world.ts";

describe("--hosts", () => {
  const known = ["staging", "prod", "qa", "a", "b"];

  test("refuses an environment that threads.yml does not have, with the names that it has", () => {
    expect(() => parseHosts("foo=1", ["qa", "live"])).toThrow(
      expect.objectContaining({
        code: "SANDBOX_HOSTS",
        message: "--hosts: threads.yml has no environment foo with hosts, only qa, live",
        next: ["threads sandbox up --hosts qa=1,live=1"],
      }),
    );
  });

  test("reads counts in order and leaves out environments without hosts", () => {
    expect(parseHosts("staging=1, prod=2,qa=0", known)).toEqual([
      { env: "staging", count: 1 },
      { env: "prod", count: 2 },
    ]);
  });

  test.each(["", "prod", "prod=", "prod=x", "Prod=1", "prod=1,prod=2", "prod=0", "prod=10", "a=5,b=5", "-a=1"])(
    "refuses %j",
    (text) => {
      expect(() => parseHosts(text, known)).toThrow(expect.objectContaining({ code: "SANDBOX_HOSTS", exitCode: 2 }));
    },
  );
});

describe("names", () => {
  test("differ between checkouts and stay the same for one", () => {
    expect(sandboxId("/a")).toMatch(/^[0-9a-f]{8}$/);
    expect(sandboxId("/a")).toBe(sandboxId("/a"));
    expect(sandboxId("/a")).not.toBe(sandboxId("/b"));
    expect(hostId("x", "prod-1")).toMatch(/^i-[0-9a-f]{17}$/);
    expect(hostId("x", "prod-1")).not.toBe(hostId("y", "prod-1"));
  });

  test("of databases need no quotes", () => {
    expect(databaseName("My-App", "pre-prod")).toBe("my_app_pre_prod");
  });

  test("lead to ports below those that systems hand out", () => {
    for (const id of ["a", "b", "c"]) expect(firstPort(id)).toBeGreaterThanOrEqual(20_000);
    for (const id of ["a", "b", "c"]) expect(firstPort(id)).toBeLessThan(30_000);
  });
});

test("a port that somebody listens on is not free, and the next one is taken", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  expect(await isFree(port)).toBe(false);
  const start = firstPort("parts-test");
  const first = await freePort(start, new Set());
  expect(await freePort(start, new Set([first]))).toBeGreaterThan(first);
});

describe("arranging hosts", () => {
  const options = {
    freePort: async (start: number, taken: ReadonlySet<number>) => {
      let port = start;
      while (taken.has(port)) port += 1;
      return port;
    },
    usable: async () => true,
    environments: ["qa", "prod"],
    now: "2026-11-22T12:00:00.000Z",
  };

  test("starts from what threads.yml asks for, and keeps what there is", () => {
    const environments = {
      dev: {},
      qa: { hosts: { tag: "role=qa" } },
      prod: { hosts: { tag: "role=live", minimum: 3 } },
    };
    const asked = hostsOf(aConfig({ environments }));
    expect(asked).toEqual([
      { env: "qa", count: 1 },
      { env: "prod", count: 3 },
    ]);
    expect(countsOf(stateOf({ hosts: [], environments: {} }), asked)).toEqual(asked);
    // prod is known with one host, qa is new.
    expect(countsOf(stateOf(), asked)).toEqual([
      { env: "qa", count: 1 },
      { env: "prod", count: 1 },
    ]);
    // An environment that threads.yml has no more.
    expect(countsOf(stateOf(), asked.slice(0, 1))).toEqual([{ env: "qa", count: 1 }]);
  });

  test("keeps what is known and gives the rest ports of its own", async () => {
    const { state, moved } = await arrange(stateOf(), {
      ...options,
      counts: [
        { env: "qa", count: 1 },
        { env: "prod", count: 2 },
      ],
    });
    expect(moved).toEqual([]);
    expect(state.hosts[1]).toEqual(stateOf().hosts[0]);
    expect(new Set([state.port, ...state.hosts.map(({ httpPort }) => httpPort)]).size).toBe(4);
    expect(state.environments["prod"]).toEqual(stateOf().environments["prod"]);
    expect(state.environments["qa"]?.redisDatabase).toBe(1);
  });

  test("moves a host whose port was taken, and nothing else of it", async () => {
    const { state, moved } = await arrange(stateOf(), {
      ...options,
      counts: [{ env: "prod", count: 1 }],
      usable: async () => false,
    });
    expect(moved).toEqual([{ name: "prod-1", from: 20_001, to: state.hosts[0]?.httpPort }]);
    expect(state.hosts[0]).toEqual({ ...stateOf().hosts[0], httpPort: state.hosts[0]?.httpPort });
  });

  test("gives a new host no port that a target group keeps, be its load balancer down", async () => {
    const freePort = async (start: number, taken: ReadonlySet<number>): Promise<number> =>
      taken.has(start) ? freePort(start + 1, taken) : start;
    const group = { arn: "tg", environment: "cloud", service: "web", port: firstPort(stateOf().id) + 1 };
    const counts = [{ env: "qa", count: 1 }];
    const { state } = await arrange(stateOf({ targetGroups: [group] }), { ...options, counts, freePort });
    expect(state.hosts[0]?.httpPort).toBe(group.port + 1);
  });
});

describe("state", () => {
  test("comes back as it was written, in one step", () => {
    const root = temporaryRoot(onTestFinished);
    const state = stateOf({ root });
    writeState(state);
    expect(readState(root)).toEqual(state);
    expect(readdirSync(stateFolder(root))).toEqual(["sandbox.json"]);
  });

  test("of a checkout that was copied is not taken for the copy's own", () => {
    const root = temporaryRoot(onTestFinished);
    writeState(stateOf({ root }));
    const text = readFileSync(join(stateFolder(root), "sandbox.json"), "utf8");
    writeFileSync(join(stateFolder(root), "sandbox.json"), text.replace(root, "/elsewhere"));
    expect(readState(root)).toBeUndefined();
  });

  test("that cannot be read is refused, with the way out", () => {
    const root = temporaryRoot(onTestFinished);
    mkdirSync(stateFolder(root), { recursive: true });
    writeFileSync(join(stateFolder(root), "sandbox.json"), "{");
    expect(() => readState(root)).toThrow(expect.objectContaining({ code: "SANDBOX_STATE", exitCode: 3 }));
    rmSync(join(stateFolder(root), "sandbox.json"));
    mkdirSync(join(stateFolder(root), "sandbox.json"));
    expect(() => readState(root)).toThrow(expect.objectContaining({ code: "SANDBOX_STATE", exitCode: 3 }));
  });

  test("has credentials of its own, in AWS's shapes", () => {
    const given = { root: "/a", region: "eu-west-1", account: "000000000000", port: 1 };
    const [one, two] = [newState(given), newState(given)];
    expect(one.accessKeyId).toMatch(/^AKIA[0-9A-F]{16}$/);
    expect(one.secretAccessKey).toHaveLength(40);
    expect(one.secretAccessKey).not.toBe(two.secretAccessKey);
    expect(newEnvironment(0).databasePassword).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("images", () => {
  test("are named by everything that goes into them", () => {
    const root = temporaryRoot(onTestFinished);
    const files = packageIn(root);
    const before = readRecipes(files);
    expect(readRecipes(files)).toEqual(before);
    writeFileSync(join(files.images, "host", "entrypoint.sh"), "#!/bin/sh\n");
    expect(readRecipes(files).host.tag).not.toBe(before.host.tag);
    expect(readRecipes(files).services.tag).toBe(before.services.tag);
    writeFileSync(join(files.compiled, "image", "digest.js"), "// changed\n");
    expect(readRecipes(files).services.tag).not.toBe(before.services.tag);
  });

  test("need the compiled server", () => {
    const files = packageIn(temporaryRoot(onTestFinished));
    rmSync(join(files.compiled, "sandbox", "server", "main.js"));
    expect(() => readRecipes(files)).toThrow(
      expect.objectContaining({ code: "SANDBOX_NOT_BUILT", next: ["npm run build"] }),
    );
  });

  test("hold every room that the server imports", () => {
    const server = join(import.meta.dirname, "../../../src/lib/sandbox/server");
    const imported = readdirSync(server, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) =>
        [...readFileSync(join(server, file), "utf8").matchAll(/from "([^"]+)"/g)].map(
          ([, name]) => new URL(name ?? "", pathToFileURL(join(server, file))),
        ),
      )
      .filter(({ protocol, pathname }) => protocol === "file:" && !pathname.includes("/sandbox/server/"))
      .map(({ pathname }) => /\/lib\/([^/]+)\//.exec(pathname)?.[1]);
    expect([...new Set(imported)].filter((room) => !["image", "iam"].includes(room ?? ""))).toEqual([]);
  });

  test("are stale where the server's source is newer than what was compiled", () => {
    const root = temporaryRoot(onTestFinished);
    const files = { ...packageIn(root), fromSource: true };
    const source = join(files.root, "src", "lib", "sandbox", "server");
    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, "main.ts"), "");
    utimesSync(join(source, "main.ts"), 1, 1);
    expect(isStale(files)).toBe(false);
    utimesSync(join(source, "main.ts"), 4e9, 4e9);
    expect(isStale(files)).toBe(true);
  });

  test("are found from the sources and from dist", () => {
    const root = temporaryRoot(onTestFinished);
    writeFileSync(join(root, "package.json"), "{}");
    const from = (file: string) => packageFiles(pathToFileURL(join(root, file)).href);
    expect(from("src/lib/sandbox/up.ts")).toMatchObject({
      root,
      fromSource: true,
      images: join(root, "src/lib/sandbox/images"),
    });
    expect(from("dist/chunks/up-AB12.js")).toMatchObject({
      root,
      fromSource: false,
      images: join(root, "dist/lib/sandbox/images"),
    });
  });
});

test("a port that is taken while the sandbox starts is a refusal, with what starts it again", async () => {
  const tail = ["Error response from daemon: Bind for 127.0.0.1:20010 failed: port is already allocated"];
  const refused = { command: { file: "docker", args: [] }, exitCode: 125, tail, reason: "x" };
  const processes: Processes = {
    run: ({ args }) =>
      args[0] === "ps"
        ? Promise.resolve({ exitCode: 0, stdout: "shop-web-1|shop\n", stderr: "" })
        : Promise.reject(new CommandFailed(refused)),
  };
  await expect(docker(processes, refused.command)).rejects.toMatchObject({
    code: "PORT_TAKEN",
    exitCode: 3,
    message: "port 127.0.0.1:20010 is taken by the container shop-web-1 of the compose project shop",
    next: expect.arrayContaining(["threads sandbox down", "threads sandbox up"]) as string[],
  });
});
