import { describe, expect, it, test } from "vitest";
import { madeFrom } from "../../../src/lib/compose/made-from.ts";

const of = (service: object, more: object = {}) => madeFrom({ services: { web: service }, ...more }, "/r/deploy");

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

  it.each([{ type: "volume", source: "${SRC}", target: "/f" }, "${SRC:-./fixtures}:/f:ro"])(
    "nobody knows what a variable mounts: %o",
    (mount) => {
      const source = typeof mount === "string" ? mount : mount.source;
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
