import { existsSync, mkdirSync, readdirSync, utimesSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseSummary, runningDigest } from "../../src/lib/script/summary.ts";
import { digestOf, revisions, said, StubHost } from "./host.ts";

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => host.reset());
afterAll(() => host.close());

/** Looks of a host that will not become healthy: each is ten processes. */
const seldom = { pause: 0.2 };
const current = (): string => readlinkSync(join(host.root, "current"));
const directory = (revision: string): string => `releases/${digestOf(`bundle${revision[0]}`).slice(7, 19)}`;

test("a release comes up: pulled by digest, tagged against prune, migrated, verified, recorded", async () => {
  const ran = await host.run(host.deployScript(1, revisions.old));
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  const summary = parseSummary(ran.stdout);
  expect(summary).toMatchObject({ ok: true, number: 1, nonce: "nonce1", changed: true, rolledBack: false });
  expect(ran.stdout.trim().split("\n")).toHaveLength(1);
  expect(summary?.containers).toHaveLength(4);
  expect(runningDigest(summary!.containers!.find((one) => one.service === "web")!)).toBe(digestOf("weba"));
  expect(current()).toBe(directory(revisions.old));
  const calls = host.read("calls");
  expect(calls).toContain(`pull -q 127.0.0.1:5000/app/web@${digestOf("weba")}`);
  expect(calls).toMatch(/tag 127.0.0.1:5000\/app\/web@sha256:\w+ 127.0.0.1:5000\/app\/web:threads-keep-/);
  expect(calls).toContain("up -d --no-build --pull never --remove-orphans");
  expect(calls.indexOf("run --rm --no-deps -T migrate")).toBeLessThan(calls.indexOf("up -d"));
  expect(calls).not.toContain("image prune");
});

test("from one repository for all services, each image has a tag of its own against prune", async () => {
  host.repositoryFor = () => "app";
  const ran = await host.run(host.deployScript(1, revisions.old));
  expect(parseSummary(ran.stdout)).toMatchObject({ ok: true, number: 1 });
  const short = digestOf("bundlea").slice(7, 19);
  for (const service of ["web", "celery", "celery-beat", "nginx"])
    expect(host.read("calls")).toContain(
      `tag 127.0.0.1:5000/app@${digestOf(`${service}a`)} 127.0.0.1:5000/app:threads-keep-${short}-${service}\n`,
    );
});

test.each(["one project", "slots"])(
  "the log of one that goes well has its steps and the images that were pulled: %s",
  async (how) => {
    host.inSlots = how === "slots";
    await host.run(host.deployScript(1, revisions.old));
    await host.run(host.deployScript(2, revisions.next));
    const lines = [1, 2].flatMap((number) =>
      readFileSync(join(host.root, "log", `${number}.log`), "utf8")
        .trim()
        .split("\n"),
    );
    expect(lines[0]).toMatch(new RegExp(`Z deployment 1: deploy ${revisions.old.slice(0, 12)}$`));
    const usual = /^\d{4}-\d\d-\d\dT[\d:]+Z (?:deployment \d|== [a-z]+$)|^127\.0\.0\.1:5000\/app\/[\w-]+@sha256:\w+$/;
    expect(lines.filter((line) => !usual.test(line))).toEqual([]);
  },
);

test("nothing of the agent's own environment reaches docker", async () => {
  expect(await host.run(host.deployScript(1, revisions.old))).toMatchObject({ code: 0 });
  expect(host.read("calls")).toContain("compose -p app");
  expect(host.read("leaked")).toBe("");
});

test("the same deployment again, as after a reboot, is done at once and says the same", async () => {
  const first = await host.run(host.deployScript(1, revisions.old));
  host.set("calls", "");
  const again = await host.run(host.deployScript(1, revisions.old));
  expect(again).toEqual(first);
  expect(host.read("calls")).not.toContain("compose");
});

