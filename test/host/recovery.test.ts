import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { digestOf, revisions, said, StubHost } from "./host.ts";

// The way back of a host: whatever is missing, full or torn, it is taken, or nothing is touched and that is said.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => host.reset());
afterAll(() => host.close());

const seldom = { pause: 0.2 };
const path = (...names: string[]): string => join(host.root, ...names);
const record = (name: string): string => readFileSync(path(name), "utf8");
const short = (revision: string): string => digestOf(`bundle${revision[0]}`).slice(7, 19);
/** A file that takes nothing, as on a full disk. */
const fill = (...names: string[]): void => {
  rmSync(path(...names), { force: true });
  symlinkSync("/dev/full", path(...names));
};

describe("where nothing ran before", () => {
  test("restoring takes the stack down by its project's name and looks that nothing of it is left", async () => {
    await host.withOldRelease();
    expect(host.running()).toHaveLength(4);
    const back = await host.run(host.restoreScript(1));
    expect(back.code).toBe(0);
    expect(said(back)).toMatchObject({ ok: true, now: "old", current: null, containers: [], services: null });
    expect(host.running()).toEqual([]);
    expect(host.read("calls")).toContain("compose -p app down --remove-orphans\n");
    expect(existsSync(path("current"))).toBe(false);
    expect(record("history")).toBe(`${short(revisions.old)}\nnone\n`);
  });

  test("and what does not go away is no success: the host still serves the release", async () => {
    await host.withOldRelease();
    host.set("fail-down", "");
    const back = await host.run(host.restoreScript(1));
    expect(back.code).toBe(16);
    expect(said(back)).toMatchObject({ ok: false, now: "new", current: { revision: revisions.old } });
    expect(said(back)["message"]).toContain("web is still there");
  });

  test("a failed first release that does not go away is told as such, not as back", async () => {
    host.set("fail-up", `${revisions.old}\n`);
    host.set("fail-down", "");
    const ran = await host.run(host.deployScript(1, revisions.old));
    expect(ran.code).toBe(16);
    expect(said(ran)).toMatchObject({ rolledBack: false, now: "new" });
  });

  test("where compose complains although nothing of it is left, the host serves what it did before: nothing", async () => {
    host.set("fail-up", `${revisions.old}\n`);
    host.set("complain-down", "");
    expect(said(await host.run(host.deployScript(1, revisions.old)))).toMatchObject({ code: 16, now: "old" });
  });

  test("what a deployment never began to switch is not its to take down", async () => {
    host.set("fail-pull", "127.0.0.1:5000/app/nginx\n");
    await host.run(host.deployScript(1, revisions.old));
    host.set("containers/x1", "web|False|x1|/app-web-1|x|id-x|running|0|none|0|2026-11-22T10:00:00Z\n");
    expect(said(await host.run(host.restoreScript(1)))).toMatchObject({ ok: true, now: "old" });
    expect(host.running()).toEqual(["web"]);
    expect(host.read("calls")).not.toContain(" down ");
  });

  test("the next deployment finds an empty host", async () => {
    await host.withOldRelease();
    await host.run(host.restoreScript(1));
    host.set("unhealthy", `web ${revisions.next}\n`);
    const next = await host.run(host.deployScript(2, revisions.next, seldom));
    expect(said(next)).toMatchObject({ code: 15, rolledBack: true, now: "old", containers: [] });
  });
});

