import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { promote } from "../../../src/lib/actions/promote/run.ts";
import { publish } from "../../../src/lib/actions/publish/run.ts";
import type { Head } from "../../../src/lib/source/source.ts";
import { published } from "./jobs.ts";
import { promotePorts } from "./promote-ports.ts";
import { type FaultWorld, faultWorld, startProcess } from "./world.ts";

let world: FaultWorld;
beforeAll(async () => {
  world = await faultWorld({ services: 4 });
});
afterAll(() => world[Symbol.asyncDispose]());

/** Calls to ECR, without the tag and digest that they are about: `BatchGetImage threads/web`. */
const ecrCalls = (): string[] =>
  world.gate.calls
    .filter((call) => !/^(?:GetParameter|PutParameter|GetCaller)/.test(call))
    .map((call) => call.replace(/[: ]?[:#@].*$/, ""));
const about = (name: string): string[] =>
  ecrCalls().filter((call) => call.endsWith(` threads/${name}`) || call.includes(`/threads/${name}/`));
const reads = (calls: readonly string[]): number => calls.filter((call) => call.startsWith("BatchGetImage")).length;
const services = (): readonly string[] => world.config.services;

/** @returns the round trips up to the smoke test, which is none itself. */
async function promoted(head: Head, environment = "prod"): Promise<number> {
  const one = await startProcess(world, head);
  const ports = await promotePorts(one);
  let before = 0;
  const smoke: typeof ports.smoke = (what) => {
    before = world.gate.rounds;
    return ports.smoke(what);
  };
  await promote({ release: head.revision, environment, dryRun: false }, { ...ports, smoke });
  one.end();
  return before;
}

describe("calls, when nothing goes wrong", () => {
  test("a first publish looks for each image by the commit's tag and by its own, and reads both back", async () => {
    world.gate.open();
    await published(world, world.commit());
    for (const service of services())
      expect(about(service).filter((call) => !call.includes("/v2/"))).toEqual([
        // Two looks and what was pushed; before the tag is put it is looked for once more, then read back.
        ...Array.from({ length: 4 }, () => `BatchGetImage threads/${service}`),
        `PutImage threads/${service}`,
        `BatchGetImage threads/${service}`,
      ]);
    // Look, look again meanwhile, read back what is begun; look, and read back with the tree's tag; two blobs in three calls
    // each; the tags of what is begun, of the commit, of its tree.
    expect(about("bundle").toSorted()).toEqual(
      [
        ...Array.from({ length: 5 }, () => "BatchGetImage"),
        "PutImage",
        ...["InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage"].flatMap((name) => [
          name,
          name,
        ]),
      ]
        .map((name) => `${name} threads/bundle`)
        .toSorted(),
    );
    expect(ecrCalls().filter((call) => call.startsWith("GetAuthorizationToken"))).toHaveLength(1);
  });

  test("a second publish is one question per repository, all at once", async () => {
    const head = world.commit();
    await published(world, head);
    world.gate.open({ counting: true });
    const again = await startProcess(world, head);
    expect((await publish({ dryRun: false }, again.ports)).outcome).toBe("already-published");
    again.end();
    expect(ecrCalls().toSorted()).toEqual(
      [...services(), "bundle"].map((name) => `BatchGetImage threads/${name}`).toSorted(),
    );
    expect(world.gate.rounds).toBe(1);
  });

  test("a promotion asks before the test, and then needs three requests per image: look, tag, read back", async () => {
    const head = world.commit();
    await published(world, head);
    world.gate.open({ counting: true });
    const before = await promoted(head);
    // The evidence; look again; the promotion's record with the images' tags, read back; the bundle's, read back.
    expect(world.gate.rounds - before).toBe(6);
    for (const service of services()) {
      const calls = about(service).filter((call) => !call.startsWith("GetLifecyclePolicy"));
      expect(calls).toEqual(
        ["BatchGetImage", "BatchGetImage", "PutImage", "BatchGetImage"].map((name) => `${name} threads/${service}`),
      );
    }
    expect(reads(about("bundle"))).toBe(3);
    expect(world.gate.calls.join()).not.toMatch(/Layer(?!s?Policy)|v2/);
  });

  test("with the smoke on record a promotion is five round trips: look, tag with the record, read back, the bundle's tag, read back", async () => {
    const head = world.commit();
    await published(world, head);
    await promoted(head, "dev");
    world.gate.open({ counting: true });
    await promoted(head);
    expect(world.gate.rounds).toBe(5);
    for (const name of [...services(), "bundle"])
      expect(about(name).filter((call) => /Image/.test(call))).toHaveLength(3);
  });

  test("a promotion that is done already is one question per repository, all at once, one for its record, and one for its lifecycle rules", async () => {
    const head = world.commit();
    await published(world, head);
    await promoted(head);
    world.gate.open({ counting: true });
    await promoted(head);
    for (const name of [...services(), "bundle"]) expect(reads(about(name))).toBe(1);
    expect(world.gate.calls.join()).not.toMatch(/Put/);
    expect(world.gate.rounds).toBe(3);
  });
});
