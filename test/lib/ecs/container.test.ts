import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { knownKeys } from "../../../src/lib/ecs/written-service.ts";
import { container, digest, only, told, translated } from "./world.ts";

describe("a container", () => {
  it("has its image by digest: ECS's own pinning gives up after three tries", () => {
    expect(only({ image: "${WEB_IMAGE}" }).container.image).toBe(`registry/shop/web@${digest}`);
  });

  it("has what a compose file says of its process", () => {
    const { container, refused } = only({
      entrypoint: ["/init", "$${HOME}"],
      command: ["serve", "--release", "${REVISION}"],
      user: "10001",
      working_dir: "/app",
      labels: { team: "shop" },
      tty: true,
      stdin_open: true,
    });
    expect(container).toMatchObject({
      entryPoint: ["/init", "${HOME}"],
      command: ["serve", "--release", "4f2c"],
      user: "10001",
      workingDirectory: "/app",
      dockerLabels: { team: "shop" },
      pseudoTerminal: true,
      interactive: true,
    });
    expect(refused).toEqual([]);
  });

  it("writes its log into the environment's group, under a prefix, without which Fargate takes none", () => {
    const options = {
      "awslogs-group": "/shop/prod",
      "awslogs-region": "eu-west-1",
      "awslogs-stream-prefix": "shop/prod/web",
    };
    expect(only({ logging: { driver: "json-file" } }).container.logConfiguration).toEqual({
      logDriver: "awslogs",
      options,
    });
    expect(only({}, { ecs: { log_group: "/own" } }).container.logConfiguration.options["awslogs-group"]).toBe("/own");
    expect(only({ logging: { driver: "gelf" } }).refused).toEqual([
      "web has the logging driver gelf, and logs of tasks go to the environment's log group: take logging away",
    ]);
  });

  it("cannot lose the ENTRYPOINT of its image: ECS takes an empty list for none", () => {
    const images = { web: { Entrypoint: ["/docker-entrypoint.sh"] } };
    expect(only({ entrypoint: [] }, { images }).refused).toEqual([
      "web clears the ENTRYPOINT of its image (/docker-entrypoint.sh), which ECS cannot: write the entrypoint that is meant",
    ]);
    expect(only({ entrypoint: [] }).refused).toEqual([]);
    expect(only({ entrypoint: null }, { images }).refused).toEqual([]);
    expect(only({ entrypoint: "/init serve" }, { images }).refused).toEqual([
      "web has entrypoint as one text, which a shell would take apart: write a list of words",
    ]);
  });

  it("is stopped by the signal of its image alone", () => {
    const images = { web: { StopSignal: "SIGQUIT" } };
    expect(only({ stop_signal: "QUIT" }, { images }).refused).toEqual([]);
    expect(only({ stop_signal: "SIGINT" }, { images }).refused).toEqual([
      "web is stopped by SIGINT, and ECS sends what the image says, SIGQUIT: write STOPSIGNAL SIGINT into its Dockerfile",
    ]);
    expect(only({ stop_signal: "SIGTERM" }).refused).toEqual([]);
  });
});

describe("the time to stop (stopTimeout)", () => {
  const celery = (grace: string, launch_type: "FARGATE" | "EC2" = "FARGATE") =>
    only({ stop_grace_period: grace }, { ecs: { launch_type } });

  it("is that of the compose file, a default of its own included", () => {
    expect(celery("${CELERY_STOP_GRACE:-70s}").container.stopTimeout).toBe(70);
    expect(celery("120s")).toMatchObject({ refused: [], container: { stopTimeout: 120 } });
    expect(only({}).container).not.toHaveProperty("stopTimeout");
  });

  it("is refused beyond 120 s on Fargate, and never cut off in silence", () => {
    expect(celery("2m1s").refused).toEqual([
      "web has a stop_grace_period of 121 s, and ECS at most 120 s: on Fargate a task is cut off then, so let the work end sooner or be taken up again, or use launch_type: EC2",
    ]);
    expect(celery("10m", "EC2")).toMatchObject({ refused: [], container: { stopTimeout: 600 } });
  });

  it("becomes 2 s where it is less, which is told", () => {
    expect(celery("1s")).toMatchObject({
      container: { stopTimeout: 2 },
      noted: expect.arrayContaining(["web has a stop_grace_period of 1 s, which becomes 2 s on ECS"]),
    });
  });
});

