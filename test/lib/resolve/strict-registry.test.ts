import { CreateRepositoryCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from "vitest";
import { layouts, repoAt } from "../../fakes/ecr-repo.ts";
import { connectRegistry } from "../../../src/lib/registry/ecr/ecr.ts";
import { type FakeDistribution, startFakeDistribution } from "../../fakes/distribution.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import { openSandbox, type OpenSandbox } from "../sandbox/server/open-sandbox.ts";
import { World } from "./world.ts";

let distribution: FakeDistribution;
let sandbox: OpenSandbox;
let world: World;
beforeAll(async () => {
  distribution = await startFakeDistribution();
  sandbox = await openSandbox({ upstream: distribution.upstream, withoutSockets: true });
  for (const repositoryName of ["threads/bundle", "threads"])
    await sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: "IMMUTABLE" }));
});
afterAll(async () => {
  await sandbox.stop();
  await distribution.stop();
});
const asked = async (since: number): Promise<string[]> =>
  (await sandbox.log(since)).entries
    .map((entry) => JSON.stringify(entry))
    .filter((entry) => entry.includes("BatchGetImage"));

describe.each([layouts.perService, layouts.single])("in %s", (path) => {
  beforeEach(async () => {
    world = await World.open();
    world.repo = repoAt(`127.0.0.1:${String(sandbox.port)}`, path);
    const aws = { ecr: async () => sandbox.ecr };
    world.registry = connectRegistry({ repo: world.repo, aws, clock: hurriedClock() });
  });
  afterEach(() => world[Symbol.asyncDispose]());

  test("the second tag is taken by an immutable repository, and both are found in one call", async () => {
    const one = world.commit("one");
    await world.publish(one);
    const squash = world.repository.commit("squash");
    const { last } = await sandbox.log();
    expect(await world.resolve()).toMatchObject({
      how: "equal-tree",
      asked: squash,
      published: { release: { revision: one } },
    });
    expect(await asked(last)).toHaveLength(1);
  });

  test("the first release of the same sources keeps the tree's tag; publishing the second is no error", async () => {
    const [one, two] = [world.commit("other"), world.repository.commit("again")];
    const first = await world.publish(one);
    const second = await world.publish(two);
    expect(second.digest).not.toBe(first.digest);
    const { repo } = world;
    const label = `tree-${world.repository.git("rev-parse", "HEAD^{tree}")}`;
    expect((await world.registry.find(repo.repositoryFor("bundle"), repo.tagFor("bundle", label)))?.digest).toBe(
      first.digest,
    );
  });

  test("a hundred names that are not there are one call, fifty commits far", async () => {
    world.repository.manyCommits(50, "changed.txt");
    const { last } = await sandbox.log();
    expect(await world.refusal()).toMatchObject({
      code: "NOT_PUBLISHED",
      details: ["none of its 49 nearest ancestors is published"],
    });
    expect(await asked(last)).toHaveLength(2);
  });
});
