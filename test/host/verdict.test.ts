import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { digestOf, revisions, said, StubHost } from "./host.ts";

// What the host script takes for a release that is up, and what it wants before it begins.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => host.withOldRelease());
afterAll(() => host.close());

const next = revisions.next;
const seldom = { pause: 0.2 };

describe("is not up", () => {
  test.each([
    ["another image than the one that is pinned", `odd-${next}`, "web image id-other", "web runs another image than"],
    [
      "a container that has ended",
      `odd-${next}`,
      "celery state exited\ncelery exit 3",
      "celery is exited (exit code 3)",
    ],
    ["a container that is started again and again", `odd-${next}`, "web restarts 1", "web keeps being started again"],
    [
      "the old container still answers",
      "answers",
      revisions.old,
      `/healthz does not answer as ${next} (${revisions.old})`,
    ],
    ["an error instead of an answer", "answers-status", "502", "(status 502)"],
    ["a container that is not healthy", "unhealthy", `nginx ${next}`, "nginx is unhealthy"],
  ])("%s", async (_, file, text, says) => {
    host.set(file, `${text}\n`.replace(/^(\d{3}|[a-f]{40})\n$/, "$1"));
    const ran = await host.run(host.deployScript(2, next, seldom));
    const { code, message } = said(ran);
    expect(message).toContain(says);
    // Where nothing on the port answers as it should, the old release does not either.
    expect(code).toBe(file.startsWith("answers") && text !== revisions.old ? 16 : 15);
  });

  test("a singleton on a host where it should not be", async () => {
    host.set("no-scale", "");
    const ran = await host.run(host.deployScript(2, next, { ...seldom, absent: ["celery-beat"] }));
    expect(said(ran)["message"]).toContain("celery-beat runs here and should not");
  });

  test("two containers of one service", async () => {
    const script = host.deployScript(2, next, seldom);
    host.set("bundle/compose.yml", "web\ncelery\ncelery-beat\nnginx\nweb\n");
    expect(said(await host.run(script))["message"]).toContain("web has 2 containers, not 1");
  });

  test("one container of two", async () => {
    const script = host.deployScript(2, next, seldom);
    host.withModel({ expected: "web 2 never\n" });
    expect(said(await host.run(script))["message"]).toContain("web has 1 containers, not 2");
  });

  test("a one-shot that has not ended, or has with something else than 0", async () => {
    const script = host.deployScript(2, next, seldom);
    host.withModel({ expected: "celery 1 must\n" });
    expect(said(await host.run(script))["message"]).toContain("celery has not ended yet");
    host.set(`odd-${revisions.third}`, "celery state exited\ncelery exit 3\n");
    const other = host.deployScript(3, revisions.third, seldom);
    host.withModel({ expected: "celery 1 must\n" });
    expect(said(await host.run(other))["message"]).toContain("celery is exited (exit code 3)");
  });

  test("docker that does not tell what runs, which is not the same as nothing: a first release may be up", async () => {
    host.reset();
    host.set("fail-inspect", "");
    host.set("fail-down", "");
    expect(said(await host.run(host.deployScript(1, next, seldom)))).toMatchObject({ code: 16, now: "unknown" });
  });

  test("docker that does not tell", async () => {
    host.set("fail-inspect", "");
    const ran = await host.run(host.deployScript(2, next, seldom));
    expect(said(ran)).toMatchObject({ code: 16, now: "unknown", containers: null });
    expect(said(ran)["message"]).toContain("docker does not tell what runs");
  });
});

