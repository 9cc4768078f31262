import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publish } from "../../../src/lib/actions/publish/run.ts";
import { readRelease } from "../../../src/lib/registry/bundle.ts";
import { fakeDocker } from "../../fakes/docker.ts";
import { pushOverHttp } from "./push.ts";
import { type FaultWorld, faultWorld, startProcess } from "./world.ts";

let world: FaultWorld;
beforeEach(async () => {
  world = await faultWorld();
  world.gate.open();
});
afterEach(() => world[Symbol.asyncDispose]());

const made = (begin: string): readonly string[] => world.gate.calls.filter((call) => call.startsWith(begin));

describe("a login that expires while images are pushed", () => {
  test("is renewed once for all of them, and the push goes on", async () => {
    const head = world.commit();
    const one = await startProcess(world, head);
    // Both images meet it: the token is old for whoever uses it.
    const [first, second] = world.config.services.map((service) => `POST /v2/threads/${service}/blobs/uploads/ #1`);
    world.gate.open({ fault: { call: first ?? "", kind: "expired", times: 1 } });
    world.docker.fail(`image push ${world.gate.host}/threads/${world.config.services[1] ?? ""}:`, {
      exitCode: 1,
      says: "denied: Your authorization token has expired. Reauthenticate and try again.",
    });
    expect((await publish({ dryRun: false }, one.ports)).outcome).toBe("published");
    expect(made("GetAuthorizationToken")).toHaveLength(2);
    expect(made(second ?? "")).toHaveLength(1);
    one.end();
  });

  test("and is refused again after that ends it, in words", async () => {
    const one = await startProcess(world, world.commit());
    const [service = ""] = world.config.services;
    const call = `POST /v2/threads/${service}/blobs/uploads/ #1`;
    world.gate.open({ fault: { call, kind: "expired", times: Infinity } });
    await expect(publish({ dryRun: false }, one.ports)).rejects.toMatchObject({
      code: "LOGIN_EXPIRED",
      exitCode: 7,
      message: expect.stringContaining(world.gate.host),
    });
    expect(made("GetAuthorizationToken")).toHaveLength(2);
    one.end();
  });
});

test("a push tells its layers while it is at it", async () => {
  const one = await startProcess(world, world.commit());
  await publish({ dryRun: false }, one.ports);
  expect(one.said).toContain("0/1 layers");
  expect(one.said).toContain("1/1 layers");
  one.end();
});

test("what is uploaded by ourselves tells its layers too, and needs no login of docker", async () => {
  await using one = await faultWorld({ services: 1, indexes: true });
  one.gate.open();
  const own = await startProcess(one, one.commit());
  const { images } = await publish({ dryRun: false }, own.ports);
  own.end();
  expect(images).toMatchObject([{ pushed: true, digest: expect.any(String) }]);
  expect(own.said[0]).toMatch(/^0\/3 layers, 0\.0 of \d\.\d MB$/);
  expect(own.said.at(-1)).toMatch(/^3\/3 layers, (\d\.\d) of \1 MB$/);
  expect(one.docker.ran.map(({ line }) => line.split(" ", 2).join(" "))).toEqual(["docker image", "sh -c"]);
  expect(one.gate.calls.join()).not.toMatch(/GetAuthorizationToken|v2/);
});

describe("two processes that publish the same commit at once", () => {
  test.each([
    ["IMMUTABLE", "perService", false],
    ["MUTABLE", "perService", false],
    ["IMMUTABLE", "single", false],
    // One of the two images is uploaded by ourselves.
    ["MUTABLE", "perService", true],
    ["IMMUTABLE", "single", true],
  ] as const)("to %s repositories (%s, an index: %s): one does the work, the other says so", async (...how) => {
    const [mutability, layout, indexes] = how;
    await using both = await faultWorld({ mutability, layout, indexes });
    both.gate.open();
    const head = both.commit();
    const processes = await Promise.all([startProcess(both, head), startProcess(both, head)]);
    const results = await Promise.all(processes.map(({ ports }) => publish({ dryRun: false }, ports)));
    expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(["already-published", "published"]);
    expect(results.map(({ published }) => published)).toEqual([true, true]);
    expect(results[0]?.bundle).toEqual(results[1]?.bundle);
    for (const one of processes) one.end();
  });

  test("from two machines with two builds: the second is a conflict, and nothing of the first is touched", async () => {
    const head = world.commit();
    const elsewhere = { ...world, docker: fakeDocker(pushOverHttp(world.gate.host)) };
    for (const [name, image] of world.docker.images)
      elsewhere.docker.images.set(name, { ...image, config: `${image.config} built elsewhere` });
    const [here, there] = await Promise.all([startProcess(world, head), startProcess(elsewhere, head)]);
    // It arrives between this process's look at the registry and its push.
    const { processes } = world.docker;
    const really = processes.run.bind(processes);
    let theirs: Promise<unknown> | undefined;
    Object.assign(processes, {
      run: async (...[command, options]: Parameters<typeof really>) => {
        if (command.args[1] === "push") await (theirs ??= publish({ dryRun: false }, there.ports));
        return really(command, options);
      },
    });
    await expect(publish({ dryRun: false }, here.ports)).rejects.toMatchObject({ code: "TAG_CONFLICT", exitCode: 4 });
    expect(await theirs).toMatchObject({ outcome: "published" });
    for (const one of [here, there]) one.end();
    const release = await readRelease(world.truth, "threads/bundle", head.revision);
    for (const { repository, digest } of Object.values(release?.release.images ?? {}))
      expect((await world.truth.find(repository, head.revision))?.digest).toBe(digest);
  });
});
