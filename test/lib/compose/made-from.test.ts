import { describe, expect, it, test } from "vitest";
import { madeFrom } from "../../../src/lib/compose/made-from.ts";

const of = (service: object, more: object = {}) =>
  madeFrom({ services: { web: service }, ...more }, { folder: "/r/deploy", env: { SET: "../set", EMPTY: "" } });

describe("what a stack is made from", () => {
  it.each<[string, object, readonly string[]]>([
    ["a context alone", { build: "../web" }, ["/r/web"]],
    [
      "a context with a Dockerfile",
      { build: { context: "../web", dockerfile: "Dockerfile" } },
      ["/r/web", "/r/web/Dockerfile", "/r/web/Dockerfile.dockerignore"],
    ],
    [
      "a Dockerfile beside the context",
      { build: { context: "..", dockerfile: "deploy/web.Dockerfile" } },
      ["/r", "/r/deploy/web.Dockerfile", "/r/deploy/web.Dockerfile.dockerignore"],
    ],
    [
      "a Dockerfile by its whole path",
      { build: { context: "../web", dockerfile: "/d/Dockerfile" } },
      ["/r/web", "/d/Dockerfile", "/d/Dockerfile.dockerignore"],
    ],
    [
      "contexts by name",
      {
        build: {
          context: ".",
          additional_contexts: { lib: "../lib", base: "docker-image://python:3", web: "service:web" },
        },
      },
      ["/r/deploy", "/r/lib"],
    ],
    ["contexts as a list", { build: { context: ".", additional_contexts: ["lib=../lib"] } }, ["/r/deploy", "/r/lib"]],
    ["files of variables", { env_file: [{ path: "test.env", required: true }] }, ["/r/deploy/test.env"]],
    [
      "what is mounted from here",
      {
        volumes: [
          { type: "bind", source: "../fixtures", target: "/f" },
          { type: "volume", source: "data", target: "/d" },
        ],
      },
      ["/r/fixtures"],
    ],
    ["nothing of what comes from elsewhere", { image: "postgres:17" }, []],
  ])("%s", (_, service, paths) => {
    expect(of(service)).toEqual({ paths, unknown: [] });
  });

  it("configs and secrets that are files", () => {
    const more = {
      configs: { nginx: { file: "nginx.conf" } },
      secrets: { key: { file: "/run/key" }, other: { external: true } },
    };
    expect(of({}, more).paths).toEqual(["/r/deploy/nginx.conf", "/run/key"]);
  });

  it("volumes that are folders of this machine", () => {
    const volumes = {
      here: { driver_opts: { type: "none", o: "bind,ro", device: "../fixtures" } },
      there: { driver_opts: { type: "nfs", o: "addr=10.0.0.1", device: ":/data" } },
      own: {},
    };
    expect(of({}, { volumes }).paths).toEqual(["/r/fixtures"]);
  });

  it.each<[object, readonly string[]]>([
    [{ label_file: "./web.labels" }, ["/r/deploy/web.labels"]],
    [{ label_file: ["a.labels", "${SET:-x}/b.labels"] }, ["/r/deploy/a.labels", "/r/set/b.labels"]],
    [{ env_file: [{ path: "${FILE:-./x.env}", required: false, format: "raw" }] }, ["/r/deploy/x.env"]],
    [{ build: "${SRC:-./x}" }, ["/r/deploy/x"]],
    [{ build: "${SRC-./x}" }, ["/r/deploy/x"]],
    [{ build: "${SET:-./x}/web" }, ["/r/set/web"]],
    [{ build: "$SET/web" }, ["/r/set/web"]],
    [{ build: "${EMPTY:-./x}" }, ["/r/deploy/x"]],
    [
      { build: { context: "${SRC:-./x}", dockerfile: "${FILE:-web.Dockerfile}" } },
      ["/r/deploy/x", "/r/deploy/x/web.Dockerfile", "/r/deploy/x/web.Dockerfile.dockerignore"],
    ],
    [{ volumes: ["${SRC:-./fixtures}:/f:ro"] }, ["/r/deploy/fixtures"]],
    // As compose 2.26 has it.
    [{ volumes: [{ type: "volume", source: "${SRC", target: "-./fixtures}" }] }, ["/r/deploy/fixtures"]],
  ])("what a variable or its stand-in names: %j", (service, paths) => {
    expect(of(service)).toEqual({ paths, unknown: [] });
  });

  it.each(["${SRC}", "${SRC:?which}", "${SRC:+./x}", "${SRC:-${OTHER:-x}}", "${EMPTY}", "${COMPOSE_PROJECT_NAME:-x}"])(
    "nobody here knows what %s is",
    (build) => {
      expect(of({ build })).toEqual({ paths: [], unknown: [build] });
    },
  );

  it.each([{ type: "volume", source: "${SRC}", target: "/f" }, "${SRC:?which}:/f:ro"])(
    "nobody knows what a variable mounts: %o",
    (mount) => {
      const source = typeof mount === "string" ? "${SRC:?which}" : mount.source;
      expect(of({ volumes: [mount] })).toEqual({ paths: [], unknown: [source] });
    },
  );
});

test.each([
  "${SRC}",
  "$SRC/web",
  "https://example.invalid/shop.git#main",
  "git@example.invalid:shop.git",
  "github.com/shop/web",
  "ssh://git@example.invalid/shop",
  "~/web",
])("nobody here can look into %s", (context) => {
  expect(of({ build: { context } })).toMatchObject({ unknown: expect.arrayContaining([context]) });
  expect(of({ build: context }).paths).toEqual([]);
});
