import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { revisions, said, StubHost } from "./host.ts";

// What the edge of a host is told, and what becomes of requests when it or a slot goes.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(async () => {
  host.reset();
  host.inSlots = true;
  await host.withOldRelease();
  host.set("calls", "");
});
afterAll(() => host.close());

const { next } = revisions;
const edges = (): readonly string[] => readdirSync(join(host.state, "edges"));
/** What edges were told, in order, and which containers of the old slot were ended meanwhile. */
const told = (): readonly string[] =>
  [...host.read("calls").matchAll(/\.sock say (.*)$|^(stop blue-.*)$/gm)].map(([, say, stop]) => say ?? stop ?? "");
const deploy = async (change = {}): Promise<Record<string, unknown>> =>
  said(await host.run(host.deployScript(2, next, change)));

describe("all requests go to the new slot, and the old one is asked for nothing any more before it ends", () => {
  test("pages that it gave get their assets meanwhile", async () => {
    expect(await deploy()).toMatchObject({ ok: true, warnings: [] });
    expect(told()).toEqual([
      "set weight slots_1/green 100 set weight slots_1/blue 0 set weight assets_1/green 100 set weight assets_1/blue 100",
      "stop blue-3",
      "set weight assets_1/blue 0",
      "stop blue-1 blue-2 blue-3 blue-4",
    ]);
  });

  test("of a front on which no HTTP is spoken there are none", async () => {
    const script = host.deployScript(2, next);
    host.set("bundle/model/fronts", "1 nginx 8080 http\n2 mail 25 tcp\n");
    host.set("bundle/model/strategy", "slots stopped proxy\n");
    host.set("port", `${host.port}\n10.0.0.1:25\n`);
    expect(said(await host.run(script))).toMatchObject({ ok: true, warnings: [] });
    const [steered, , turned] = told();
    expect([steered, turned]).toEqual([
      "set weight slots_1/green 100 set weight slots_1/blue 0 set weight assets_1/green 100 set weight assets_1/blue 100 set weight slots_2/green 100 set weight slots_2/blue 0",
      "set weight assets_1/blue 0",
    ]);
    const [http = "", tcp = ""] = config()
      .split(/(?=^frontend )/m)
      .slice(1);
    expect(http.split("\n").slice(0, 8)).toEqual([
      "frontend front_1 from http",
      `bind :${host.port}`,
      "tcp-request connection expect-proxy layer4 unless { src 127.0.0.0/8 ::1 }",
      expect.stringMatching(/^use_backend assets_1 if \{ method GET HEAD \} \{ path_reg -i .*\}$/),
      "default_backend slots_1",
      "backend slots_1 from http",
      "http-request disable-l7-retry unless METH_GET || METH_HEAD || METH_OPTIONS",
      expect.stringMatching(/^server blue 127\.0\.0\.1:\d+ weight "\$\{BLUE\}"$/),
    ]);
    expect(http).toContain("backend assets_1 from http\n");
    expect(tcp).toMatch(
      /^frontend front_2 from tcp\nbind 10\.0\.0\.1:25\ntcp-request connection expect-proxy .*\ndefault_backend slots_2\nbackend slots_2 from tcp\nserver blue 127\.0\.0\.1:\d+ weight "\$\{BLUE\}"\nserver green 127\.0\.0\.1:\d+ weight "\$\{GREEN\}"\n$/,
    );
  });
});

/** Of the edge that is up. */
const config = (): string => readFileSync(join(host.root, "edge", `${edges()[0]}.cfg`), "utf8");

test("what a front speaks, and how long it waits, is the same for all of them", () => {
  const [general, tcp, http] = config()
    .split(/^(?=defaults |frontend )/m)
    .map((part) => part.trim().split("\n"));
  // Each was measured, or is what people rely on: a page may take a minute, a socket may be silent for an hour.
  expect(general).toEqual(
    [
      "global",
      'stats socket "${SOCKET}" mode 600 level admin expose-fd listeners',
      "hard-stop-after 10m",
      "ring answers",
      "format raw",
      "maxlen 64",
      "size 2097152",
    ].map((line) => expect.stringContaining(line)),
  );
  expect(tcp?.map((line) => line.trim())).toEqual([
    "defaults tcp",
    "mode tcp",
    "timeout connect 5s",
    "timeout client 15m",
    "timeout server 15m",
    "balance roundrobin",
    "retries 3",
    "option redispatch",
  ]);
  expect(http?.map((line) => line.trim())).toEqual([
    "defaults http from tcp",
    "mode http",
    "timeout client 75s",
    "timeout tunnel 1h",
    "timeout http-request 30s",
    "log ring@answers format raw local0",
    'log-format "%[date(0,ms)] %ST %Ta %Td %b/%s"',
    "option forwardfor",
    "option idle-close-on-response",
    "http-reuse safe",
    "retry-on conn-failure empty-response",
  ]);
});

