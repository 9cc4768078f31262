import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/lib/clock/clock.ts";
import { until } from "../../src/lib/clock/until.ts";
import { docker, end } from "./docker-tools.ts";

describe("the stand-ins keep the contract of the official images", () => {
  const name = `threads-stand-ins-test-${process.pid}`;
  const image = { postgres: `${name}:postgres`, redis: `${name}:redis`, haproxy: `${name}:haproxy` };
  const folderOf = (of: string) => join(import.meta.dirname, "..", "..", "bin", "stand-ins", of);
  let folder: string;
  const label = ["--label", `org.threads.test=${name}`];
  const throwAway = ["run", "--rm", "--network", name, ...label];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "threads-stand-ins-test-"));
    for (const of of ["postgres", "redis", "haproxy"] as const) {
      await docker("build", "--quiet", "--tag", image[of], folderOf(of));
    }
    await docker("network", "create", ...label, name);
  });

  afterAll(async () => {
    const mine = (await docker("ps", "--all", "--quiet", "--filter", `label=org.threads.test=${name}`)).split("\n");
    await end("docker", ["rm", "--force", "--volumes", ...mine]);
    await end("docker", ["volume", "rm", "--force", `${name}-pg`, `${name}-redis`]);
    await end("docker", ["network", "rm", name]);
    await end("docker", ["image", "rm", ...Object.values(image)]);
    await rm(folder, { recursive: true });
  });

  /** Waits until the command succeeds in the container; fails with the container's log. */
  async function ready(container: string, ...command: readonly string[]): Promise<void> {
    const done = await until(
      async () => ((await end("docker", ["exec", container, ...command])).code === 0 ? true : undefined),
      { clock: systemClock, timeoutMs: 60_000, pauseMs: 100 },
    );
    if (done === undefined) throw new Error(`${container}: ${(await end("docker", ["logs", container])).stderr}`);
  }

  /** Stops the container with 5 s until it is killed; 0 says that it went by itself. */
  async function stopped(container: string): Promise<string> {
    await docker("stop", "--time", "5", container);
    return docker("inspect", "--format", "{{.State.ExitCode}}", container);
  }

  const owner = (container: string) => docker("exec", container, "sed", "-n", "s/^Uid:.//p", "/proc/1/status");

  describe("postgres:17", () => {
    const server = `${name}-pg`;
    const passwords = [
      "--env",
      "POSTGRES_USER=shop",
      "--env",
      "POSTGRES_PASSWORD=s3 c$r'et",
      "--env",
      "POSTGRES_DB=shelf",
    ];
    const volume = ["--volume", `${name}-pg:/var/lib/postgresql/data`];
    const create = (...settings: readonly string[]) =>
      docker("create", "--name", server, "--network", name, ...label, ...volume, ...settings);
    const isReady = ["pg_isready", "--quiet", "--host", "127.0.0.1"];

    /** psql in another container, over TCP. */
    const query = async (password: string, sql: string) => {
      const { stdout, ...ended } = await end("docker", [
        ...throwAway,
        "--env",
        `PGPASSWORD=${password}`,
        image.postgres,
        ...`psql --no-password --host ${server} --username shop --dbname shelf -Atc`.split(" "),
        sql,
      ]);
      return { ...ended, stdout: stdout.trimEnd() };
    };

    beforeAll(async () => {
      await create(...passwords, image.postgres, "-c", "max_connections=33");
      const init = join(folder, "init");
      await mkdir(init);
      await writeFile(join(init, "1.sql"), "create table seen (what text)");
      await writeFile(
        join(init, "2.sh"),
        `pg_isready --quiet --host 127.0.0.1 && tcp=open || tcp=closed
        psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --command "insert into seen values ('$tcp')"`,
      );
      await docker("cp", `${init}/.`, `${server}:/docker-entrypoint-initdb.d`);
      await docker("start", server);
      await ready(server, ...isReady);
    });

    it("makes the user and the database, and runs the init files while TCP is closed", async () => {
      const { stdout } = await query("s3 c$r'et", "select current_user, current_database(), what from seen");
      expect(stdout).toBe("shop|shelf|closed");
    });

    it("refuses a wrong password and none over TCP", async () => {
      for (const password of ["wrong", ""]) {
        const { code, stderr } = await query(password, "select 1");
        expect(code).toBe(2);
        expect(stderr).toMatch(/password authentication failed|no password supplied/);
      }
    });

    it("passes arguments to the server, which is version 17, sorts by en_US.utf8 and is not root", async () => {
      const { stdout } = await query(
        "s3 c$r'et",
        "select current_setting('max_connections'), current_setting('server_version_num')::int / 10000, datcollate from pg_database where datname = 'shelf'",
      );
      expect(stdout).toBe("33|17|en_US.utf8");
      expect(await owner(server)).toBe("999\t999\t999\t999");
    });

    it("stops at once although a client is connected, and keeps its data for the next container", async () => {
      await docker(
        "exec",
        "--detach",
        server,
        "psql",
        "-h",
        "127.0.0.1",
        "-U",
        "shop",
        "shelf",
        "-c",
        "select pg_sleep(60)",
      );
      await ready(
        server,
        "bash",
        "-c",
        `psql -h 127.0.0.1 -U shop shelf -Atc "select query from pg_stat_activity" | grep -q '^select pg_sleep'`,
      );
      expect(await stopped(server)).toBe("0");
      await docker("rm", server);
      await create("--env", "POSTGRES_PASSWORD=another", image.postgres);
      await docker("start", server);
      await ready(server, ...isReady);
      expect((await query("another", "select 1")).code).toBe(2);
      expect((await query("s3 c$r'et", "select what from seen")).stdout).toBe("closed");
      expect(await stopped(server)).toBe("0");
    });

    it("does not start without a password unless it is told to trust everybody", async () => {
      const { code, stderr } = await end("docker", ["run", "--rm", ...label, image.postgres]);
      expect(code).toBe(1);
      expect(stderr).toContain("no POSTGRES_PASSWORD");
      const open = `${name}-open`;
      await docker(
        "run",
        "--detach",
        "--name",
        open,
        ...label,
        "--env",
        "POSTGRES_HOST_AUTH_METHOD=trust",
        image.postgres,
      );
      await ready(open, ...isReady);
      expect(await stopped(open)).toBe("0");
    });
  });

  describe("redis:7", () => {
    const server = `${name}-redis`;
    const volume = ["--volume", `${name}-redis:/data`];
    const start = (...command: readonly string[]) =>
      docker("run", "--detach", "--name", server, "--network", name, ...label, ...volume, image.redis, ...command);
    /** redis-cli in another container: protected mode would refuse it. */
    const ask = (...words: readonly string[]) => docker(...throwAway, image.redis, "redis-cli", "-h", server, ...words);

    it("answers other containers, is of the 7 series and not root", async () => {
      await start("redis-server", "--appendonly", "yes");
      await ready(server, "redis-cli", "ping");
      expect(await ask("ping")).toBe("PONG");
      expect(await ask("info", "server")).toMatch(/^redis_version:7\./m);
      expect(await ask("config", "get", "appendonly")).toBe("appendonly\nyes");
      expect(await owner(server)).toBe("999\t999\t999\t999");
    });

    it("stops at once and keeps /data for the next container", async () => {
      expect(await ask("set", "shelf", "full")).toBe("OK");
      expect(await stopped(server)).toBe("0");
      await docker("rm", server);
      await start("--appendonly", "yes");
      await ready(server, "redis-cli", "ping");
      expect(await ask("get", "shelf")).toBe("full");
      expect(await stopped(server)).toBe("0");
    });
  });

  describe("haproxy:3.0", () => {
    const server = `${name}-haproxy`;
    const socket = "/var/lib/haproxy/admin.sock";
    const config = `
      global
        stats socket ${socket} mode 600 level admin
      defaults
        mode http
        timeout connect 1s
        timeout client 1m
        timeout server 1m
      frontend all
        bind :8080
        http-request return status 200 content-type text/plain string "hello"
`;
    /** One command at the runtime socket, with nothing but what the image has. */
    const ask = (command: string) =>
      docker(
        "exec",
        server,
        "perl",
        "-MIO::Socket::UNIX",
        "-e",
        "my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die $!; print $s qq($ARGV[1]\n); print while <$s>",
        socket,
        command,
      );
    const start = async (...command: readonly string[]): Promise<void> => {
      const file = join(folder, "haproxy.cfg");
      await writeFile(file, config);
      await docker("create", "--name", server, "--network", name, ...label, image.haproxy, ...command);
      await docker("cp", file, `${server}:/usr/local/etc/haproxy/haproxy.cfg`);
      await docker("start", server);
      await ready(server, "test", "-S", socket);
    };

    afterEach(async () => {
      await end("docker", ["rm", "--force", server]);
    });

    it("is of the 3.0 series, not root, and answers at its runtime socket", async () => {
      await start();
      expect(await ask("show info")).toMatch(/^Version: 3\.0\./m);
      expect(await owner(server)).toBe("99\t99\t99\t99");
      const get = `use IO::Socket::INET; my $s = IO::Socket::INET->new("${server}:8080") or die $!; print $s "GET / HTTP/1.0\r\n\r\n"; print while <$s>`;
      expect(await docker(...throwAway, image.haproxy, "perl", "-e", get)).toMatch(/^HTTP\/1\.\d 200 .*hello$/s);
    });

    it("is a master with workers, in the foreground, whatever arguments it is given", async () => {
      await start("-f", "/usr/local/etc/haproxy/haproxy.cfg", "-V");
      const words = (await docker("exec", server, "cat", "/proc/1/cmdline")).split("\0");
      expect(words.slice(0, 6)).toEqual(["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg", "-V"]);
      expect(await docker(...throwAway, image.haproxy, "echo", "as it is")).toBe("as it is");
    });

    it("stops softly, and at once where nothing is under way", async () => {
      await start();
      expect(await docker("inspect", "--format", "{{.Config.StopSignal}}", server)).toBe("SIGUSR1");
      expect(await stopped(server)).toBe("0");
    });
  });
});
