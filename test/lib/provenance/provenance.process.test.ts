import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { modelYaml } from "../../../src/lib/compose/yaml.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { releaseFiles } from "../../../src/lib/provenance/release-files.ts";
import { bundleAround } from "../../../src/lib/release/bundle.ts";
import type { Release } from "../../../src/lib/release/release.ts";
import { tarball } from "../../../src/lib/release/tar.ts";
import { testRepository } from "../source/repository.ts";
import { type Change, composeYml, ProvenanceWorld, textIn } from "./world.ts";

let world: ProvenanceWorld;
beforeEach(() => {
  world = new ProvenanceWorld();
});
afterEach(() => world[Symbol.dispose]());

type Model = { services: Record<string, Record<string, unknown>> };
/** The model of the bundle, changed by somebody who can write YAML. */
const model = (change: (model: Model) => void): NonNullable<Change["files"]> => {
  return (files) => {
    const changed = parse(textIn(files, "compose.yml")) as Model;
    change(changed);
    return { ...files, "compose.yml": modelYaml(changed) };
  };
};
const differences = async (change: Change): Promise<readonly string[]> => {
  const found = await world.check(await world.publish(change));
  return found.state === "different" ? found.differences : [found.state];
};

describe("a bundle as publish writes it", () => {
  test.each(["amd64", "arm64"])("is what git has, without a download: %s", async (architecture) => {
    expect(await world.check(await world.publish({ architecture }))).toEqual({ state: "same" });
    expect(world.downloads).toEqual([]);
  });

  test("whatever lies in the working tree, and is checked out", async () => {
    const lying = await world.publish();
    world.repository.write("backend/compose.yml", "services: {}\n");
    world.repository.write("threads.yml", "no: yaml\n");
    world.repository.commit("two");
    world.repository.write("backend/conf/app.conf", "debug on\n");
    expect(await world.check(lying)).toEqual({ state: "same" });
  });

  const commit = (ofNginx: string, more = ""): void => {
    const changed = composeYml.replace('image: "${NGINX_IMAGE}"', (image) => `${image}\n    ${ofNginx}`);
    world.repository.write("backend/compose.yml", `${changed}${more}`);
    world.repository.commit("another nginx");
  };
  const wantsKey = 'environment: { PAYMENT_URL: "${PAYMENT_URL:?}" }';
  const required = (keys: string): NonNullable<Change["files"]> => {
    return (files) => ({ ...files, "model/required": keys });
  };

  test("with the keys that it requires, as publish writes it", async () => {
    commit(wantsKey, "x-required-env: [DB_URL]\n");
    const lying = await world.publish({ release: { requiredKeys: ["DB_URL", "PAYMENT_URL"] } });
    expect(textIn((await world.made()).files, "model/required")).toBe("DB_URL\nPAYMENT_URL\n");
    expect(await world.check(lying)).toEqual({ state: "same" });
    expect(world.downloads).toEqual([]);
  });

  test.each([
    ["those that are listed", "x-required-env: [DB_URL, A B]\n", "DB_URL\nA B\n"],
    ["none", "", ""],
  ])("as an older one did, which had keys in a file alone, and %s", async (_, listed, keys) => {
    commit(wantsKey, listed);
    expect(await world.check(await world.publish({ files: required(keys) }))).toEqual({ state: "same" });
    expect(world.downloads).toEqual([]);
    const forged = await world.publish({ files: required(`${keys}OTHER\n`) });
    expect(await world.check(forged)).toEqual({
      state: "different",
      differences: ["model/required is not what git's files give"],
    });
  });

  test.each([
    ["a scheduler in an entrypoint", "entrypoint: [celery, -A, app, worker, -EB]", ""],
    ["a port that it wants twice", "", '  other: { image: "other:1", ports: ["${HTTP_PORT:-80}:9090"] }\n'],
    ["a list of keys that is none", "", "x-required-env: { KEY: true }\n"],
  ])("with %s, which only a new release is refused for", async (_, ofNginx, more) => {
    commit(ofNginx, more);
    await expect(releaseFiles(world.head, world.ports())).rejects.toMatchObject({ code: "COMPOSE_FILE" });
    expect(await world.check(await world.publish())).toEqual({ state: "same" });
  });

  test("in slots, whose files are made of the model", async () => {
    using slots = new ProvenanceWorld("strategy: slots");
    expect(await slots.check(await slots.publish())).toEqual({ state: "same" });
  });
});