describe("is up", () => {
  test("what does not say which release it is: the images that run are the proof", async () => {
    host.set("answers", "nothing");
    expect(said(await host.run(host.deployScript(2, next, seldom)))).toMatchObject({ ok: true, now: "new" });
  });

  test.each([
    ["must", "0"],
    ["may", "0"],
  ])("a service that %s end, ended with %s", async (ending, exit) => {
    host.set(`odd-${next}`, `celery state exited\ncelery exit ${exit}\n`);
    const script = host.deployScript(2, next, seldom);
    host.withModel({ expected: `celery 1 ${ending}\n` });
    expect(said(await host.run(script))).toMatchObject({ ok: true, expected: { celery: ["1", ending] } });
  });

  test.each([
    ["2", ["2", "never"]],
    ["any", ["any", "never"]],
  ])("a service with two containers where the model says %s", async (replicas, expected) => {
    const script = host.deployScript(2, next, seldom);
    host.withModel({ expected: `web ${replicas} never\n`, compose: "web\ncelery\ncelery-beat\nnginx\nweb\n" });
    expect(said(await host.run(script))).toMatchObject({ ok: true, expected: { web: expected } });
  });
});

describe("a container without a health check", () => {
  test("must have stayed up for a while, and is looked at until it has", async () => {
    host.set(`odd-${next}`, "celery health none\ncelery started now\n");
    // However long the whole deployment may take.
    const ran = await host.run(host.deployScript(2, next, { ...seldom, deadlineMs: 10_000_000 }));
    expect(said(ran)).toMatchObject({
      code: 15,
      message: "not healthy within 1 s: it has been up for too short a time",
    });
  });

  test("so it is with the one that came last; one that has a check is believed by that", async () => {
    const last = "celery health none\ncelery started now\nnginx health none\nnginx started 1 hour ago\n";
    host.set(`odd-${next}`, last);
    expect(said(await host.run(host.deployScript(2, next, seldom)))["message"]).toContain("for too short a time");
    host.set(`odd-${next}`, "celery health none\ncelery started 3 seconds ago\nnginx started now\n");
    expect(said(await host.run(host.deployScript(3, next, { healthTimeoutMs: 0 })))).toMatchObject({ ok: true });
  });

  test("is good once it has", async () => {
    host.set(`odd-${next}`, "celery health none\ncelery started 3 seconds ago\n");
    expect(said(await host.run(host.deployScript(2, next, seldom)))).toMatchObject({ ok: true });
  });
});

describe("a crash", () => {
  test("is told when docker tells it, and not when the time is up", async () => {
    host.set("unhealthy", `nginx ${next}\n`);
    host.set("news", "celery state exited\ncelery exit 3\n");
    const ran = await host.run(host.deployScript(2, next, never));
    expect(said(ran)).toMatchObject({ code: 15, message: "celery is exited (exit code 3)" });
  });

  const never = { pause: 1_000, healthTimeoutMs: 1_000_000, deadlineMs: 10_000_000 };

  test("from which docker starts a container again is told at once, too", async () => {
    host.set("unhealthy", `nginx ${next}\n`);
    host.set("news", "web restarts 1\n");
    const ran = await host.run(host.deployScript(2, next, never));
    expect(said(ran)).toMatchObject({ code: 15, message: "web keeps being started again" });
  });

  test("is asked for since the look that has not seen it yet", async () => {
    host.set("unhealthy", `nginx ${next}\n`);
    host.set("news", "celery state exited\n");
    host.set("calls", "");
    const began = Date.now() / 1000;
    await host.run(host.deployScript(2, next, never));
    const asked = /^events --since (\d+\.\d+) (.*)$/m.exec(host.read("calls"));
    expect(Number(asked?.[1])).toBeGreaterThanOrEqual(began);
    expect(asked?.[2]).toBe(
      "--filter type=container --filter event=die --filter event=health_status --format {{.Action}}",
    );
  });

  test("of long ago is none of this release", async () => {
    host.set(`odd-${next}`, "web restarts 3\nweb started yesterday\n");
    expect(said(await host.run(host.deployScript(2, next, seldom)))).toMatchObject({ ok: true });
  });

  test("is waited for on the way back: the second start may be the good one", async () => {
    host.set("fail-up", `${next}\n`);
    host.set(`odd-${revisions.old}`, "web state restarting\n");
    host.set("news", "web state running\n");
    const ran = await host.run(host.deployScript(2, next, never));
    expect(said(ran)).toMatchObject({ code: 15, rolledBack: true, now: "old" });
  });
});

