import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandText } from "../../../src/lib/process/processes.ts";
import { type Images, inside } from "../../../src/lib/sandbox/container-spec.ts";
import { containerSpecs, fingerprint, startCommand } from "../../../src/lib/sandbox/containers.ts";
import * as commands from "../../../src/lib/sandbox/commands.ts";
import { hostEnvironmentFile } from "../../../src/lib/sandbox/host-environment.ts";
import { planUp } from "../../../src/lib/sandbox/plan.ts";
import { databaseSql } from "../../../src/lib/sandbox/readiness.ts";
import { aConfig } from "../../fakes/config.ts";
import { configOf, stateOf } from "./world.ts";

const images: Images = { services: "services:1", host: "host:1", postgres: "postgres:17", redis: "redis:7" };
const specs = (more: Partial<Parameters<typeof containerSpecs>[0]> = {}): ReturnType<typeof containerSpecs> =>
  containerSpecs({
    state: stateOf(),
    images,
    engineSocket: "/var/run/docker.sock",
    tags: {},
    services,
    runtime,
    checkedPath: "/",
    app: "threads",
    ...more,
  });
const services = ["postgres", "redis"] as const;
const { runtime } = aConfig();
const textOf = (part: string): string => {
  const spec = specs().find((each) => each.part === part);
  if (spec === undefined) throw new Error(part);
  return commandText(startCommand(spec, "0a1b2c3d")).replace(fingerprint(spec), "SPEC");
};

describe("the sandbox's command lines", () => {
  test("are these, exactly", () => {
    expect(
      [
        commands.listContainers("id"),
        commands.listNames("network", "id"),
        commands.listNames("volume", "id"),
        commands.createNetwork("id", "threads-id-net"),
      ].map(commandText),
    ).toMatchInlineSnapshot(`
      [
        "docker container ls --all --no-trunc --filter label=threads.sandbox=id --format '{{.Names}}	{{.State}}	{{.Label "threads.spec"}}	{{.Networks}}	{{.Status}}'",
        "docker network ls --filter label=threads.sandbox=id --format '{{.Name}}'",
        "docker volume ls --filter label=threads.sandbox=id --format '{{.Name}}'",
        "docker network create --label threads.sandbox=id threads-id-net",
      ]
    `);
  });

  test("of the containers hold every name and no value of a secret", () => {
    expect(["registry", "aws", "postgres", "redis", "prod-1"].map(textOf)).toMatchInlineSnapshot(`
      [
        "docker run --detach --name threads-0a1b2c3d-registry --label threads.sandbox=0a1b2c3d --label threads.spec=SPEC --network threads-0a1b2c3d-net --network-alias registry.internal --mount type=volume,source=threads-0a1b2c3d-registry,target=/var/lib/registry,volume-label=threads.sandbox=0a1b2c3d --env GOGC --env OTEL_TRACES_EXPORTER services:1 docker-registry serve /etc/threads/registry.yml",
        "docker run --detach --name threads-0a1b2c3d-aws --label threads.sandbox=0a1b2c3d --label threads.spec=SPEC --network threads-0a1b2c3d-net --init --network-alias aws.internal --publish 127.0.0.1:20000:20000 --mount type=volume,source=threads-0a1b2c3d-aws,target=/var/lib/sandbox,volume-label=threads.sandbox=0a1b2c3d --mount type=bind,source=/var/run/docker.sock,target=/var/run/docker.sock --env PORT --env REGISTRY_URL --env STATE_DIR --env SANDBOX_ENDPOINT --env SANDBOX_ACCOUNT --env AWS_REGION --env SANDBOX_ACCESS_KEY_ID --env SANDBOX_SECRET_ACCESS_KEY --env SANDBOX_ID --env DOCKER_SOCKET services:1 node dist/lib/sandbox/server/main.js",
        "docker run --detach --name threads-0a1b2c3d-postgres --label threads.sandbox=0a1b2c3d --label threads.spec=SPEC --network threads-0a1b2c3d-net --network-alias postgres.internal --mount type=volume,source=threads-0a1b2c3d-postgres,target=/var/lib/postgresql/data,volume-label=threads.sandbox=0a1b2c3d --shm-size 64m --env POSTGRES_PASSWORD postgres:17 postgres -c shared_buffers=16MB -c max_connections=100 -c synchronous_commit=off -c jit=off -c max_wal_size=128MB -c max_worker_processes=2 -c max_logical_replication_workers=0",
        "docker run --detach --name threads-0a1b2c3d-redis --label threads.sandbox=0a1b2c3d --label threads.spec=SPEC --network threads-0a1b2c3d-net --network-alias redis.internal --mount type=volume,source=threads-0a1b2c3d-redis,target=/data,volume-label=threads.sandbox=0a1b2c3d redis:7 redis-server --appendonly yes --save '' --maxmemory 128mb --maxmemory-policy noeviction",
        "docker run --detach --name threads-0a1b2c3d-prod-1 --label threads.sandbox=0a1b2c3d --label threads.spec=SPEC --network threads-0a1b2c3d-net --privileged --hostname prod-1 --publish 127.0.0.1:20001:80 --mount type=volume,source=threads-0a1b2c3d-prod-1-docker,target=/var/lib/docker,volume-label=threads.sandbox=0a1b2c3d --mount type=volume,source=threads-0a1b2c3d-prod-1-etc,target=/etc/threads,volume-label=threads.sandbox=0a1b2c3d --mount type=volume,source=threads-0a1b2c3d-prod-1-lib,target=/var/lib/threads,volume-label=threads.sandbox=0a1b2c3d --label threads.host=i-0123456789abcdef0 --label threads.tag.threads-env=prod --label threads.tag.Name=prod-1 --label threads.registered-at=2026-11-22T10:00:00.000Z --env SANDBOX_SERVER --env SANDBOX_PORT --env SANDBOX_INSTANCE_ID --env SANDBOX_ACCOUNT --env SANDBOX_REGION --env SANDBOX_ACCESS_KEY_ID --env SANDBOX_SECRET_ACCESS_KEY --env SANDBOX_SESSION_TOKEN host:1",
      ]
    `);
  });
});

