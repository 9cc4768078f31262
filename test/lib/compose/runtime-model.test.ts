import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseRawModel, type RawModel } from "../../../src/lib/compose/raw-model.ts";
import { elsewhereIn, type RuntimeFacts, runtimeModel } from "../../../src/lib/compose/runtime-model.ts";

const facts: RuntimeFacts = {
  services: ["web"],
  migrate: undefined,
  singletons: [],
  folder: "deploy",
  committed: [
    { path: "deploy/conf.d/a.conf", kind: "file", bytes: 9 },
    { path: "deploy/conf.d/run.sh", kind: "executable", bytes: 9 },
    { path: "deploy/conf.dist", kind: "file", bytes: 9 },
    { path: "deploy/nginx.conf", kind: "file", bytes: 9 },
    { path: "shared.env", kind: "file", bytes: 9 },
  ],
};
const raw = (file: object): RawModel => parseRawModel(JSON.stringify(file));
const of = (file: object, more: Partial<RuntimeFacts> = {}) =>
  runtimeModel(raw(file), { ...facts, ...more }, "deploy/compose.yml");
const yamlOf = (file: object, more: Partial<RuntimeFacts> = {}): unknown => parse(of(file, more).compose);
const problemsOf = (file: object, more: Partial<RuntimeFacts> = {}): unknown => {
  try {
    return of(file, more);
  } catch (error) {
    return (error as { details?: unknown }).details;
  }
};

