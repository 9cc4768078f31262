import { expect, test } from "vitest";
import { parse } from "yaml";
import { envFilePaths, environmentOverride } from "../../../src/lib/compose/env-file-override.ts";
import { parseRawModel, type RawModel } from "../../../src/lib/compose/raw-model.ts";

const files = ["/repo/compose.yml", "/elsewhere/more.yml"];
const model = (services: object): RawModel => parseRawModel(JSON.stringify({ services }));
const override = (services: object, optionalToo = false): string | undefined =>
  environmentOverride(model(services), {
    files,
    environment: "/run/app.env",
    isOurs: (path) => path === "/repo/there.env",
    optionalToo,
  });
const read = (text: string | undefined): unknown => parse(text ?? "", { logLevel: "silent" });

test("a file that is not ours is the application's environment, and those beside it stay", () => {
  const text = override({
    web: { env_file: [{ path: "there.env" }, { path: ".env" }, { path: "${MORE}" }] },
    worker: { env_file: [{ path: "/nowhere/else.env" }] },
    db: { env_file: [{ path: "there.env" }] },
    cache: {},
  });
  expect(read(text)).toEqual({
    services: {
      web: { env_file: [{ path: "/repo/there.env" }, "/run/app.env", { path: "${MORE}" }] },
      worker: { env_file: ["/run/app.env"] },
    },
  });
  expect(text?.match(/env_file: !override/g)).toHaveLength(2);
});

test("one that need not be there is, too, where it is asked for", () => {
  const web = { web: { env_file: [{ path: "there.env" }, { path: "gone.env", required: false }] } };
  expect(override(web)).toBeUndefined();
  expect(read(override(web, true))).toEqual({
    services: { web: { env_file: [{ path: "/repo/there.env" }, "/run/app.env"] } },
  });
});

test("nothing is overridden where all are ours, or there are none", () => {
  expect(override({ web: { env_file: [{ path: "there.env" }] }, db: {} }, true)).toBeUndefined();
});

test("the files are known by their absolute paths, each once", () => {
  const services = {
    web: { env_file: [{ path: "../a.env" }, { path: "${X}" }] },
    job: { env_file: [{ path: "/a.env" }] },
  };
  expect(envFilePaths(model(services), files)).toEqual(["/a.env"]);
});