describe("what a host serves now", () => {
  test.each([
    ["before anything was touched: the old one", "fail-pull", "127.0.0.1:5000/app/nginx\n", 13, "old"],
    ["after a failed migration: the old one", "fail-migrate", "", 14, "old"],
    ["once it is taken back: the old one", "unhealthy", `web ${revisions.next}\n`, 15, "old"],
    ["neither came up: nobody knows", "fail-up", `${revisions.old}\n${revisions.next}\n`, 16, "unknown"],
  ])("%s", async (_, harm, how, code, now) => {
    await host.withOldRelease();
    host.set(harm, how);
    if (now === "unknown") host.set(`odd-${revisions.old}`, "web state exited\n");
    const ran = await host.run(host.deployScript(2, revisions.next, seldom));
    expect(said(ran)).toMatchObject({ code, now });
  });

  test("the way back fails, and the new one has come round meanwhile: the new one", async () => {
    await host.withOldRelease();
    host.set("answers", "something else");
    const services = path("releases", short(revisions.old), "services");
    // The reserve goes first thing on the way back.
    host.program(
      "rm",
      `[[ $* != *reserve* ]] || /usr/bin/rm ${services} ${join(host.state, "answers")}; /usr/bin/rm "$@"`,
    );
    const ran = await host.run(host.deployScript(2, revisions.next, seldom));
    expect(said(ran)).toMatchObject({ code: 16, rolledBack: false, now: "new" });
    expect(said(ran)["message"]).toContain(`does not answer as ${revisions.next} (something else)`);
    expect(ran.stderr).toContain("is not whole");
  });

  test("a run after a reboot in the middle of the switch looks instead of remembering", async () => {
    await host.withOldRelease();
    host.set("hang-up", "");
    const { child, ended } = host.start(host.deployScript(2, revisions.next));
    await expect.poll(() => host.read("calls").match(/ up -d/g)?.length).toBe(2);
    process.kill(-child.pid!, "SIGKILL");
    await ended;
    host.unset("hang-up");
    host.program("df", "echo; echo x 9 9 1 9");
    // How often it was started again before anybody looked is no matter.
    host.set(`odd-${revisions.old}`, "web restarts 3\n");
    expect(said(await host.run(host.deployScript(2, revisions.third)))).toMatchObject({ code: 10, now: "old" });
    host.set(`odd-${revisions.old}`, "web state exited\n");
    expect(said(await host.run(host.deployScript(2, revisions.third)))).toMatchObject({ code: 10, now: "unknown" });
  });

  describe("before a later deployment has touched anything", () => {
    /** Refused at once; a look at what runs would find that nothing on record does. */
    const refused = async (): Promise<Record<string, unknown>> => {
      host.set(`odd-${revisions.old}`, "web state exited\n");
      host.program("df", "echo; echo x 9 9 1 9");
      return said(await host.run(host.deployScript(3, revisions.third)));
    };

    test("after a switch that was killed it must look", async () => {
      await host.withOldRelease();
      host.set("hang-up", "");
      const { child, ended } = host.start(host.deployScript(2, revisions.next));
      await expect.poll(() => host.read("calls").match(/ up -d/g)?.length).toBe(2);
      process.kill(-child.pid!, "SIGKILL");
      await ended;
      expect(await refused()).toMatchObject({ code: 10, now: "unknown" });
    });

    test("and so it must after one from which there was no way back", async () => {
      await host.withOldRelease();
      host.set("fail-up", `${revisions.old}\n${revisions.next}\n`);
      expect((await host.run(host.deployScript(2, revisions.next))).code).toBe(16);
      expect(await refused()).toMatchObject({ code: 10, now: "unknown" });
    });

    test("after one that was taken back it knows", async () => {
      await host.withOldRelease();
      host.set("fail-up", `${revisions.next}\n`);
      expect((await host.run(host.deployScript(2, revisions.next))).code).toBe(15);
      expect(await refused()).toMatchObject({ code: 10, now: "old" });
    });
  });

  test("a restore that does not even begin cannot say, and a deployment has touched nothing", async () => {
    await host.withNextRelease();
    rmSync(path("lock"));
    mkdirSync(path("lock"));
    expect(said(await host.run(host.restoreScript(2)))).toMatchObject({ code: 10, now: "unknown" });
    expect(said(await host.run(host.deployScript(3, revisions.third)))).toMatchObject({ code: 10, now: "old" });
  });

  test("a deployment that another one has overtaken cannot say", async () => {
    await host.withOldRelease();
    await host.run(host.deployScript(3, revisions.next));
    expect(said(await host.run(host.deployScript(2, revisions.third)))).toMatchObject({ code: 11, now: "unknown" });
  });
});