describe("an asset of one release only", () => {
  test("is known by the hash in its name", () => {
    const [, pattern = ""] = /path_reg -i (\S+) \}/.exec(config()) ?? [];
    const isAsset = (path: string): boolean => new RegExp(pattern, "i").test(path);
    expect(["/static/app.0123abcd.js", "/a/index-BQ1x_2zq.css", "/f.0123456789ab.woff2"].filter(isAsset)).toHaveLength(
      3,
    );
    expect(["/static/app.0123abc.js", "/0123abcd.js/", "/index.html", "/app.0123abcd.html"].filter(isAsset)).toEqual(
      [],
    );
  });

  test("is asked of the slot with the greater part of the requests, and what that does not have of the other one", () => {
    expect(
      config()
        .split(/^(?=backend )/m)
        .at(-1)
        ?.split("\n")
        .slice(0, 6),
    ).toEqual([
      "backend assets_1 from http",
      "retries 2",
      "option redispatch 1",
      "retry-on conn-failure empty-response 404",
      "use-server blue if { srv_uweight(slots_1/blue) ge 50 }",
      "use-server green if { srv_uweight(slots_1/green) ge 50 }",
    ]);
  });
});

describe("requests of the old slot that do not end are cut off, and said", () => {
  test.each([
    ["as many as there are", () => host.set("under-way", "3\n"), "3"],
    ["also where the edge does not tell how many", () => host.set("mute", "drain\n"), "unknown"],
  ])("%s", async (_, harm, count) => {
    harm();
    expect(await deploy()).toMatchObject({ ok: true, warnings: [`requests that were cut off after 1 s: ${count}`] });
    expect(told().slice(1)).toEqual([
      "stop blue-3",
      "shutdown sessions server slots_1/blue",
      "set weight assets_1/blue 0",
      "stop blue-1 blue-2 blue-3 blue-4",
    ]);
  });
});

test("who waits for requests of a slot that serves again does not keep the host from its next deployment", async () => {
  host.set(`odd-${next}`, "celery-beat state restarting\ncelery-beat exit 1\n");
  host.program("timeout", `[[ "$*" != *" drain blue "* ]] || exec sleep 600; exec /usr/bin/timeout "$@"`);
  const { child, ended } = host.start(host.deployScript(2, next));
  try {
    expect(said(await ended)).toMatchObject({ code: 15, now: "old" });
    expect(said(await host.run(host.statusScript()))).toMatchObject({ busy: false });
  } finally {
    process.kill(-child.pid!, "SIGKILL");
  }
});

describe("an old slot that does not end is a warning", () => {
  const stays = (call: string): void =>
    host.program(
      "timeout",
      `[[ "$*" != *" docker stop ${call}"* ]] || { echo 'cannot stop container' >&2; exit 1; }; exec /usr/bin/timeout "$@"`,
    );
  const warnings = [
    "after the switch: not all that ran before has ended: cannot stop container; the next deployment on this host ends it",
  ];

  test("the release is recorded, and serves; what comes after is done as ever", async () => {
    stays("blue-1 ");
    const ran = await deploy();
    expect(ran).toMatchObject({ ok: true, code: 0, now: "new", warnings });
    expect((ran["timings"] as [string, number][]).map(([step]) => step).slice(-2)).toEqual(["retire", "prune"]);
    expect(host.read("serves")).toBe("green\n");
  });

  test("so it is on the way back", async () => {
    expect(await deploy()).toMatchObject({ ok: true });
    stays("green-1 ");
    expect(said(await host.run(host.restoreScript(2)))).toMatchObject({ ok: true, now: "old", warnings });
    expect(host.read("serves")).toBe("blue\n");
  });
});

describe("what is counted", () => {
  test("is not known where the edge does not tell", async () => {
    host.set("mute", "count\n");
    expect(await deploy()).toMatchObject({ ok: true, traffic: null });
  });

  test("is known without what nobody can tell of how long answers took", async () => {
    host.set("mute", "waits\n");
    expect(await deploy()).toMatchObject({
      traffic: { requests: 50, failed: 0, longestGapMs: null, p99BeforeMs: null, p99AfterMs: null },
    });
  });
});

describe("another edge", () => {
  const another = (): string => {
    const script = host.deployScript(2, next);
    host.set("port", "0.0.0.0:8081");
    return script;
  };

  test("that does not answer is taken away, with HAProxy's own word: the one before goes on", async () => {
    const before = edges();
    host.program("sleep", "exit 0");
    // Only the one before answers, which is asked by its name.
    host.program("timeout", `[[ "$*" != *" count" || "$*" == *${before[0]}* ]] || exit 1; exec /usr/bin/timeout "$@"`);
    host.set("log-of-edge", "[NOTICE] new\n[ALERT] cannot bind socket [0.0.0.0:8081]\n[ALERT] more\n");
    expect(said(await host.run(another()))).toMatchObject({
      ok: false,
      now: "old",
      message: expect.stringContaining("the edge did not come up: [ALERT] cannot bind socket [0.0.0.0:8081]"),
    });
    expect({ edges: edges(), up: host.up("blue") }).toEqual({ edges: before, up: expect.arrayContaining(["web"]) });
  });

  test("what the one before has still to do is cut off in the end, and nothing of it is left", async () => {
    const before = edges()[0] ?? "";
    host.program("timeout", `[[ "$*" != *" docker wait "* ]] || exit 124; exec /usr/bin/timeout "$@"`);
    expect(said(await host.run(another()))).toMatchObject({
      ok: true,
      warnings: ["the old edge was cut off after 1 s"],
    });
    expect(edges()).not.toContain(before);
    expect(edges()).toHaveLength(1);
    expect(readdirSync(join(host.root, "edge"))).not.toContain(`${before}.cfg`);
  });
});