test("an older deployment that comes back is refused and touches nothing", async () => {
  await host.run(host.deployScript(2, revisions.next));
  host.set("calls", "");
  const late = await host.run(host.deployScript(1, revisions.old));
  expect(late.code).toBe(11);
  expect(parseSummary(late.stdout)).toMatchObject({ ok: false, code: 11 });
  expect(host.read("calls")).not.toMatch(/^compose|^pull/m);
  expect(current()).toBe(directory(revisions.next));
});

test("an unhealthy release is taken back by the host itself", async () => {
  await host.withOldRelease();
  host.set("unhealthy", `celery ${revisions.next}\n`);
  const ran = await host.run(host.deployScript(2, revisions.next, seldom));
  expect(ran.code).toBe(15);
  const summary = parseSummary(ran.stdout);
  expect(summary).toMatchObject({
    ok: false,
    code: 15,
    rolledBack: true,
    message: expect.stringContaining("celery is unhealthy"),
  });
  expect(host.read("release")).toBe(revisions.old);
  expect(current()).toBe(directory(revisions.old));
  expect(ran.stderr).toContain("celery is unhealthy");
});

test("values of the environment file do not travel in the error report", async () => {
  await host.withOldRelease();
  host.set("unhealthy", `web ${revisions.next}\n`);
  host.set(`log-${revisions.next}`, "the password is hunter22\n");
  const ran = await host.run(host.deployScript(2, revisions.next, seldom));
  expect(ran.stderr).toContain("the password is [redacted]");
  expect(ran.stdout + ran.stderr).not.toContain("hunter22");
});

test("a first release that does not come up leaves nothing running", async () => {
  host.set("fail-up", `${revisions.old}\n`);
  const ran = await host.run(host.deployScript(1, revisions.old));
  expect(parseSummary(ran.stdout)).toMatchObject({ code: 15, rolledBack: true, containers: [] });
  expect(host.read("calls")).toContain("down --remove-orphans");
  expect(existsSync(join(host.root, "current"))).toBe(false);
});

test("where the old release does not come back either, the host says so with another code", async () => {
  await host.withOldRelease();
  host.set("fail-up", `${revisions.old}\n${revisions.next}\n`);
  const ran = await host.run(host.deployScript(2, revisions.next));
  expect(parseSummary(ran.stdout)).toMatchObject({ code: 16, rolledBack: false });
});

test("a migration that waits for ever ends with the time that there is, and is told as one that waits", async () => {
  await host.withOldRelease();
  host.set("hang-migrate", "");
  const ran = await host.run(host.deployScript(2, revisions.next, { deadlineMs: 5_000 }));
  expect(said(ran)).toMatchObject({
    code: 14,
    now: "old",
    message: expect.stringMatching(/^the migration did not end in \d s; .*lock/),
  });
});

test("a migration's 137 does not leak: SSM would call it a time-out", async () => {
  await host.withOldRelease();
  host.set("fail-migrate", "");
  const ran = await host.run(host.deployScript(2, revisions.next));
  expect(ran.code).toBe(14);
  expect(host.read("release")).toBe(revisions.old);
  expect(ran.stderr).toContain("lock timeout");
});

test.each([
  ["the daemon is down", () => host.set("down", ""), 10, "daemon"],
  [
    "the environment file is missing",
    () => host.set("bundle/compose.yml", `web\ncelery\ncelery-beat\nnginx\n# \${ENV_FILE}\n`),
    10,
    "missing",
  ],
  ["the registry refuses", () => host.set("fail-pull", "127.0.0.1:5000/app/nginx\n"), 13, "no basic auth credentials"],
])("refused before anything changes: %s", async (_, harm, code, says) => {
  await host.withOldRelease();
  const change = says === "missing" ? { envFile: join(host.home, "nowhere.env") } : {};
  const script = host.deployScript(2, revisions.next, change);
  harm();
  const ran = await host.run(script);
  expect(ran.code).toBe(code);
  expect(parseSummary(ran.stdout)?.message).toContain(says);
  expect(host.read("release")).toBe(revisions.old);
});

