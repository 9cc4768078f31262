import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DeployScript } from "../../src/lib/script/host-scripts.ts";
import { digestOf, needed, revisions, said, StubHost } from "./host.ts";

// What a host says before anything of the application is touched: the cause, and what to do.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => host.reset());
afterAll(() => host.close());

const { old, next } = revisions;
const registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

/** Runs a first deployment, which must be refused with nothing begun. @returns the sentence */
async function refused(change: Partial<DeployScript> = {}, code = 10): Promise<string> {
  const summary = said(await host.run(host.deployScript(1, old, change)));
  expect(summary).toMatchObject({ ok: false, code, now: "old" });
  expect(host.read("calls")).not.toMatch(/ up -d| up --no-start| run --rm --no-deps/);
  return String(summary["message"]);
}
const accepted = async (change: Partial<DeployScript> = {}): Promise<readonly string[]> => {
  const summary = said(await host.run(host.deployScript(1, old, change)));
  expect(summary).toMatchObject({ ok: true, now: "new" });
  return summary["warnings"] as readonly string[];
};

/** A program that reads other files than it is told to. */
function reading(program: string, files: Readonly<Record<string, string>>): void {
  const cases = Object.entries(files).map(([path, text], at) => {
    const file = join(host.home, `${program}-${at}`);
    writeFileSync(file, text);
    return `${path}) args+=(${file}) ;;`;
  });
  host.program(
    program,
    `args=(); for arg; do case $arg in ${cases.join(" ")} *) args+=("$arg") ;; esac; done; exec /usr/bin/${program} "\${args[@]}"`,
  );
}

describe("the tools of a minimal host", () => {
  test("what is asked for is enough for a deployment in slots, and for the way back", async () => {
    host.inSlots = true;
    const script = host.deployScript(1, old);
    const first = await host.run(host.closed(script, needed(script)));
    expect(said(first)).toEqual(expect.objectContaining({ ok: true, now: "new" }));
    host.set("unhealthy", `celery ${next}\n`);
    const failing = host.deployScript(2, next, { pause: 0.2 });
    expect(said(await host.run(host.closed(failing, needed(failing))))).toMatchObject({ code: 15, now: "old" });
    expect(readFileSync(join(host.root, "log", "2.log"), "utf8")).not.toContain("command not found");
    expect(readFileSync(join(host.root, "log", "1.log"), "utf8")).not.toContain("command not found");
  });

  test.each([
    ["flock", "util-linux"],
    ["gzip", "gzip"],
    ["timeout", "coreutils"],
    ["find", "findutils"],
  ])("without %s, that and the package are named, and a status says it too", async (tool, name) => {
    const script = host.deployScript(1, old);
    const rest = needed(script).filter((one) => one !== tool);
    const ran = await host.run(host.closed(script, rest));
    expect({ ...said(ran), code: ran.code }).toMatchObject({
      code: 10,
      ok: false,
      now: "old",
      message: `this host lacks ${tool} (package ${name})`,
    });
    expect(existsSync(host.root)).toBe(false);
    mkdirSync(host.root);
    writeFileSync(join(host.root, "lock"), "");
    const look = await host.run(host.closed(host.statusScript(), rest));
    expect(said(look)).toMatchObject({ message: `this host lacks ${tool} (package ${name})`, busy: false });
  });

  test("those of busybox have the names only", async () => {
    host.program("date", "echo %N");
    expect(await refused()).toBe("this host lacks a date that tells nanoseconds (package coreutils)");
    rmSync(join(host.home, "bin", "date"));
    host.program("timeout", "exit 1");
    expect(await refused()).toBe("this host lacks a timeout that knows --foreground (package coreutils)");
  });

  test("a bash that is too old for our lists, with its version", async () => {
    const withBash = (...version: number[]): string => {
      const script = host.deployScript(1, old).replaceAll("BASH_VERSINFO", "version");
      return script.replace("missing=''", `version=(${version.join(" ")}) missing=''`);
    };
    expect(said(await host.run(withBash(4, 3)))["message"]).toMatch(/^this host lacks bash 4\.4 \(it is \d.*\)$/);
    // That one has no clock of its own, which a deployment is timed by.
    const oldest = withBash(4, 4).replace("missing=''", "missing=''; unset EPOCHREALTIME");
    const { timings, ...rest } = said(await host.run(oldest));
    expect(rest).toMatchObject({ ok: true });
    const took = (timings as [string, number][]).map(([, ms]) => ms);
    expect(took.length).toBeGreaterThan(5);
    expect(took.filter((ms) => ms < 0 || ms > 100_000)).toEqual([]);
  });

  test("a way back is tried all the same, and one that cannot be unpacked says so", async () => {
    await host.withNextRelease();
    const script = host.restoreScript(2);
    expect(said(await host.run(script.replace("need gzip gzip", "need gzip gzip unheard-of")))).toMatchObject({
      ok: true,
      now: "old",
      warnings: ["this host lacks unheard-of (package gzip)"],
    });
    host.program("gzip", "exit 1");
    const ran = await host.run(host.restoreScript(2, { nonce: "again" }));
    expect({ ...said(ran), code: ran.code }).toMatchObject({
      code: 16,
      now: "unknown",
      message: "the script cannot be unpacked on this host",
    });
    // What an earlier switch has left may be half of one: nobody knows then what is served.
    expect(said(await host.run(host.deployScript(3, next)))).toMatchObject({ code: 10, now: "old" });
    writeFileSync(join(host.root, "deployments", "2.switch"), "");
    expect(said(await host.run(host.deployScript(3, next)))).toMatchObject({ code: 10, now: "unknown" });
  });

  test("the log begins with what is brought, and says nothing of how", async () => {
    await host.run(host.deployScript(1, old));
    const [line = ""] = readFileSync(join(host.root, "log", "1.log"), "utf8").split("\n");
    expect(line).toMatch(/Z deployment 1: deploy [0-9a-f]{12}$/);
  });
});