test("an application that answers to its own name only is asked by that name", async () => {
  host.set("own-name", "www.example.com");
  expect(said(await host.run(host.deployScript(2, next, { healthHost: "www.example.com" })))).toMatchObject({
    ok: true,
  });
  const asked = await host.run(host.deployScript(3, next, seldom));
  expect(said(asked)["message"]).toContain("status 503");
});

test("what stands in an answer's body is none of its headers", async () => {
  host.set("answers", "nothing");
  host.set("answers-body", `x-release: ${revisions.third}\n`);
  expect(said(await host.run(host.deployScript(2, next, seldom)))).toMatchObject({ ok: true });
});

test.each([
  ["https://127.0.0.1/healthz?next=secret", "(status 301 to https://127.0.0.1)"],
  ["/elsewhere", "(status 301)"],
])("where a redirect leads is told without what may be in it: %s", async (location, says) => {
  host.set("answers-status", "301");
  host.set("answers-location", location);
  expect(said(await host.run(host.deployScript(2, next, seldom)))["message"]).toContain(says);
});

test("one that redirects what did not come by https is told that it did", async () => {
  host.set("own-proto", "https");
  expect(said(await host.run(host.deployScript(2, next, { healthProto: "https" })))).toMatchObject({ ok: true });
});

test("a container that was started from an image of ours by hand is neither counted nor touched", async () => {
  host.set("by-hand", "web|False|by-hand|/hopeful_pare|x|id-x|running|0|none|0|2026-11-22T10:00:00Z\n");
  const ran = await host.run(host.deployScript(2, next));
  expect(said(ran)).toMatchObject({ ok: true, warnings: [] });
  expect(said(ran)["containers"]).toHaveLength(4);
  expect(host.read("calls")).not.toMatch(/ by-hand/);
});

test("one that somebody runs once of a service of ours is neither counted nor judged, and no stranger", async () => {
  host.set("containers/x9", "web|True|x9|/app-web-run-1|x|id-x|exited|3|none|0|2026-11-22T10:00:00Z\n");
  host.set("containers/x8", "shell|True|x8|/app-shell-run-1|x|id-x|running|0|none|0|2026-11-22T10:00:00Z\n");
  expect(said(await host.run(host.deployScript(2, next)))).toMatchObject({ ok: true, warnings: [] });
});

test("what compose is going to remove although threads never deployed it is said", async () => {
  writeFileSync(
    join(host.state, "containers", "x1"),
    "adminer|False|x1|/app-adminer-1|x|id-x|running|0|none|0|2026-11-22T10:00:00Z\n",
  );
  const ran = await host.run(host.deployScript(2, next));
  expect(said(ran)["warnings"]).toEqual([
    "the container app-adminer-1 of the compose project app was not deployed by threads: it is removed",
  ]);
});

test("somebody's shell in a one-off container is left alone, and said", async () => {
  host.set("shell", "0123456789abcdef\n");
  const ran = await host.run(host.deployScript(2, next));
  expect(said(ran)["warnings"]).toEqual([
    "the one-off container 0123456789ab was not started by threads and is left alone",
  ]);
  expect(host.read("calls")).not.toMatch(/(wait|rm -f) 0123456789abcdef/);
});

test("the services of the compose file are told, also those that are not released", async () => {
  const script = host.deployScript(2, next);
  host.set("bundle/compose.yml", "web\ncelery\ncelery-beat\nnginx\nredis\n");
  expect(said(await host.run(script))["services"]).toEqual(["web", "celery", "celery-beat", "nginx", "redis"]);
  expect(said(await host.run(host.statusScript()))["services"]).toContain("redis");
});

