import { CreateRepositoryCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { gates } from "../../../../src/lib/actions/gates/run.ts";
import type { PromoteOptions, PromotePorts } from "../../../../src/lib/actions/promote/ports.ts";
import { promote } from "../../../../src/lib/actions/promote/run.ts";
import { promotionWorld, type PromotionWorld, services } from "./world.ts";

const everything = [...services, "bundle"];

describe.each(["perService", "single"] as const)("in a registry that tells services apart (%s)", (layout) => {
  let world: PromotionWorld;
  let revision: string;
  let number = 0;
  beforeAll(async () => {
    world = await promotionWorld(layout);
  });
  beforeEach(async () => {
    number += 1;
    const release = await world.publish(`release ${String(number)}`);
    revision = release.release.revision;
    await world.deployed("staging", release);
    world.smoked.length = 0;
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const run = (change: Partial<PromoteOptions> = {}, ports: PromotePorts = world.ports) =>
    promote({ release: revision, environment: "prod", dryRun: false, ...change }, ports);
  /** As if a service had been taken out of threads.yml after the release was published. */
  const forgetful = (): PromotePorts => ({ ...world.ports, config: { ...world.ports.config, services: ["web"] } });
  const version = (): string => `v1.${String(number)}.0`;
  /** The services, and the bundle, that have a tag of a label that begins so. */
  const promoted = async (start = `prod-${revision}`): Promise<string[]> => {
    const tags = await Promise.all(everything.map((name) => world.tagsOf(name, start)));
    return everything.filter((_, index) => (tags[index]?.length ?? 0) > 0);
  };
  const tagOf = (service: string, label: string): string => (layout === "single" ? `${label}-${service}` : label);

  test("an edge is tagged like the images, so that no rule for old builds takes it", async () => {
    if (layout === "perService")
      await world.sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName: "threads/edge" }));
    const { release, ...published } = await world.publish("with an edge", { hasEdge: true });
    revision = release.revision;
    await world.deployed("staging", { release, ...published });
    const result = await run();
    expect(result.images.map(({ service, outcome }) => [service, outcome])).toEqual(
      [...services, "edge"].map((name) => [name, "created"]),
    );
    const tagged = await world.ports.registry.find(...world.place("edge", `prod-${revision}`));
    expect(tagged?.digest).toBe(release.edge?.digest);
    // The smoke stack has none, and so its evidence knows of none.
    expect(Object.keys(world.smoked[0]?.images ?? {})).toEqual(services);
  });

  test("each image and the bundle get the tags of their own", async () => {
    const as = version();
    const result = await run({ as });
    const place = (service: string) => ({
      repository: layout === "single" ? "threads" : `threads/${service}`,
      tag: tagOf(service, `prod-${revision}`),
    });
    expect(result).toMatchObject({
      tag: `prod-${revision}`,
      tags: [as, `prod-${revision}`],
      bundle: place("bundle"),
      images: services.map(place),
    });
    for (const { repository, tag, digest } of [...result.images, result.bundle])
      expect((await world.ports.registry.find(repository, tag))?.digest).toBe(digest);
    const tags = await Promise.all(everything.map((name) => world.tagsOf(name, as)));
    expect(tags.flat()).toEqual(everything.map((name) => tagOf(name, as)));
  });

  test("a version that was given with --as is the release's name from then on", async () => {
    await run({ as: version() });
    expect(await run({ release: version(), dryRun: true })).toMatchObject({ outcome: "already-promoted", revision });
  });

  test("the gates find what is there and what is not", async () => {
    const stateOf = async () => {
      const { gates: found } = await gates({ release: revision, environment: "prod" }, world.ports);
      return Object.fromEntries(found.map(({ gate, state }) => [gate, state]));
    };
    expect(await stateOf()).toMatchObject({ published: "passed", verified: "passed", smoke: "missing" });
    await run();
    expect(await stateOf()).toMatchObject({ published: "passed", smoke: "passed" });
  });

  test("a service that the configuration no longer has is tested, watched and promoted with the release", async () => {
    expect(await run({}, forgetful())).toMatchObject({ outcome: "promoted", smoke: { evidence: "run" } });
    expect(await promoted()).toHaveLength(everything.length);
  });

  test("its tag that names something else is a conflict before anything is written", async () => {
    await world.push("nginx", `prod-${revision}`, "other");
    await world.calls();
    await expect(run({}, forgetful())).rejects.toMatchObject({ code: "TAG_CONFLICT", exitCode: 4 });
    expect((await world.calls()).filter((name) => name.startsWith("Put"))).toEqual([]);
    expect(world.smoked).toEqual([]);
  });

  test("what is asked of a repository travels in one request", async () => {
    await run();
    await world.calls();
    expect((await run()).outcome).toBe("already-promoted");
    const asked = (await world.calls()).filter((name) => name === "BatchGetImage").length;
    // Of the four repositories of threads.yml two are not there in this world, nor is the edge's.
    expect(asked).toBe(layout === "single" ? 1 : 6);
  });

  describe("a version", () => {
    test("is put on all five before the environment's tag", async () => {
      expect(await run({ as: version() })).toMatchObject({ tags: [version(), `prod-${revision}`] });
      expect(await promoted(version())).toHaveLength(everything.length);
      expect(await promoted()).toHaveLength(everything.length);
      expect(await run({ as: version() })).toMatchObject({ outcome: "already-promoted" });
    });

    test("of a promoted release is added later, without another test", async () => {
      await run();
      expect(await run({ as: `${version()}-rc.1` })).toMatchObject({
        outcome: "promoted",
        smoke: { evidence: "recorded" },
      });
      expect(await promoted(`${version()}-rc.1`)).toHaveLength(everything.length);
    });

    test("that another release has is a conflict before anything is written", async () => {
      await world.push("nginx", version(), "other");
      await world.calls();
      const [repository, tag] = world.place("nginx", version());
      await expect(run({ as: version() })).rejects.toMatchObject({
        code: "TAG_CONFLICT",
        exitCode: 4,
        message: expect.stringContaining(`${repository}:${tag} `),
        next: [expect.stringContaining(`imageTag=${tag}`)],
      });
      expect((await world.calls()).filter((name) => name.startsWith("Put"))).toEqual([]);
      expect(world.smoked).toEqual([]);
    });

    test.each([
      ["v1.2.3+build.5", "write --as v1.2.3-build.5, for example"],
      ["latest", "write --as v1.2.3, for example"],
      ["v01.2.3", "write --as v1.2.3, for example"],
      ["1.2", "write --as v1.2.3, for example"],
    ])("%s is refused before anything is asked", async (as, advice) => {
      await world.calls();
      await expect(run({ as })).rejects.toMatchObject({ code: "NOT_A_VERSION", exitCode: 2, advice: [advice] });
      expect(await world.calls()).toEqual([]);
    });
  });
});
