import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { committedModel, type CommittedModel } from "../../../src/lib/provenance/committed-model.ts";
import { composeYml, ProvenanceWorld, threadsYml } from "./world.ts";

let world: ProvenanceWorld;
/** What compose was given to read: by path from the root, the texts. */
let read: ReadonlyMap<string, string>;
beforeEach(() => {
  world = new ProvenanceWorld();
});
afterEach(() => world[Symbol.dispose]());

const committed = (): Promise<CommittedModel> => {
  const { compose, ...ports } = world.ports();
  return committedModel(world.head, {
    ...ports,
    compose: {
      openModel: async (files, signal) => {
        read = filesBelow(join(files[0] ?? "", "../.."));
        return compose.openModel(files, signal);
      },
    },
  });
};

function filesBelow(root: string): ReadonlyMap<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name));
  return new Map(paths.map((path) => [relative(root, path), readFileSync(path, "utf8")]));
}

describe("compose reads what was committed", () => {
  test("and nothing of the working tree", async () => {
    world.repository.write("backend/compose.yml", "services: {}\n");
    world.repository.write("threads.yml", "not: ours\n");
    const { config, raw } = await committed();
    expect(Object.keys(raw.services)).toEqual(["web", "nginx", "db"]);
    expect(config.app).toBe("threads");
    expect([...read]).toEqual([["backend/compose.yml", composeYml]]);
  });

  test("with Windows line ends, too, which are line ends to it, and with what such a file includes", async () => {
    const { repository } = world;
    const text = `include: [one.yml]\n${composeYml}`.replaceAll("\n", "\r\n");
    repository.write("backend/compose.yml", text);
    repository.write("backend/one.yml", "services: {}\r\n");
    repository.commit("crlf");
    const { raw } = await committed();
    expect(Object.keys(raw.services)).toEqual(["web", "nginx", "db"]);
    expect(read.get("backend/compose.yml")).toBe(text);
    expect([...read.keys()]).toContain("backend/one.yml");
  });

  test("with all that it includes, further down and further up", async () => {
    const { repository } = world;
    repository.write("backend/compose.yml", `include: [more/one.yml]\n${composeYml}`);
    repository.write("backend/more/one.yml", "include: [{ path: ../../shared.yml, env_file: one.env }]\n");
    repository.write("backend/more/one.env", "A=1\n");
    repository.write("shared.yml", "services: {}\n");
    repository.write("backend/unused.yml", "services: {}\n");
    repository.commit("include");
    await committed();
    expect([...read.keys()].toSorted()).toEqual([
      "backend/compose.yml",
      "backend/more/one.env",
      "backend/more/one.yml",
      "shared.yml",
    ]);
  });

  test("by the threads.yml of that commit", async () => {
    world.repository.write("threads.yml", threadsYml("strategy: slots").replace("app: threads", "app: other"));
    world.repository.commit("other");
    const { config } = await committed();
    expect(config).toMatchObject({ app: "other", runtime: { strategy: "slots" }, root: world.repository.root });
  });

  test("or by this machine's, where it was never committed", async () => {
    world.repository.git("rm", "--quiet", "--cached", "threads.yml");
    world.repository.write(".gitignore", "threads.yml\n");
    world.repository.commit("without");
    expect((await committed()).config).toMatchObject({ app: "threads", runtime: { strategy: "recreate" } });
  });
});

describe("what a checkout would have hidden is refused:", () => {
  test("a compose file that is a link", async () => {
    world.repository.write("elsewhere.yml", composeYml);
    world.repository.git("rm", "--quiet", "backend/compose.yml");
    symlinkSync("../elsewhere.yml", join(world.repository.root, "backend/compose.yml"));
    world.repository.commit("link");
    await expect(committed()).rejects.toMatchObject({
      code: "COMPOSE_FILE",
      message: expect.stringContaining("backend/compose.yml is a symbolic link in git"),
      advice: ["commit the file itself as backend/compose.yml"],
    });
  });
});