describe("a container's fingerprint", () => {
  test("changes with its image, its environment and its options only", () => {
    const [first] = specs();
    if (first === undefined) throw new Error("no spec");
    expect(fingerprint({ ...first, part: "another" })).toBe(fingerprint(first));
    for (const change of [{ image: "x" }, { env: { A: "b" } }, { options: [] }, { command: ["x"] }])
      expect(fingerprint({ ...first, ...change })).not.toBe(fingerprint(first));
  });

  test("decides, with state and network, what up replaces", () => {
    const [registry, aws] = specs();
    if (registry === undefined || aws === undefined) throw new Error("no spec");
    const listed = (spec: typeof aws, more: object = {}) => ({
      name: spec.name,
      state: "running",
      spec: fingerprint(spec),
      networks: ["threads-0a1b2c3d-net"],
      status: "",
      ...more,
    });
    const wanted = [registry, aws];
    const plan = (...actual: ReturnType<typeof listed>[]) => {
      const { keep, remove, start } = planUp(wanted, actual, "0a1b2c3d");
      return { keep, remove, start: start.map(({ name }) => name) };
    };
    expect(plan()).toEqual({ keep: [], remove: [], start: [registry.name, aws.name] });
    expect(plan(listed(registry), listed(aws))).toEqual({ keep: [registry.name, aws.name], remove: [], start: [] });
    for (const wrong of [{ state: "exited" }, { state: "paused" }, { spec: "old" }, { networks: ["bridge"] }])
      expect(plan(listed(registry), listed(aws, wrong))).toEqual({
        keep: [registry.name],
        remove: [aws.name],
        start: [aws.name],
      });
    const stranger = { name: "threads-0a1b2c3d-prod-9", state: "running", spec: "", networks: [], status: "" };
    expect(planUp(wanted, [listed(registry), listed(aws), stranger], "0a1b2c3d").remove).toEqual([stranger.name]);
  });
});