test("keys that the compose file requires are compared by name", async () => {
  const script = host.deployScript(1, revisions.old);
  host.set("bundle/compose.yml", `# x\nx-required-env: [SECRET_KEY, BROKER_URL]\n`);
  const ran = await host.run(script);
  expect(parseSummary(ran.stdout)?.message).toMatch(/keys missing in .*: BROKER_URL/);
});

test("singletons are scaled to nothing on the other hosts", async () => {
  const ran = await host.run(host.deployScript(1, revisions.old, { absent: ["celery-beat"], migrate: undefined }));
  const summary = parseSummary(ran.stdout);
  expect(summary?.containers?.map((one) => one.service)).toEqual(["web", "celery", "nginx"]);
  expect(host.read("calls")).not.toContain("migrate");
});

test("restore brings back what ran before that deployment, and a later forward run of it is refused", async () => {
  await host.withNextRelease();
  const restored = await host.run(host.restoreScript(2));
  expect(restored).toMatchObject({ code: 0, stderr: "" });
  expect(host.read("release")).toBe(revisions.old);
  expect(current()).toBe(directory(revisions.old));
  expect((await host.run(host.deployScript(2, revisions.next))).code).toBe(11);
});

test("killed in the middle of the switch, the next run works, and restore knows the way back", async () => {
  await host.withOldRelease();
  host.set("hang-up", "");
  const { child, ended } = host.start(host.deployScript(2, revisions.next));
  await expect
    .poll(
      () =>
        host
          .read("calls")
          .split("\n")
          .filter((line) => line.includes(" up -d")).length,
      { timeout: 15_000 },
    )
    .toBe(2);
  process.kill(-child.pid!, "SIGKILL");
  await ended;
  host.unset("hang-up");
  expect(current()).toBe(directory(revisions.old));
  const restored = await host.run(host.restoreScript(2));
  expect(restored).toMatchObject({ code: 0, stderr: "" });
  expect(host.read("release")).toBe(revisions.old);
  const next = await host.run(host.deployScript(3, revisions.third));
  expect(next).toMatchObject({ code: 0, stderr: "" });
});

test("left-overs of a killed run are waited for and removed", async () => {
  host.set("oneoff", "m1\nother-1\n");
  host.set("created", "0123456789ab_app-web-1\napp-web-1\n");
  host.set("scratch", "scratch-7\n");
  mkdirSync(join(host.root, "releases", ".new.7"), { recursive: true });
  await host.run(host.deployScript(1, revisions.old));
  const calls = host.read("calls");
  expect(calls).toContain("rm -f scratch-7\n");
  expect(readdirSync(join(host.root, "releases"))).not.toContain(".new.7");
  // Another application's run its own.
  expect(calls).not.toMatch(/^(wait|rm -f) other-1$/m);
  expect(calls).toContain("wait m1");
  expect(calls).toContain("rm -f 0123456789ab_app-web-1");
  expect(calls).not.toContain("rm -f app-web-1");
});

test("status tells what runs and what is on record, and changes nothing", async () => {
  const empty = parseSummary((await host.run(host.statusScript())).stdout);
  expect(empty).toMatchObject({ action: "status", nonce: "look", docker: true, current: undefined, containers: [] });
  await host.run(host.deployScript(7, revisions.old));
  const full = parseSummary((await host.run(host.statusScript())).stdout);
  expect(full).toMatchObject({
    number: 7,
    busy: false,
    current: { number: 7, revision: revisions.old, bundle: digestOf("bundlea") },
  });
  expect(full?.containers).toHaveLength(4);
  host.set("down", "");
  expect(parseSummary((await host.run(host.statusScript())).stdout)).toMatchObject({
    docker: false,
    containers: undefined,
  });
});