describe("after the commit point success is irrevocable", () => {
  /** The release that prune is going to remove, so that it calls docker. */
  const leaveOld = (): void => {
    mkdirSync(path("releases", "0123456789ab"));
    writeFileSync(path("releases", "0123456789ab", "images.list"), "web=127.0.0.1:5000/app/web@sha256:1\n");
  };

  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "%s while old images are removed changes nothing",
    async (signal) => {
      await host.withOldRelease();
      leaveOld();
      host.set("hang-rm", "");
      const { child, ended } = host.start(host.deployScript(2, revisions.next));
      await expect.poll(() => host.read("calls")).toContain("image rm 127.0.0.1:5000/app/web:threads-keep");
      process.kill(-child.pid!, signal);
      host.unset("hang-rm");
      const ran = await ended;
      expect(said(ran)).toMatchObject({ ok: true, code: 0, now: "new", current: { revision: revisions.next } });
      // Ignored, and not only survived: the rest is done as well.
      expect(said(ran)["warnings"]).toEqual([]);
      expect(existsSync(path("releases", "0123456789ab"))).toBe(false);
      expect(readlinkSync(path("current"))).toBe(`releases/${short(revisions.next)}`);
    },
  );

  test("what cannot be removed is a warning", async () => {
    await host.withOldRelease();
    leaveOld();
    host.program("rm", `[[ $* != *0123456789ab* ]] || exit 1; /usr/bin/rm "$@"`);
    const ran = await host.run(host.deployScript(2, revisions.next));
    expect(ran.code).toBe(0);
    expect(said(ran)).toMatchObject({
      ok: true,
      now: "new",
      warnings: ["after the switch: old releases could not be removed"],
    });
  });

  test("an answer that cannot be kept is given all the same", async () => {
    await host.withOldRelease();
    fill("deployments", "2.1.done.new");
    const ran = await host.run(host.deployScript(2, revisions.next));
    expect(ran.code).toBe(0);
    expect(said(ran)).toMatchObject({ ok: true, now: "new" });
  });

  test.each(["history.new", `releases/${digestOf("bundleb").slice(7, 19)}/record.new`])(
    "before it, a record that cannot be written leads back: %s",
    async (name) => {
      await host.withOldRelease();
      const script = host.deployScript(2, revisions.next);
      // The directory of the release comes up during the run.
      host.program("sync", `case $* in */2.switch.new) ln -s /dev/full ${path(name)} ;; esac`);
      const ran = await host.run(script);
      expect(said(ran)).toMatchObject({ ok: false, code: 15, rolledBack: true, now: "old" });
      expect(said(ran)["message"]).toContain("could not be recorded");
      expect(host.read("release")).toBe(revisions.old);
      expect(readlinkSync(path("current"))).toBe(`releases/${short(revisions.old)}`);
    },
  );
});

describe("tidying does not stand in the way", () => {
  test("of what cannot be removed, nothing ends a restore", async () => {
    await host.withNextRelease();
    host.set("scratch", "s1\n");
    mkdirSync(path("releases", ".new.1"));
    host.program("rm", `[[ $* != *.new.* ]] || exit 1; exec /usr/bin/rm "$@"`);
    expect(said(await host.run(host.restoreScript(2)))).toMatchObject({ ok: true, now: "old" });
    expect(host.read("calls")).toContain("rm -f s1\n");
  });

  test("an earlier migration may not eat the time of what comes after it", async () => {
    await host.withNextRelease();
    host.set("oneoff", "m1\n");
    host.program("timeout", `echo "$*" >>${join(host.state, "limits")}; exec /usr/bin/timeout "$@"`);
    await host.run(host.restoreScript(2));
    const limit = /-k 15 (\d+) docker wait m1$/m.exec(host.read("limits"))?.[1];
    expect(Number(limit)).toBeGreaterThan(20);
    expect(Number(limit)).toBeLessThanOrEqual(30);
  });
});