describe("docker", () => {
  test.each([
    ["docker-version", "20.9.3", "Docker is 20.9.3 here, and 20.10 is the oldest that will do"],
    ["docker-version", "19.03.15", "Docker is 19.03.15 here, and 20.10 is the oldest that will do"],
    ["compose-version", "v2.23.3", "Docker Compose is v2.23.3 here, and 2.24 is the oldest that will do"],
    ["compose-version", "1.29.2", "Docker Compose is 1.29.2 here, and 2.24 is the oldest that will do"],
  ])("too old: %s %s", async (name, version, says) => {
    host.set(name, version);
    expect(await refused()).toBe(says);
  });

  test.each([
    ["20.10.24+dfsg1", "2.24.0-birthday.10"],
    ["dev", "5.0.1"],
  ])("docker %s and compose %s will do", async (docker, compose) => {
    host.set("docker-version", docker);
    host.set("compose-version", compose);
    expect(await accepted()).toEqual([]);
  });
});

describe("room", () => {
  /** df, which finds little below one place. */
  const little = (place: string, kind: string, free = 999): void =>
    host.program(
      "df",
      `echo; [[ $1 == ${kind} && \${!#} == *${place} ]] && echo x 9 9 ${free} 9 || echo x 9 9 99999999 9`,
    );
  const contents = "/contents";
  const containerd = (): void => {
    mkdirSync(join(host.home, contents));
    reading("sed", { "/etc/containerd/config.toml": `version = 2\nroot = "${join(host.home, contents)}"\n` });
  };

  test("containerd's folder, where that keeps the images", async () => {
    containerd();
    little(contents, "-Pk");
    host.set("driver", "[[driver-type io.containerd.snapshotter.v1]]");
    const says = await refused();
    expect(says).toContain(`only 0 MiB of disk are free under ${join(host.home, contents)}, 512 are needed`);
    expect(says).toContain("docker system df");
    expect(host.read("calls")).not.toContain("pull");
  });

  test("and only there", async () => {
    containerd();
    little(contents, "-Pk");
    host.set("driver", "[[Backing Filesystem extfs]]");
    expect(await accepted()).toEqual([]);
  });

  test("for files, not for bytes alone", async () => {
    little("/threads", "-Pi");
    expect(await refused()).toBe(`there is room for only 999 more files under ${host.root}`);
    little("/threads", "-Pi", 1_000);
    expect(await accepted({ number: 2 })).toEqual([]);
    host.program("df", "echo; [[ $1 == -Pi ]] && echo x 0 0 0 - || echo x 9 9 99999999 9");
    expect(said(await host.run(host.deployScript(3, next)))).toMatchObject({ ok: true, warnings: [] });
  });
});