describe("refused before anything is switched", () => {
  test.each([
    ["the bundle pins another image", { images: { web: digestOf("x") }, revision: next }, 13, "does not pin"],
    ["the bundle is another revision's", { revision: revisions.third }, 13, "is not of revision"],
  ])("%s", async (_, release, code, says) => {
    const script = host.deployScript(2, next);
    host.set("bundle/release.json", JSON.stringify(release));
    const ran = await host.run(script);
    expect(said(ran)).toMatchObject({ code, now: "old" });
    expect(said(ran)["message"]).toContain(says);
    expect(host.read("release")).toBe(revisions.old);
  });

  test("other images than those of a release that the host has had for long", async () => {
    const images = { web: `127.0.0.1:5000/app/web@${digestOf("evil")}` };
    const ran = await host.run(host.deployScript(2, revisions.old, { images }));
    expect(said(ran)).toMatchObject({ code: 13, now: "old" });
    expect(said(ran)["message"]).toContain(`does not pin web to ${digestOf("evil")}`);
    expect(host.read("calls")).not.toMatch(new RegExp(`^(pull|tag) .*${digestOf("evil")}`, "m"));
  });

  test("a released service that the compose file does not run", async () => {
    const script = host.deployScript(2, next);
    host.set("bundle/compose.yml", "web\nfront\ncelery-beat\nnginx\n");
    const ran = await host.run(script);
    expect(said(ran)).toMatchObject({ code: 10, now: "old" });
    expect(said(ran)["message"]).toContain("an image for celery, but its compose file runs no such service");
    expect(host.read("release")).toBe(revisions.old);
  });

  test("the one-shot that migrates need not be among the services that run", async () => {
    const script = host.deployScript(2, next, { migrate: "celery" });
    host.set("bundle/compose.yml", "web\ncelery-beat\nnginx\n");
    expect((await host.run(script)).code).toBe(0);
  });

  test("Windows line ends in the environment file", async () => {
    writeFileSync(join(host.home, "threads.env"), "SECRET_KEY=x\r\n");
    const ran = await host.run(host.deployScript(2, next));
    expect(said(ran)).toMatchObject({ code: 10 });
    expect(said(ran)["message"]).toContain("Windows line ends");
  });

  test("Docker without Compose", async () => {
    host.set("no-compose", "");
    const ran = await host.run(host.deployScript(2, next));
    expect(said(ran)["message"]).toBe("Docker Compose v2 is not installed (package docker-compose-plugin)");
  });

  test("another script at work on this host", async () => {
    host.set("hang-up", "");
    const { child, ended } = host.start(host.deployScript(2, next));
    await expect.poll(() => host.read("calls").match(/ up -d/g)?.length).toBe(2);
    const second = await host.run(host.deployScript(3, revisions.third, { lockWait: 0 }));
    expect(said(second)).toMatchObject({ code: 12, now: "unknown" });
    expect(said(await host.run(host.statusScript()))).toMatchObject({ busy: true });
    process.kill(-child.pid!, "SIGKILL");
    await ended;
    host.unset("hang-up");
    expect((await host.run(host.deployScript(3, revisions.third, { lockWait: 0 }))).code).toBe(0);
  });
});

test("a long last line of docker is cut, so that the summary stays whole", async () => {
  host.set("fail-pull", "127.0.0.1:5000/app/nginx\n");
  host.set("pull-says", `denied ${"x".repeat(5_000)}\n`);
  const ran = await host.run(host.deployScript(2, next));
  expect(said(ran)).toMatchObject({ code: 13 });
  expect(String(said(ran)["message"])).toMatch(/^could not pull .*: denied x+$/);
  expect(String(said(ran)["message"])).toHaveLength(600);
});

test("another look at the same time is no deployment", async () => {
  const looker = spawn("flock", ["-s", join(host.root, "lock"), "sh", "-c", "echo; exec cat"]);
  await once(looker.stdout, "data");
  expect(said(await host.run(host.statusScript()))).toMatchObject({ busy: false });
  looker.stdin.end();
  await once(looker, "close");
});

test("where the daemon goes away, status says that it does not know, and not that nothing runs", async () => {
  host.set("fail-inspect", "");
  expect(said(await host.run(host.statusScript()))).toMatchObject({ docker: false, containers: null });
  host.unset("fail-inspect");
  rmSync(join(host.state, "containers"), { recursive: true });
  expect(said(await host.run(host.statusScript()))).toMatchObject({ docker: true, containers: [] });
});