describe("a full disk", () => {
  test("a log that takes no line ends neither a deployment nor its way back", async () => {
    await host.withOldRelease();
    host.set("unhealthy", `web ${revisions.next}\n`);
    fill("log", "2.log");
    const ran = await host.run(host.deployScript(2, revisions.next, seldom));
    expect(said(ran)).toMatchObject({ code: 15, rolledBack: true, now: "old" });
    expect(host.read("release")).toBe(revisions.old);
  });

  test.each(["fence", "deployments/2.previous", "deployments/2.switch"])(
    "going forward needs its records: %s",
    async (name) => {
      await host.withOldRelease();
      fill(`${name}.new`);
      const ran = await host.run(host.deployScript(2, revisions.next));
      expect(said(ran)).toMatchObject({ code: 10, now: "old" });
      expect(said(ran)["message"]).toContain(`${name} cannot be written`);
      expect(host.read("release")).toBe(revisions.old);
    },
  );

  test("what only a way forward needs does not stop a restore", async () => {
    await host.withNextRelease();
    writeFileSync(join(host.home, "threads.env"), "SECRET_KEY=x\r\n");
    expect(said(await host.run(host.restoreScript(2)))).toMatchObject({ ok: true, now: "old" });
  });

  test("records that cannot be written do not stop a restore; they are told", async () => {
    await host.withNextRelease();
    for (const name of ["fence.new", "history.new", "deployments/2.2.done.new", "log/2.log"]) fill(name);
    const back = await host.run(host.restoreScript(2));
    expect(said(back)).toMatchObject({ ok: true, now: "old", current: { revision: revisions.old } });
    expect(said(back)["warnings"]).toEqual([
      expect.stringContaining("fence could not be written"),
      "the history could not be written",
    ]);
  });

  test("a log that cannot even be opened is gone without", async () => {
    await host.withOldRelease();
    rmSync(path("log"), { recursive: true });
    writeFileSync(path("log"), "");
    expect(said(await host.run(host.deployScript(2, revisions.next)))).toMatchObject({ ok: true });
    expect(said(await host.run(host.restoreScript(2)))).toMatchObject({ ok: true, now: "old" });
  });

  /** A `df` that finds this many KiB under Docker's folder and under our own. */
  const free = (docker: number, root: number): void =>
    host.program("df", `echo; [[ \${!#} == ${host.root} ]] && echo x 9 9 ${root} 9 || echo x 9 9 ${docker} 9`);

  test.each([
    ["Docker's folder", 500 * 1024, 10_000_000, "only 500 MiB of disk are free under"],
    ["the folder of the records", 10_000_000, 3 * 1024, "only 3 MiB of disk are free under"],
  ])("forward it is refused before anything is pulled: %s", async (_, docker, root, says) => {
    await host.withOldRelease();
    free(docker, root);
    host.set("calls", "");
    const ran = await host.run(host.deployScript(2, revisions.next));
    expect(said(ran)).toMatchObject({ code: 10, now: "old" });
    expect(said(ran)["message"]).toContain(says);
    expect(host.read("calls")).not.toContain("pull");
  });

  test("with just enough it goes on", async () => {
    await host.withOldRelease();
    free(512 * 1024, 4 * 1024);
    expect((await host.run(host.deployScript(2, revisions.next))).code).toBe(0);
  });

  test("a release that the host has already needs no room: a rollback goes on, and so does a restore", async () => {
    await host.withNextRelease();
    expect(existsSync(path("reserve"))).toBe(true);
    free(0, 0);
    const back = await host.run(host.deployScript(3, revisions.old));
    expect(said(back)).toMatchObject({ ok: true, now: "new" });
    // What was kept for this very case.
    expect(existsSync(path("reserve"))).toBe(false);
    expect(said(await host.run(host.restoreScript(3)))).toMatchObject({ ok: true, now: "old" });
  });
});

