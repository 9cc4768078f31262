import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import { dockerCompose } from "../../../src/lib/compose/docker-compose.ts";
import { listMigrations } from "../../../src/lib/stack/list-migrations.ts";
import { aConfig } from "../../fakes/config.ts";
import { scriptedDocker } from "../docker/scripted-docker.ts";

const { signal } = new AbortController();
const environment = new Map([
  ["SECRET_KEY", "hunter2"],
  ["PATH", "/nowhere"],
  ["DOCKER_HOST", "tcp://nowhere"],
]);
const migrations = { service: "web", command: ["python3", "manage.py", "list migrations"] };

function asked(reply: Parameters<typeof scriptedDocker>[0], runtime: object = { migrations }) {
  const config = aConfig({ runtime: { compose: "compose.yml", ...runtime } });
  const compose = dockerCompose({ processes: scriptedDocker(reply), clock: systemClock, env: {} });
  return listMigrations({ image: "threads-web:1", environment }, { config, compose, signal });
}

const one = { name: "posts.0001", kind: "expand" };

test("an image is asked by itself, and no value of its environment stands on a command line", async () => {
  const seen: unknown[] = [];
  const found = await asked((args, { env }) => {
    seen.push(args.join(" "), env);
    return JSON.stringify(one);
  });
  expect(found).toEqual([one]);
  expect(seen).toEqual([
    "run --rm --init --network none --pull never --env SECRET_KEY threads-web:1 python3 manage.py list migrations",
    // What docker's own client reads is not given to it.
    { SECRET_KEY: "hunter2" },
  ]);
});

test("a line is one for a shell", async () => {
  const seen: (readonly string[])[] = [];
  await asked(
    (args) => {
      seen.push(args.slice(-4));
      return "[]";
    },
    { migrations: { ...migrations, command: "cat /migrations | sort" } },
  );
  expect(seen).toEqual([["threads-web:1", "sh", "-c", "cat /migrations | sort"]]);
});

test("an answer that a busy engine has lost is asked for once more", async () => {
  const answers = ["\n", JSON.stringify(one)];
  expect(await asked(() => answers.shift() ?? "asked a third time")).toEqual([one]);
});

test("without a command nothing is known, and nothing is run", async () => {
  expect(await asked(() => expect.fail("docker was asked"), {})).toBeUndefined();
});

describe("what cannot be read names the command", () => {
  const named = "web: python3 manage.py 'list migrations'";

  test("and the line", async () => {
    await expect(asked(() => `${JSON.stringify(one)}\nloading`)).rejects.toMatchObject({
      code: "MIGRATIONS_UNREADABLE",
      exitCode: 5,
      message: expect.stringContaining(`${named} lists no migrations: line 2: the line is not {"name"`),
      details: ["loading"],
      next: ["threads smoke"],
    });
    await expect(asked(() => "")).rejects.toMatchObject({
      message: `${named} lists no migrations: it printed nothing; [] says that there are none`,
    });
  });

  test("and how it ended, with its last words", async () => {
    const stderr = "Traceback\nImproperlyConfigured: SECRET_KEY";
    await expect(asked(() => ({ exitCode: 1, stderr }))).rejects.toMatchObject({
      code: "MIGRATIONS_UNREADABLE",
      message: `${named} ended with exit code 1: ImproperlyConfigured: SECRET_KEY`,
      details: stderr.split("\n"),
    });
  });

  test("but not where docker is down", async () => {
    const stderr = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";
    await expect(asked(() => ({ exitCode: 1, stderr }))).rejects.toMatchObject({ code: "DOCKER_DOWN" });
  });
});