describe("a host", () => {
  test("carries the SSM tag of its environment, as the configuration has it", () => {
    const options = (tags: Parameters<typeof containerSpecs>[0]["tags"]): readonly string[] =>
      specs({ tags }).at(-1)?.options ?? [];
    expect(options({})).toContain("threads.tag.threads-env=prod");
    expect(options({ prod: { tag: "role", value: "live" } })).toContain("threads.tag.role=live");
  });

  test("keeps images, environment file and deployments on volumes, which outlive the container", () => {
    const mounts =
      specs()
        .at(-1)
        ?.options.filter((word) => word.startsWith("type=volume")) ?? [];
    expect(mounts.map((mount) => /target=([^,]+)/.exec(mount)?.[1])).toEqual([
      "/var/lib/docker",
      "/etc/threads",
      "/var/lib/threads",
    ]);
    expect(mounts.every((mount) => mount.endsWith("volume-label=threads.sandbox=0a1b2c3d"))).toBe(true);
  });

  test("has an environment file with every key of the template that needs a value, and no key of its own", () => {
    const template = readFileSync(join(import.meta.dirname, "../../../backend/.env.prod.example"), "utf8");
    const keys = (text: string): string[] => [...text.matchAll(/^([A-Z_]+)=/gm)].map(([, key]) => key ?? "");
    const file = hostEnvironmentFile(configOf("/", { app: "threads" }), "prod", stateOf());
    expect(keys(file).filter((key) => !keys(template).includes(key))).toEqual([]);
    const asked = [...template.matchAll(/^([A-Z_]+)=$/gm)].map(([, key]) => key ?? "");
    // Optional: behind plain HTTP there is no other origin, and the POSTGRES_ keys say what DATABASE_URL would.
    expect(asked.filter((key) => !keys(file).includes(key))).toEqual(["DJANGO_CSRF_TRUSTED_ORIGINS", "DATABASE_URL"]);
    expect(file).toContain("POSTGRES_HOST=postgres.internal\n");
    expect(file).toContain("CELERY_BROKER_URL=redis://redis.internal:6379/1\n");
    expect(file).not.toMatch(/=$/m);
  });

  test("answers at runtime.port, and keeps the folder of runtime.env_file unless it is the system's", () => {
    const optionsFor = (keys: { port?: number; env_file?: string }): string =>
      specs({ runtime: aConfig({ runtime: { compose: "compose.yml", ...keys } }).runtime })
        .at(-1)
        ?.options.join(" ") ?? "";
    expect(optionsFor({ port: 8080 })).toContain("--publish 127.0.0.1:20001:8080 ");
    expect(optionsFor({ env_file: "/srv/hello/hello.env" })).toContain("target=/srv/hello,");
    expect(optionsFor({ env_file: "/etc/hello.env" })).not.toMatch(/target=\/etc[,/]/);
  });

  test("has beside it what was asked for only", () => {
    expect(specs({ services: [] }).map(({ part }) => part)).toEqual(["registry", "aws", "prod-1"]);
    expect(specs({ services: ["redis"] }).map(({ part }) => part)).toContain("redis");
  });

  test("reaches the endpoint and the data services by names of the sandbox's own domain", () => {
    for (const name of Object.values(inside)) expect(name).toMatch(/^[a-z]+\.internal$/);
  });
});

test("databases are made once, with passwords that travel on stdin", () => {
  expect(databaseSql("my-app", stateOf().environments)).toBe(
    [
      `SELECT 'CREATE ROLE "my_app_prod" LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'my_app_prod') \\gexec`,
      `ALTER ROLE "my_app_prod" PASSWORD 'abc123';`,
      `SELECT 'CREATE DATABASE "my_app_prod" OWNER "my_app_prod"' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'my_app_prod') \\gexec`,
      "",
    ].join("\n"),
  );
});