describe("the model that hosts run", () => {
  it("wants no port of a host twice", () => {
    const web = { image: "web:dev", ports: ["127.0.0.1:80:80", "80:80"] };
    expect(problemsOf({ services: { web } })).toEqual([
      expect.stringMatching(/^web publishes 80 twice, on 127\.0\.0\.1 /),
    ]);
  });

  it("reads no labels from files: no host has these", () => {
    const web = { image: "web:dev", label_file: ["./web.labels"] };
    expect(problemsOf({ services: { web } })).toEqual([
      "web reads labels from ./web.labels, which does not travel in a release: write them below `labels`",
    ]);
    expect(runtimeModel(raw({ services: { web } }), facts, "deploy/compose.yml", "compare").services).toBeDefined();
  });

  it("has no builds, no fixed names, and images by variable", () => {
    const file = {
      services: {
        web: {
          build: { context: "." },
          image: "web:dev",
          container_name: "web",
          develop: {},
          command: ["serve", "$X"],
        },
        worker: { build: { context: "." } },
        other: { image: "web:dev" },
        migrate: { image: "${WEB_IMAGE:?by digest}", profiles: ["jobs"] },
        cache: { image: "redis:${REDIS:-7}" },
        shell: { image: "busybox", profiles: ["debug"] },
      },
    };
    expect(yamlOf(file, { migrate: "migrate" })).toEqual({
      services: {
        web: { command: ["serve", "$X"], image: "${WEB_IMAGE}" },
        worker: { image: "${WEB_IMAGE}" },
        other: { image: "${WEB_IMAGE}" },
        migrate: { image: "${WEB_IMAGE}", profiles: ["migrate"] },
        cache: { image: "${CACHE_IMAGE}" },
      },
    });
    expect(of(file, { migrate: "migrate" }).elsewhere).toEqual({ cache: "redis:7" });
    expect(elsewhereIn(raw(file), { ...facts, migrate: "migrate" })).toEqual({ cache: "redis:7" });
  });

  it("lets nobody wait for the migration, which has ended before anything is switched", () => {
    const ended = { condition: "service_completed_successfully" };
    const healthy = { condition: "service_healthy" };
    const file = {
      services: {
        web: { image: "w", depends_on: { migrate: ended, db: healthy } },
        worker: { image: "w", depends_on: { migrate: ended } },
        migrate: { image: "w", depends_on: { db: healthy } },
        db: { image: "postgres:17" },
      },
    };
    expect(yamlOf(file, { services: ["web", "worker"], migrate: "migrate" })).toEqual({
      services: {
        web: { image: "${WEB_IMAGE}", depends_on: { db: healthy } },
        worker: { image: "${WORKER_IMAGE}" },
        migrate: { image: "${WEB_IMAGE}", depends_on: { db: healthy }, profiles: ["migrate"] },
        db: { image: "${DB_IMAGE}" },
      },
    });
    expect(yamlOf(file, { services: ["web", "worker"] })).toMatchObject({
      services: { worker: { depends_on: { migrate: ended } } },
    });
  });

  it("tells how many there are of each service, and which of them end", () => {
    const file = {
      services: {
        web: {
          image: "w",
          deploy: { replicas: 2 },
          depends_on: { init: { condition: "service_completed_successfully" } },
        },
        init: { image: "w" },
        job: { image: "w", restart: "on-failure" },
        open: { image: "w", scale: "${WORKERS:-3}" },
        off: { image: "w", deploy: { replicas: 0 } },
        migrate: { image: "w" },
      },
    };
    expect(of(file, { migrate: "migrate" }).services).toEqual([
      { name: "web", replicas: 2, ending: "never" },
      { name: "init", replicas: 1, ending: "must" },
      { name: "job", replicas: 1, ending: "may" },
      { name: "open", replicas: undefined, ending: "never" },
      { name: "off", replicas: 0, ending: "never" },
    ]);
  });

  it("takes along what git has, and leaves to the host what is the host's", () => {
    const bind = (source: string, target: string): object => ({ type: "bind", source, target });
    const file = {
      services: {
        web: {
          image: "w",
          env_file: [{ path: "../shared.env" }, { path: ".env", required: false }, { path: "/etc/app.env" }],
          volumes: [
            bind("./nginx.conf", "/etc/nginx.conf"),
            bind("conf.d", "/conf.d"),
            bind("/var/run/docker.sock", "/s"),
            bind("${DATA}", "/data"),
            { type: "volume", source: "data", target: "/d" },
          ],
        },
      },
      configs: { proxy: { file: "./nginx.conf", name: "threads-model_proxy" }, text: { content: "hi ${X}" } },
      secrets: { key: { file: "/run/key" }, token: { environment: "TOKEN" } },
      volumes: { data: { name: "threads-model_data" }, old: { external: true, name: "old_data" } },
      networks: { default: { name: "threads-model_default" } },
      "x-required-env": ["KEY"],
    };
    const { compose, carried, requiredKeys } = of(file);
    expect(parse(compose)).toMatchObject({
      services: {
        web: {
          env_file: [
            { path: "./files/shared.env" },
            // What git does not have holds secrets: the host has a file of its own for them.
            { path: "${ENV_FILE}", required: false },
            { path: "/etc/app.env" },
          ],
          volumes: [
            bind("./files/deploy/nginx.conf", "/etc/nginx.conf"),
            bind("./files/deploy/conf.d", "/conf.d"),
            bind("/var/run/docker.sock", "/s"),
            bind("${DATA}", "/data"),
            { type: "volume", source: "data", target: "/d" },
          ],
        },
      },
      configs: { proxy: { file: "./files/deploy/nginx.conf" }, text: { content: "hi ${X}" } },
      secrets: { key: { file: "/run/key" } },
      volumes: { data: {}, old: { external: true, name: "old_data" } },
      networks: { default: {} },
    });
    expect(compose).not.toContain("threads-model");
    expect(carried.map(({ path }) => path)).toEqual([
      "deploy/conf.d/a.conf",
      "deploy/conf.d/run.sh",
      "deploy/nginx.conf",
      "shared.env",
    ]);
    expect(requiredKeys).toEqual(["KEY"]);
  });

  it("reads the same to a parser of YAML 1.1, to which no is no text", () => {
    const { compose } = of({ services: { web: { image: "w", restart: "no", ports: ["22:22"] } } });
    expect(parse(compose, { version: "1.1" })).toMatchObject({
      services: { web: { restart: "no", ports: ["22:22"] } },
    });
  });

  it("names all at once what cannot run on a host", () => {
    const file = {
      services: {
        helper: { build: { context: "h" } },
        cache: { image: "redis:${VERSION}" },
        db: { image: "postgres:17", volumes: [{ type: "bind", source: "./data", target: "/data" }] },
        sub: { image: "s", volumes: [{ type: "bind", source: "../../outside", target: "/o" }] },
      },
      secrets: { key: { file: "./key.txt" } },
      configs: { gone: { file: "./gone.conf" } },
    };
    expect(problemsOf(file, { migrate: "migrate" })).toEqual([
      "has no service web, but threads.yml lists it",
      "has no service migrate, but runtime.migrate in threads.yml names it",
      "helper builds an image of its own: list helper in services of threads.yml",
      "cache has the image redis:${VERSION}: write it out, since it is pinned when it is published",
      "db mounts ./data, which is not committed: commit it, or use a named volume or an absolute path of the host",
      "sub mounts ../../outside, which lies outside of the folder of threads.yml: move it into it, or use a named volume or an absolute path of the host",
      "config gone comes from ./gone.conf, which is not committed",
      "secret key comes from ./key.txt: secrets do not travel, give an absolute path of the host or `environment:`",
    ]);
  });

  const mounting = (...sources: string[]) => ({
    services: { web: { image: "w", volumes: sources.map((source) => ({ type: "bind", source, target: "/x" })) } },
  });

  it("and what of the files would not travel", () => {
    const committed = [
      { path: "deploy/seed.sql", kind: "file", bytes: 900 * 1024 },
      { path: "deploy/theme/logo.png", kind: "file", bytes: 200 * 1024 },
      { path: "deploy/theme/now", kind: "link", bytes: 4 },
      { path: "lib", kind: "module", bytes: 0 },
    ] as const;
    expect(problemsOf(mounting("./seed.sql", "./theme/", "../lib"), { committed })).toEqual([
      "deploy/theme/now is a symbolic link, which does not travel in a release",
      "lib is a submodule, which does not travel in a release",
      "the files that it mounts have 1101 KiB, deploy/seed.sql alone 900 KiB, and 1024 KiB may travel in a release: copy them into an image in its Dockerfile, or use a named volume",
    ]);
    expect(of(mounting("./seed.sql", "./seed.sql"), { committed }).carried).toHaveLength(1);
  });

  it("but nothing is missing where git cannot tell", () => {
    expect(problemsOf(mounting("./anything", "../../outside"), { committed: undefined })).toEqual([
      "web mounts ../../outside, which lies outside of the folder of threads.yml: move it into it, or use a named volume or an absolute path of the host",
    ]);
  });
});