describe("a model that is written otherwise, as by another compose, but means the same", () => {
  const other: NonNullable<Change["files"]> = (files) => {
    const { services, ...rest } = parse(textIn(files, "compose.yml")) as Model;
    const turned = Object.fromEntries(Object.entries(services).toReversed());
    return { ...files, "compose.yml": modelYaml({ ...rest, services: turned }) };
  };

  test("is the same, for one download", async () => {
    expect(await world.check(await world.publish({ files: other }))).toEqual({ state: "same" });
    expect(world.downloads).toHaveLength(1);
  });

  test("but what is made of it must follow from that very model", async () => {
    using slots = new ProvenanceWorld("strategy: slots");
    const forged = await slots.publish({
      files: (files) => ({ ...other(files), "model/slot.yml": textIn(files, "model/slot.yml").replace("/conf", "/") }),
    });
    expect(await slots.check(forged)).toEqual({
      state: "different",
      differences: ["model/slot.yml is not what git's files give"],
    });
  });
});

describe("a forged bundle is different, and it is said how:", () => {
  const forgeries: readonly [string, Change, readonly string[]][] = [
    [
      "a privileged service",
      { files: model(({ services }) => Object.assign(services["web"] ?? {}, { privileged: true })) },
      ["compose.yml: services.web.privileged is true, and git's files do not have it"],
    ],
    [
      "a mount of the host",
      {
        files: model(({ services }) =>
          Object.assign(services["nginx"] ?? {}, { volumes: [{ type: "bind", source: "/", target: "/host" }] }),
        ),
      },
      [expect.stringMatching(/^compose\.yml: services\.nginx\.volumes is \[\{.*"\/host"\}\], and git's files do not/)],
    ],
    [
      "one more service",
      { files: model(({ services }) => (services["miner"] = { image: "miner" })) },
      [expect.stringMatching(/^compose\.yml: services\.miner is /)],
    ],
    [
      "a model that nobody can read",
      { files: (files) => ({ ...files, "compose.yml": "services: [" }) },
      ["compose.yml: it is not written as threads writes a model"],
    ],
    [
      "a model that two readers may take for different things",
      { files: (files) => ({ ...files, "compose.yml": `${textIn(files, "compose.yml")}# and so on\n` }) },
      ["compose.yml: it is not written as threads writes a model"],
    ],
    [
      "a model that includes what only a host has",
      { files: model((all) => Object.assign(all, { include: ["/etc/threads/more.yml"] })) },
      ["compose.yml: include is no part of a model that threads writes"],
    ],
    [
      "a service that extends what only a host has",
      { files: model(({ services }) => Object.assign(services["web"] ?? {}, { extends: { file: "/etc/x.yml" } })) },
      ["compose.yml: services.web.extends is no part of a model that threads writes"],
    ],
    [
      "other contents of a carried file",
      { files: (files) => ({ ...files, "model/files/backend/conf/app.conf": "debug on\n" }) },
      ["model/files/backend/conf/app.conf is not what git's files give"],
    ],
    [
      "a carried file that runs",
      {
        files: (files) => ({
          ...files,
          "model/files/backend/conf/app.conf": { contents: "debug off\n", executable: true },
        }),
      },
      ["model/files/backend/conf/app.conf is not what git's files give"],
    ],
    [
      "one more file",
      { files: (files) => ({ ...files, "model/slot.yml": "services: {}\n" }) },
      ["model/slot.yml is in it, and git's files do not ask for it"],
    ],
    [
      "a file less",
      { files: (files) => Object.fromEntries(Object.entries(files).filter(([name]) => name !== "model/expected")) },
      ["model/expected is not in it, and git's files ask for it"],
    ],
    [
      "another tree",
      { release: { tree: "f".repeat(40) } },
      [expect.stringMatching(/^the tree of \w{12} is f{40}, and \w{40} by git$/)],
    ],
    [
      "another time",
      { release: { committedAt: "2020-01-01T00:00:00.000Z" } },
      [expect.stringMatching(/^\w{12} was committed at 2020-01-01/)],
    ],
    ["another application", { release: { app: "other" } }, ['app is "other", and "threads" by git\'s files']],
    ["an older form", { release: { schema: 1 } }, ["schema is 1, and 2 by git's files"]],
    [
      "keys that nobody requires",
      { release: { requiredKeys: ["SECRET_KEY"] } },
      ['requiredKeys is ["SECRET_KEY"], and [] by git\'s files'],
    ],
    [
      "migrations that nobody asks for",
      { release: { migrations: [{ name: "posts.0001", kind: "expand" }] } },
      ["it lists migrations, which threads.yml does not ask for"],
    ],
    [
      "a proxy that nobody asks for",
      { release: { edge: { repository: "threads/edge", digest: digestOf("edge") } } },
      ["it pins edge, which git's files do not name"],
    ],
  ];
  test.each(forgeries)("%s", async (_, change, expected) => {
    expect(await differences(change)).toEqual(expected);
  });

  test("a pin more, and a pin less", async () => {
    const pin = { repository: "threads/x", digest: digestOf("x") };
    expect(await differences({ release: { images: { web: pin, nginx: pin, miner: pin } } })).toEqual([
      "it pins miner, which git's files do not name",
      "it does not pin db, which git's files name",
    ]);
  });

  const around = async (
    layer: (files: Uint8Array) => Uint8Array,
    change: (release: Release) => Release = (same) => same,
  ) => {
    const { published, bundle } = await world.publish();
    const whole = bundleAround(layer(bundle.layer), { release: change(published.release), architecture: "amd64" });
    return world.check(world.lie(published.release, whole));
  };

  test("an archive that docker may read otherwise than we do", async () => {
    const wrong = { state: "different", differences: ["its files are not packed as threads packs them"] };
    const more = tarball([{ name: "compose.yml", contents: composeYml }]);
    for (const layer of [
      // A second compose.yml behind the first, and one behind the end of the archive.
      (files: Uint8Array) => Buffer.concat([files.subarray(0, -1024), more]),
      (files: Uint8Array) => Buffer.concat([files, more]),
      (files: Uint8Array) => {
        const link = Buffer.from(files);
        link.write("2", 156);
        return link;
      },
    ])
      expect(await around(layer)).toEqual(wrong);
  });

  test("a config or a manifest that says more than its release", async () => {
    expect(
      await around(
        (layer) => Buffer.from(layer),
        (release) => ({ ...release, app: "else" }),
      ),
    ).toEqual({
      state: "different",
      differences: ["its manifest or its config says more than threads writes of this release"],
    });
  });
});

describe("where git does not have the commit", () => {
  test("but its tree, as after a squash, it is compared all the same", async () => {
    const lying = await world.publish();
    using other = testRepository({ clone: world.repository.root });
    other.git("checkout", "--quiet", "--orphan", "squashed");
    other.commit("squashed");
    other.git("remote", "remove", "origin");
    other
      .git("branch", "--list", "--format=%(refname:short)")
      .split("\n")
      .filter((branch) => branch !== "squashed")
      .forEach((branch) => other.git("branch", "--quiet", "-D", branch));
    other.git("reflog", "expire", "--expire=now", "--all");
    other.git("prune", "--expire=now");
    expect(() => other.git("cat-file", "-e", `${lying.published.release.revision}^{commit}`)).toThrow("exited with 1");
    expect(await world.check(lying, other.root)).toEqual({ state: "same" });
  });

  test("nor its tree, nothing can be told, and git's own reason is kept", async () => {
    const lying = await world.publish();
    using other = testRepository();
    other.commit("another root");
    expect(await world.check(lying, other.root)).toMatchObject({
      state: "unknown",
      why: { code: "UNKNOWN_REVISION", message: expect.stringContaining(lying.published.release.revision) },
    });
  });
});