describe("what ECS has nothing for", () => {
  it("is named, all of it at once, with what to do", () => {
    const { refused } = only({
      privileged: true,
      network_mode: "host",
      secrets: [{ source: "key" }],
      extra_hosts: { db: "10.0.0.1" },
      shiny_new_key: 1,
      deploy: { mode: "global", resources: { limits: { pids: 100 }, reservations: { devices: [] } } },
      command: "serve | tee log",
    });
    expect(refused).toEqual([
      "web has privileged, for which ECS has nothing: take it away",
      "web has network_mode, for which ECS has nothing: containers that need each other's network are containers of one task",
      "web has secrets, for which ECS has nothing: put the secret below env_from, and read it as a variable",
      "web has extra_hosts, for which ECS has nothing: let the application take the address as a variable",
      "web has shiny_new_key, for which ECS has nothing: take it away",
      "web has deploy.resources.limits.pids, for which ECS has nothing: take it away",
      "web has deploy.resources.reservations.devices, for which ECS has nothing: take it away",
      "web has deploy.mode global, for which ECS has nothing: take it away",
      "web has command as one text, which a shell would take apart: write a list of words",
    ]);
  });

  it("is what the help does not list: it says of each other key what becomes of it", () => {
    const help = readFileSync(new URL("../../../src/lib/help/ecs.md", import.meta.url), "utf8");
    const keys = [...help.matchAll(/^\| (`.*?) \|/gm)].flatMap(
      ([, cell = ""]) => cell.match(/(?<=`)[a-z_]+(?=[:`])/g) ?? [],
    );
    expect(new Set(keys)).toEqual(knownKeys);
  });

  it("is not what says nothing to ECS, or is empty", () => {
    const service = { restart: "unless-stopped", networks: { default: null }, expose: ["80"], "x-mine": 1 };
    expect(only({ ...service, privileged: false, devices: [], secrets: null }).refused).toEqual([]);
  });

  it("is a variable of a host, for which nobody writes a value", () => {
    const { refused } = only({ user: "${UID}", labels: { a: "${A:-x}", b: "${B:?say b}" } });
    expect(refused).toEqual([
      "web takes UID of a host for its user, and ECS sets nothing there: write a default into the compose file, or its value into environments.prod.ecs.variables",
      "web takes B of a host for its labels.b, and ECS sets nothing there: write a default into the compose file, or its value into environments.prod.ecs.variables",
    ]);
  });

  it("is a setting that decides more than a variable: its default would be another value than hosts have", () => {
    const facts = { settings: { from: "/shop/prod/", names: new Set(["CELERY_STOP_GRACE"]), hostFile: "/etc/e" } };
    expect(only({ stop_grace_period: "${CELERY_STOP_GRACE:-70s}" }, { facts }).refused).toEqual([
      "web takes CELERY_STOP_GRACE for its stop_grace_period, which /shop/prod/ sets, and ECS reads no setting there: write its value into environments.prod.ecs.variables",
    ]);
  });
});

it("a variable that the environment sets is that, here and nowhere as a setting", () => {
  const written = {
    stop_grace_period: "${GRACE:-70s}",
    environment: { WEB: "http://${WEB:-web:8000}/", KEY: "${KEY}" },
  };
  const facts = { settings: { from: "/shop/prod/", names: new Set(["KEY", "WEB", "GRACE"]), hostFile: "/etc/e" } };
  const { container, refused } = only(written, { facts, ecs: { variables: { GRACE: "90s", WEB: "127.0.0.1:8000" } } });
  expect(refused).toEqual([]);
  expect(container).toMatchObject({
    stopTimeout: 90,
    environment: [{ name: "WEB", value: "http://127.0.0.1:8000/" }],
    secrets: [{ name: "KEY", valueFrom: "/shop/prod/KEY" }],
  });
});

it("what a host's port is, and a variable that decides it, is nobody's affair", () => {
  const found = only({ ports: ["${HTTP_PORT}:8080", { target: "${PORT:-9000}", published: "${OTHER}" }] });
  expect(found.refused).toEqual([]);
  expect(found.container.portMappings).toEqual([
    { containerPort: 8080, protocol: "tcp" },
    { containerPort: 9000, protocol: "tcp" },
  ]);
  expect(only({ ports: ["80:${PORT}", "90:9000-9002", "53:53/sctp"] }).refused).toEqual([
    "web takes PORT of a host for its ports.0.target, and ECS sets nothing there: write a default into the compose file, or its value into environments.prod.ecs.variables",
    "web publishes 9000-9002: write each port inside the container out",
    "web publishes 53/sctp, and ECS has tcp and udp only",
  ]);
});

describe("files", () => {
  const mounts = (volumes: readonly object[], resources = {}) => only({ volumes }, { resources });

  it("of a host, and data that is to stay, are refused: each new task would have them empty", () => {
    const volumes = [
      { type: "bind", source: "./files/nginx.conf", target: "/etc/nginx/nginx.conf" },
      { type: "volume", source: "data", target: "/data" },
      { type: "tmpfs", target: "/run" },
    ];
    expect(mounts(volumes, { volumes: { data: {} } }).refused).toEqual([
      "web mounts ./files/nginx.conf, and a task has no files beside it: copy them into the image in its Dockerfile",
      "web keeps data in the volume data, which would be empty in each new task: keep it outside (RDS, ElastiCache, S3)",
      "web mounts /run as tmpfs, for which ECS has nothing: write it as tmpfs:",
    ]);
  });

  it("that may be lost with a task are a volume of the task", () => {
    const found = mounts([{ type: "volume", target: "/cache", read_only: true }]);
    expect(found.refused).toEqual([]);
    expect(found.container.mountPoints).toEqual([{ sourceVolume: "web-1", containerPath: "/cache", readOnly: true }]);
    expect(found.tasks[0]?.taskDefinition.volumes).toEqual([{ name: "web-1" }]);
  });

  it("in a volume in memory of one container are in memory, with what the volume says", () => {
    const o = "size=${SIZE:-64m},uid=1000";
    const found = (options: object) =>
      mounts([{ type: "volume", source: "sockets", target: "/run/app", read_only: true }], {
        volumes: { sockets: { driver_opts: { type: "tmpfs", device: "tmpfs", ...options } } },
      });
    expect(found({ o })).toMatchObject({ refused: [], noted: [expect.stringContaining("no health check")] });
    expect(found({ o }).container).not.toHaveProperty("mountPoints");
    expect(found({ o }).container.linuxParameters?.tmpfs).toEqual([
      { containerPath: "/run/app", size: 64, mountOptions: ["uid=1000", "ro"] },
    ]);
    expect(found({}).container.linuxParameters?.tmpfs).toMatchObject([{ size: 256, mountOptions: ["ro"] }]);
    expect(found({ o: "size=${SIZE}" }).refused).toContain(
      "web mounts the volume sockets, whose o takes SIZE of a host: write a default into the compose file",
    );
  });

  it.each([
    [{ user: "1000:1000" }, {}, "1000:1000"],
    [{}, { User: "app" }, "app"],
  ])("are root's on Fargate, which is refused where nobody is root: %j %j", (service, config, user) => {
    const cache = (more: object, own: object, ecs = {}) =>
      only(
        { ...more, volumes: [{ type: "volume", target: "/cache/" }] },
        { images: { web: { ...config, ...own } }, ecs },
      ).refused;
    expect(cache(service, {})).toEqual([
      `web runs as ${user}, and its volume at /cache would be root's on Fargate: make that folder the user's own in its Dockerfile, with VOLUME /cache after it`,
    ]);
    expect(cache(service, { Volumes: { "/cache": {} } })).toEqual([]);
    expect(cache({ user: "0:1000" }, {})).toEqual([]);
    expect(cache(service, {}, { launch_type: "EC2" })).toEqual([]);
  });

  it("that two services share need one task", () => {
    const resources = { volumes: { sockets: { driver_opts: { type: "tmpfs", o: "uid=1000" } } } } as object;
    const service = { volumes: [{ type: "volume", source: "sockets", target: "/run/app" }] };
    const services = { web: service, nginx: service };
    expect(told(translated({ services, resources })).refused).toEqual([
      "web shares the volume sockets with another task: containers that share files are containers of one task",
      "nginx shares the volume sockets with another task: containers that share files are containers of one task",
    ]);
    const found = translated({ services, resources, ecs: { services: { web: { containers: ["web", "nginx"] } } } });
    expect(found.problems).toEqual([]);
    expect(container(found, "nginx").mountPoints).toEqual([
      { sourceVolume: "sockets", containerPath: "/run/app", readOnly: false },
    ]);
    expect(told(found).noted).toContain(
      "nginx shares the volume sockets, which is in memory on a host and on the task's disk on ECS, without its uid=1000",
    );
  });
});