describe("memory for two slots", () => {
  const mebibyte = 1024 * 1024;
  /** What is used by the slots, and what is free, in MiB. */
  function memory({ blue = 0, green = 0, free = 0, swap = 0, own = "" }): void {
    const group = (name: string, used: number): string => {
      mkdirSync(join(host.home, name), { recursive: true });
      const text = `anon ${used * mebibyte}\nfile ${5000 * mebibyte}\n`;
      writeFileSync(join(host.home, name, "memory.stat"), text);
      return `0::${own}/../../..${host.home}/${name}\n`;
    };
    const groups = { "/proc/4242/cgroup": group("b", blue), "/proc/4343/cgroup": group("g", green) };
    reading("sed", { ...groups, ...(own !== "" && { "/proc/self/cgroup": `0::${own}\n` }) });
    reading("awk", {
      "/proc/meminfo": `MemTotal: 9999999 kB\nMemAvailable: ${free * 1024} kB\nSwapFree: ${swap * 1024} kB\n`,
    });
  }
  const deploy = async (): Promise<Record<string, unknown>> => said(await host.run(host.deployScript(2, next)));
  beforeEach(async () => {
    host.inSlots = true;
    await host.withOldRelease();
  });

  test("there must be as much as the slot that serves uses: four containers of 100 MiB", async () => {
    memory({ blue: 100, free: 399 });
    expect(await deploy()).toMatchObject({
      code: 10,
      now: "old",
      message:
        "two slots need more memory than there is: what serves uses 400 MiB, and 399 MiB are free; set runtime.strategy: recreate, or take a larger host",
    });
  });

  test.each([
    ["just enough", { blue: 100, free: 400 }],
    ["some of it on disk", { blue: 100, free: 300, swap: 100 }],
    ["nothing known of what is used", { free: 1 }],
  ])("%s", async (_, what) => {
    memory(what);
    expect(await deploy()).toMatchObject({ ok: true });
  });

  test.each([
    ["cgroup v2", "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"],
    ["cgroup v1", "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"],
  ])("where the host is a container, what its own limit leaves counts: %s", async (version, limit, current) => {
    memory({ blue: 100, free: 9999 });
    const files = (version === "cgroup v2" ? "" : "total_") + "inactive_file";
    const stat = join(host.home, "own.stat");
    writeFileSync(stat, `${files} ${99 * mebibyte}\nactive_anon ${500 * mebibyte}\n`);
    const has = (most: string): void => {
      const absent = version === "cgroup v2" ? "" : "*/memory.max) exit 1 ;; ";
      host.program(
        "cat",
        `case \${1:-} in ${absent}${limit}) echo ${most} ;; ${current}) echo ${700 * mebibyte} ;; *) exec /usr/bin/cat "$@" ;; esac`,
      );
    };
    host.program(
      "awk",
      `args=(); for arg; do case $arg in /sys/fs/cgroup/memory.stat | /sys/fs/cgroup/memory/memory.stat) args+=(${stat}) ;; /proc/meminfo) args+=(${host.home}/awk-0) ;; *) args+=("$arg") ;; esac; done; exec /usr/bin/awk "\${args[@]}"`,
    );
    has(String(1000 * mebibyte));
    expect(await deploy()).toMatchObject({ code: 10, message: expect.stringContaining("399 MiB are free") });
    has(String(1001 * mebibyte));
    expect(said(await host.run(host.deployScript(3, next)))).toMatchObject({ ok: true });
  });

  test("where it is one, what its containers use stands below its own group, which files do not show", async () => {
    memory({ blue: 100, free: 399, own: "/no/such" });
    expect(await deploy()).toMatchObject({ code: 10, message: expect.stringContaining("what serves uses 400 MiB") });
  });

  test("and no limit is none", async () => {
    memory({ blue: 100, free: 400 });
    host.program(
      "cat",
      `case \${1:-} in */memory.max) echo max ;; */memory.current) echo 5 ;; *) exec /usr/bin/cat "$@" ;; esac`,
    );
    expect(await deploy()).toMatchObject({ ok: true });
  });

  test("a slot that is warm makes room first", async () => {
    await deploy();
    memory({ blue: 60, green: 100, free: 161 });
    // Its containers are there, so it counts as far as it uses anything.
    expect(said(await host.run(host.deployScript(3, revisions.third)))).toMatchObject({ ok: true });
  });

  test("going back to what is whole there is not refused", async () => {
    await deploy();
    memory({ green: 100, free: 1 });
    expect(said(await host.run(host.deployScript(3, old)))).toMatchObject({
      ok: true,
      warnings: [expect.stringContaining("two slots need more memory")],
    });
  });
});