test("status tells what the newest deployment has come to, and how long ago it last said something", async () => {
  expect(parseSummary((await host.run(host.statusScript())).stdout)).toMatchObject({ step: "", quietMs: undefined });
  await host.run(host.deployScript(7, revisions.old));
  const log = join(host.root, "log", "7.log");
  const now = Date.now() / 1000;
  utimesSync(log, now - 90, now - 90);
  const seen = parseSummary((await host.run(host.statusScript())).stdout);
  expect(seen).toMatchObject({
    number: 7,
    step: readFileSync(log, "utf8")
      .match(/ == (.*)$/gm)
      ?.at(-1)
      ?.slice(4),
  });
  expect(seen?.quietMs).toBeGreaterThanOrEqual(89_000);
});

test("only the current release and the three before it are kept", async () => {
  const short = (letter: string): string => digestOf(`bundle${letter}`).slice(7, 19);
  mkdirSync(join(host.root, "releases"), { recursive: true });
  for (const letter of "bcdef") {
    mkdirSync(join(host.root, "releases", short(letter)));
    const list = `web=127.0.0.1:5000/app/web@${digestOf(`web${letter}`)}\n`;
    writeFileSync(join(host.root, "releases", short(letter), "images.list"), list);
  }
  // f was deployed, then b again, and last e.
  writeFileSync(join(host.root, "history"), ["c", "d", "f", "b", "e"].map((letter) => `${short(letter)}\n`).join(""));
  await host.run(host.deployScript(9, revisions.old));
  const kept = readdirSync(join(host.root, "releases")).toSorted();
  expect(kept).toEqual(["a", "b", "e", "f"].map(short).toSorted());
  expect(host.read("calls")).toContain(`image rm 127.0.0.1:5000/app/web:threads-keep-${short("c")}-web\n`);
  expect(host.read("calls")).not.toContain(`threads-keep-${short("b")}`);
});

test("the log of a deployment stays on the host", async () => {
  await host.run(host.deployScript(4, revisions.old));
  expect(readFileSync(join(host.root, "log", "4.log"), "utf8")).toContain("== verify");
});

describe("a release whose model travels resolved", () => {
  const expected = "web 1 never\ncelery 1 never\ncelery-beat 1 never\nnginx 1 never\n";

  test("finds its files beside its compose file", async () => {
    await host.withOldRelease();
    const script = host.deployScript(2, revisions.next);
    host.withModel({ expected });
    expect(await host.run(script)).toMatchObject({ code: 0 });
    expect(readFileSync(join(host.root, "current", "files", "front", "page.txt"), "utf8")).toBe("hello\n");
  });

  test("is given the host's environment for its variables, and ours after it", async () => {
    await host.withOldRelease();
    host.set("calls", "");
    await host.run(host.deployScript(2, revisions.next));
    const [up = ""] = host.read("calls").match(/^compose .* up .*$/gm) ?? [];
    expect(up).toMatch(/ --env-file \S+\/threads\.env --env-file \S+\/images\.env up /);
  });

  test("is refused by name where a key is missing that it wants", async () => {
    await host.withOldRelease();
    const script = host.deployScript(2, revisions.next);
    host.withModel({ expected, required: "SECRET_KEY\nPAYMENT_URL\n" });
    expect(said(await host.run(script))).toMatchObject({
      code: 10,
      message: expect.stringContaining(": PAYMENT_URL"),
    });
  });

  test("needs no environment file where nothing reads one", async () => {
    await host.withOldRelease();
    const script = host.deployScript(2, revisions.next, { envFile: join(host.home, "nowhere.env") });
    host.withModel({ expected });
    expect(await host.run(script)).toMatchObject({ code: 0 });
    // Nor does a failure, which has nothing to hide then.
    host.set("unhealthy", `web ${revisions.third}\n`);
    const failed = await host.run(
      host.deployScript(3, revisions.third, { envFile: join(host.home, "nowhere.env"), pause: 0.2 }),
    );
    expect(failed).toMatchObject({ code: 15, stderr: expect.not.stringContaining("cannot be read") });
  });
});