describe("records", () => {
  const corrupt = [
    ["deployments/2.previous", ""],
    ["deployments/2.previous", "releases/c6a3"],
    ["deployments/2.previous", "\n"],
    ["fence", ""],
    ["fence", "2x\n"],
  ] as const;

  test.each(corrupt)("a restore does not take an empty or torn one for nothing: %s %j", async (name, text) => {
    await host.withNextRelease();
    writeFileSync(path(name), text);
    host.set("calls", "");
    const back = await host.run(host.restoreScript(2));
    expect(back.code).toBe(16);
    expect(said(back)).toMatchObject({ ok: false, now: "unknown", current: { revision: revisions.next } });
    expect(said(back)["message"]).toContain(`${name} is empty or torn, so nothing was touched`);
    expect(host.read("calls")).not.toMatch(/ (up|down|pull|run) /);
    expect(readlinkSync(path("current"))).toBe(`releases/${short(revisions.next)}`);
    expect(readFileSync(path(name), "utf8")).toBe(text);
  });

  test.each(corrupt)("nor does a deployment that goes on where it was stopped: %s %j", async (name, text) => {
    await host.withOldRelease();
    writeFileSync(path(name), text);
    const ran = await host.run(host.deployScript(2, revisions.next));
    expect(ran.code).toBe(10);
    expect(host.read("release")).toBe(revisions.old);
    expect(host.read("calls")).not.toContain("pull -q 127.0.0.1:5000/app/bundle@" + digestOf("bundleb"));
  });

  test("a torn `current` is not an empty host", async () => {
    await host.withOldRelease();
    rmSync(path("current"));
    writeFileSync(path("current"), "");
    const ran = await host.run(host.deployScript(2, revisions.next));
    expect(said(ran)).toMatchObject({ code: 10, now: "unknown" });
    expect(said(await host.run(host.statusScript()))["current"]).not.toBeNull();
  });

  test("a switch that was begun and whose way back is lost is not taken for a first deployment", async () => {
    await host.withNextRelease();
    rmSync(path("deployments", "2.previous"));
    expect(said(await host.run(host.restoreScript(2)))).toMatchObject({ code: 16, now: "unknown" });
  });

  test("what compose did not tell leaves the record as it was: the way back needs it", async () => {
    await host.withOldRelease();
    const before = record(`releases/${short(revisions.old)}/services`);
    host.set("fail-services", "");
    expect(said(await host.run(host.deployScript(2, revisions.old)))).toMatchObject({ code: 10, now: "old" });
    expect(record(`releases/${short(revisions.old)}/services`)).toBe(before);
  });

  test("nothing is written as such", async () => {
    await host.run(host.deployScript(1, revisions.old));
    expect(record("deployments/1.previous")).toBe("none\n");
  });

  test("each is on the disk before it gets its name", async () => {
    host.program("sync", `echo "sync $*" >>${join(host.home, "order")}; exec /usr/bin/sync "$@"`);
    host.program("mv", `echo "mv \${!#}" >>${join(host.home, "order")}; exec /usr/bin/mv "$@"`);
    await host.run(host.deployScript(1, revisions.old));
    const order = readFileSync(join(host.home, "order"), "utf8").trim().split("\n");
    expect(order.indexOf(`sync ${host.root}`)).toBeGreaterThan(order.indexOf(`mv ${host.root}/current`));
    const named = order.filter((line) => line.startsWith("mv ") && !line.endsWith("/current"));
    for (const line of named) {
      const name = line.slice(3);
      const before = order.slice(0, order.indexOf(line)).join("\n");
      const synced = /releases\/[0-9a-f]{12}$/.test(name)
        ? /sync .*\/releases\/\.new\.\d+\/complete/
        : `sync ${name}.new`;
      expect(before).toMatch(synced);
    }
    expect(named.map((line) => line.slice(3).replace(host.root, ""))).toEqual(
      expect.arrayContaining([
        "/fence",
        "/deployments/1.previous",
        "/deployments/1.switch",
        "/history",
        "/deployments/1.1.done",
      ]),
    );
  });

  test("where the record of the current release is torn, its files still tell which one it is", async () => {
    await host.withOldRelease();
    writeFileSync(path("releases", short(revisions.old), "record"), "");
    expect(said(await host.run(host.statusScript()))["current"]).toEqual({
      number: 0,
      revision: revisions.old,
      bundle: digestOf("bundlea"),
      slot: null,
      at: "",
    });
    host.set("unhealthy", `web ${revisions.next}\n`);
    expect(said(await host.run(host.deployScript(2, revisions.next, seldom)))).toMatchObject({ code: 15, now: "old" });
  });
});

test("nothing that a release must find stands in the way back: what is too old for it, or too full", async () => {
  await host.withNextRelease();
  host.set("docker-version", "19.03.1");
  host.program("df", 'echo head; echo "x 100 99 1 99% /"');
  expect(said(await host.run(host.restoreScript(2)))).toMatchObject({ ok: true, now: "old", warnings: [] });
});
