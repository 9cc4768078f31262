import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { parseRawModel } from "../../../src/lib/compose/raw-model.ts";
import { readStack } from "../../../src/lib/compose/read-stack.ts";
import { parseModel } from "../../../src/lib/compose/stack-model.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "threads-read-stack-"));
  for (const file of [".env", "shared.env"]) writeFileSync(join(folder, file), "A=1\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Given {
  readonly envFiles: readonly { readonly path: string; readonly required?: boolean }[];
  readonly hasEnvironment: boolean;
  /** What compose says of the files as they are. */
  readonly fault?: ThreadsError;
}

/** In a clone in which git passes over `.env`. @returns what was written beside the files, and how often git was asked */
async function read({
  envFiles,
  hasEnvironment,
  fault,
}: Given): Promise<{ written: unknown; asked: string[]; missing: readonly string[] }> {
  const asked: string[] = [];
  const services = { web: { image: "w", env_file: envFiles } };
  let written: unknown;
  const stack = { name: "p", files: [join(folder, "compose.yml")], envFiles: ["/run/app.env"], keys: [] };
  const own = join(folder, ".env");
  const { stack: whole, missing } = await readStack(
    stack,
    {
      hasEnvironment,
      workspace: {
        write: (name, text) => {
          written = parse(text, { logLevel: "silent" });
          return Promise.resolve(`/run/${name}`);
        },
      },
    },
    {
      compose: {
        model: ({ files }) =>
          fault !== undefined && files.length === 1
            ? Promise.reject(fault)
            : Promise.resolve(parseModel(JSON.stringify({ services }))),
        openModel: () => Promise.resolve(parseRawModel(JSON.stringify({ services }))),
      },
      ignored: (paths) => {
        asked.push(...paths);
        return Promise.resolve(paths.filter((path) => path === own));
      },
      signal: new AbortController().signal,
    },
  );
  expect(whole.files.length).toBe(written === undefined ? 1 : 2);
  return { written, asked, missing };
}

const missing = new ThreadsError("COMPOSE_FILE", { message: "env file gone.env not found" });
const web = (...env_file: unknown[]): unknown => ({ services: { web: { env_file } } });

it("takes the application's environment instead of a file that git passes over, although it lies here", async () => {
  const shared = { path: join(folder, "shared.env") };
  const given = { envFiles: [{ path: ".env" }, { path: "shared.env" }], hasEnvironment: true };
  expect((await read(given)).written).toEqual(web("/run/app.env", shared));
  const optional = { envFiles: [{ path: "gone.env", required: false }], hasEnvironment: true };
  expect((await read(optional)).written).toEqual(web("/run/app.env"));
});

it("takes what lies here where no such environment is known", async () => {
  const { written, asked } = await read({ envFiles: [{ path: ".env" }], hasEnvironment: false });
  expect([written, asked]).toEqual([undefined, []]);
});

it("stands in for what is missing, with or without one", async () => {
  for (const hasEnvironment of [true, false]) {
    const found = await read({ envFiles: [{ path: "gone.env" }], hasEnvironment, fault: missing });
    // Where nothing does, that is told.
    expect(found).toMatchObject({ written: web("/run/app.env"), missing: hasEnvironment ? [] : ["gone.env"] });
  }
});

it("overrides nothing where all files are the repository's", async () => {
  expect((await read({ envFiles: [{ path: "shared.env" }], hasEnvironment: true })).written).toBeUndefined();
});

it("leaves a failure that is no matter of these files what it is", async () => {
  const broken = new ThreadsError("COMPOSE_FILE", { message: "services must be a mapping" });
  const down = new ThreadsError("DOCKER_DOWN", { message: "the Docker daemon does not answer" });
  for (const hasEnvironment of [true, false])
    await expect(read({ envFiles: [{ path: "shared.env" }], hasEnvironment, fault: broken })).rejects.toBe(broken);
  await expect(read({ envFiles: [{ path: ".env" }], hasEnvironment: true, fault: down })).rejects.toBe(down);
});