describe("the clock", () => {
  const off = (seconds: number): Partial<DeployScript> => ({ sentAt: Date.now() - seconds * 1000 });
  /** As far off as the time allows that has passed since `at`: the clock goes on while the script is made and run. */
  const expectNear = (says = "", seconds: number, at: number): void => {
    const told = Number(/\d+(?= s )/.exec(says)?.[0]);
    expect(Math.abs(told - seconds)).toBeLessThanOrEqual(1 + (Date.now() - at) / 1000);
  };

  test.each([
    [400, "ahead"],
    [-400, "behind"],
  ])("%d s off: refused, with how much", async (seconds, how) => {
    const at = Date.now();
    const says = await refused(off(seconds));
    expect(says).toMatch(
      new RegExp(`^the clock of this host is \\d+ s ${how} of the one .* .timedatectl set-ntp true.$`),
    );
    expectNear(says, Math.abs(seconds), at);
    expect(host.read("calls")).not.toContain("pull");
  });

  test("less is a warning, and little is nothing", async () => {
    const at = Date.now();
    const [warning, ...more] = await accepted(off(200));
    expect(warning).toMatch(/clock of this host is \d+ s ahead/);
    expectNear(warning, 200, at);
    expect(more).toEqual([]);
    host.reset();
    expect(await accepted(off(60))).toEqual([]);
  });

  test("the same order after a reboot is as old as it is", async () => {
    host.set("down", "");
    const script = host.deployScript(1, old, off(400));
    expect(said(await host.run(script))).toMatchObject({ code: 10 });
    host.unset("down");
    expect(said(await host.run(script))).toMatchObject({ ok: true });
  });
});

describe("the login of root's docker", () => {
  const atAmazon = (): Partial<DeployScript> => ({
    bundle: `${registry}/app/bundle@${digestOf("bundlea")}`,
  });
  const config = (text: string): void => reading("cat", { "/root/.docker/config.json": text });
  const advice = `install amazon-ecr-credential-helper, and write {"credHelpers":{"${registry}":"ecr-login"}} into /root/.docker/config.json`;

  test.each([
    ["no file", ""],
    ["that of another registry", '{"credHelpers": {"210987654321.dkr.ecr.eu-west-1.amazonaws.com": "ecr-login"}}'],
    ["nothing behind its name", `{"auths": {"${registry}": {}}}`],
  ])("%s: refused before a pull, with what to write", async (_, text) => {
    config(text);
    expect(await refused(atAmazon())).toBe(`root's docker has no login for ${registry}: ${advice}`);
    expect(host.read("calls")).not.toContain("pull");
  });

  test("so it is with the name that ECR has for both kinds of addresses", async () => {
    config("");
    const name = "123456789012.dkr-ecr.eu-west-1.on.aws";
    expect(await refused({ bundle: `${name}/app/bundle@${digestOf("bundlea")}` })).toContain(`no login for ${name}:`);
  });

  test("a helper that is not installed", async () => {
    config(`{"credHelpers": {\n "${registry}": "no-such"}}`);
    expect(await refused(atAmazon())).toBe(
      `the login for ${registry} is that of docker-credential-no-such, which is not installed: ${advice}`,
    );
  });

  test.each([
    ["a helper", `{"credHelpers": { "${registry}" : "own-helper" }}`],
    ["a store of logins", `{"auths": {"${registry}": {}}, "credsStore": "own-helper"}`],
    ["a login by hand", `{"auths": {"https://${registry}": {"auth": "QVdTOng="}}}`],
  ])("%s will do", async (_, text) => {
    config(text);
    host.program("docker-credential-own-helper", "exit 1");
    expect(await accepted(atAmazon())).toEqual([]);
  });

  test.each([
    ["no basic auth credentials", "root's docker has no login that 127.0.0.1:5000 takes: install amazon-ecr"],
    ["denied: Your authorization token has expired. Reauthenticate", "root's docker has no login that"],
    ["denied: User: arn:aws:sts::1:assumed-role/h is not authorized", "the role of this host needs ecr:BatchGetImage"],
  ])("a registry that says %s is not asked again", async (words, says) => {
    host.set("fail-pull", "127.0.0.1:5000/app/nginx\n");
    host.set("pull-says", `Error response from daemon: ${words}\n`);
    const message = await refused({}, 13);
    expect(message).toContain(says);
    expect(message).toContain(words);
    expect(host.read("calls").match(/^pull .*nginx/gm)).toHaveLength(1);
  });

  test("one that does not answer is", async () => {
    host.set("fail-pull", "127.0.0.1:5000/app/nginx\n");
    host.set("pull-says", "i/o timeout\n");
    expect(await refused({}, 13)).toMatch(/^could not pull [^ ]*: i\/o timeout$/);
    expect(host.read("calls").match(/^pull .*nginx/gm)).toHaveLength(3);
  });
});

describe("another application on this host", () => {
  test("is told whose host it is, and nothing is touched; nor is it by going back", async () => {
    await accepted();
    expect(said(await host.run(host.deployScript(2, next, { app: "other" })))).toMatchObject({
      code: 10,
      now: "old",
      message: expect.stringMatching(/^this host has the application app, and takes no second one: give other hosts/),
    });
    const back = said(await host.run(host.restoreScript(2, { app: "other" })));
    expect(back).toMatchObject({ code: 10, now: "old" });
    expect(host.read("release")).toBe(old);
    expect(said(await host.run(host.deployScript(3, next)))).toMatchObject({ ok: true });
  });
});
