import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parse } from "yaml";
import { environmentOverride } from "../../../src/lib/compose/missing-env-files.ts";
import { parseRawModel } from "../../../src/lib/compose/raw-model.ts";

const folder = mkdtempSync(join(tmpdir(), "threads-env-files-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "there.env"), "A=1\n");

const override = (services: object): string | undefined =>
  environmentOverride(parseRawModel(JSON.stringify({ services })), {
    files: [join(folder, "compose.yml"), "/elsewhere/more.yml"],
    environment: "/run/app.env",
  });

test("a file that is not there is the application's environment, and those beside it stay", () => {
  const text = override({
    web: { env_file: [{ path: "there.env" }, { path: ".env" }, { path: "${MORE}" }] },
    worker: { env_file: [{ path: "/nowhere/else.env" }] },
    db: { env_file: [{ path: "there.env" }] },
    cache: {},
  });
  expect(parse(text ?? "", { logLevel: "silent" })).toEqual({
    services: {
      web: { env_file: [{ path: join(folder, "there.env") }, "/run/app.env", { path: "${MORE}" }] },
      worker: { env_file: ["/run/app.env"] },
    },
  });
  expect(text?.match(/env_file: !override/g)).toHaveLength(2);
});

test("nothing is overridden where all are there, or need not be", () => {
  expect(
    override({ web: { env_file: [{ path: "there.env" }, { path: "gone.env", required: false }] } }),
  ).toBeUndefined();
  expect(override({ web: {} })).toBeUndefined();
});
