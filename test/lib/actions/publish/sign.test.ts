import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publish, type PublishOptions, type PublishPorts } from "../../../../src/lib/actions/publish/run.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { Signable, Signatures } from "../../../../src/lib/signature/signatures.ts";
import { asPrinted } from "../../../fakes/results.ts";
import { services, type TestWorld, testWorld } from "./world.ts";

let world: TestWorld;
/** What cosign would have made; test/e2e/signatures.long.test.ts runs it. */
let signed: Map<string, Signable>;
let signatures: Signatures;

beforeEach(async () => {
  world = await testWorld();
  signed = new Map();
  signatures = {
    unsigned: () => Promise.reject(new Error("no gate is judged here")),
    lacking: (things) => Promise.resolve(things.filter(({ digest }) => !signed.has(digest))),
    sign: (things) => {
      for (const one of things) signed.set(one.digest, one);
      return Promise.resolve();
    },
    requireSigner: () => Promise.resolve(),
  };
});
afterEach(() => world[Symbol.asyncDispose]());

const key = "awskms:///alias/threads";
const run = async (
  options: Partial<PublishOptions> = {},
  given: Partial<Signatures> = {},
  outside: Partial<PublishPorts> = {},
) => {
  const ports = { ...world.ports, ...outside, signatures: { ...signatures, ...given } };
  return asPrinted("publish", await publish({ dryRun: false, sign: { key }, ...options }, ports));
};
const failed = () => Promise.reject(new ThreadsError("SIGNING_FAILED", { message: "cosign did not sign: no route" }));
const states = (result: Awaited<ReturnType<typeof run>>) =>
  result.signatures?.map(({ name, state }) => `${name} ${state}`);
const each = (state: string) => [...services, "bundle"].map((name) => `${name} ${state}`);

test("what is published is signed by its digests, the bundle too; once more there is nothing to do", async () => {
  world.smoked("one");
  const plan = await run({ dryRun: true });
  expect(plan).toMatchObject({ outcome: "planned", next: [`threads publish --sign --key ${key}`] });
  expect(states(plan)).toEqual(each("planned"));
  expect(signed.size).toBe(0);
  const first = await run();
  expect(first.outcome).toBe("published");
  expect(states(first)).toEqual(each("signed"));
  expect([...signed.keys()]).toEqual([...first.images.map(({ digest }) => digest), first.bundle.digest]);
  expect(states(await run())).toEqual(each("present"));
});

test("without --sign nobody signs, and nobody asks", async () => {
  world.smoked("one");
  const refuse = () => Promise.reject(new Error("nobody has asked for this"));
  const result = await run({ sign: undefined }, { lacking: refuse, sign: refuse, requireSigner: refuse });
  expect(result).toMatchObject({ outcome: "published", signatures: null });
});

test("what somebody has published without is signed afterwards; a plan says what is missing, and signs nothing", async () => {
  world.smoked("one");
  const { images } = await run({ sign: undefined });
  const web = images.find(({ service }) => service === "web");
  signed.set(web?.digest ?? "", { name: "web", repository: "threads/web", digest: web?.digest as Signable["digest"] });
  const open = each("planned").map((line) => (line.startsWith("web ") ? "web present" : line));
  expect(states(await run({ dryRun: true }))).toEqual(open);
  expect(signed.size).toBe(1);
  const late = await run();
  expect(late).toMatchObject({ outcome: "already-published" });
  expect(states(late)).toEqual(open.map((line) => line.replace("planned", "signed")));
});

test("where nobody can sign that is said before anything is pushed", async () => {
  world.smoked("one");
  const requireSigner = () => Promise.reject(new ThreadsError("COSIGN_MISSING", { message: "it is not here" }));
  await expect(run({}, { requireSigner })).rejects.toMatchObject({ code: "COSIGN_MISSING", outcome: "refused" });
  expect(world.ecr.calls).not.toContain("PutImage");
  expect(world.docker.ran.filter(({ line }) => line.startsWith("docker image push"))).toEqual([]);
});

test("a release that could not be signed is published all the same, and what finishes it is told", async () => {
  world.smoked("one");
  await expect(run({}, { sign: failed })).rejects.toMatchObject({
    code: "SIGNING_FAILED",
    outcome: "unknown",
    message: "cosign did not sign: no route; the release is published",
    details: expect.arrayContaining(["in doubt: the signatures"]),
    next: [`threads publish --sign --key ${key}`],
  });
  expect(await run({ sign: undefined })).toMatchObject({ outcome: "already-published" });
  expect(states(await run())).toEqual(each("signed"));
});

test("the key of the command comes before that of threads.yml", async () => {
  world.smoked("one");
  const config = { ...world.ports.config, signing: { key: "cosign.key", log: false } };
  const asked: unknown[] = [];
  const requireSigner: Signatures["requireSigner"] = (how) => Promise.resolve(void asked.push(how));
  await run({ dryRun: true }, { requireSigner }, { config });
  await run({ dryRun: true, sign: { key: undefined } }, { requireSigner }, { config });
  expect(asked).toEqual([
    { key, log: false },
    { key: "cosign.key", log: false },
  ]);
});

test("what is published is signed though the registry does not find its tag yet", async () => {
  const revision = world.smoked("one");
  const { registry } = world.ports;
  let isWhole = false;
  const tag: typeof registry.tag = async (repository, manifest, name, known) => {
    const written = await registry.tag(repository, manifest, name, known);
    // The last that is written.
    isWhole ||= name.startsWith("tree-");
    return written;
  };
  const find: typeof registry.find = async (repository, reference) =>
    isWhole && reference === revision ? undefined : registry.find(repository, reference);
  const result = await run({}, {}, { registry: { ...registry, tag, find } });
  expect(states(result)).toEqual(each("signed"));
  expect([...signed.keys()].at(-1)).toBe(result.bundle.digest);
});

describe("what is published is signed where nobody has smoked it", () => {
  /** Another one's, by the tag of the commit: this machine has no image of it. */
  const foreign = async () => {
    world.smoked("one");
    await run({ sign: undefined });
    world.docker.images.clear();
    world.warnings.length = 0;
  };

  test("only once somebody adopts it, and its images pass by digest", async () => {
    await foreign();
    for (const dryRun of [true, false])
      await expect(run({ dryRun })).rejects.toMatchObject({
        code: "NOT_SMOKED",
        message: expect.stringMatching(/^this machine has not smoked web, celery, celery-beat and nginx of /),
        next: [expect.stringContaining("aws ecr describe-images"), `threads publish --sign --key ${key} --adopt`],
      });
    const smoke = () => Promise.reject(new ThreadsError("CHECKS_FAILED", { message: "/ answers 500" }));
    await expect(run({ adopt: true }, {}, { smoke })).rejects.toMatchObject({ code: "CHECKS_FAILED" });
    expect(states(await run({ adopt: true, dryRun: true }))).toEqual(each("planned"));
    expect([signed.size, world.byDigest.length]).toEqual([0, 0]);
    const result = await run({ adopt: true });
    expect(states(result)).toEqual(each("signed"));
    const images = result.images.map(({ service, digest }) => [
      service,
      `${world.ecr.host}/threads/${service}@${digest}`,
    ]);
    expect(world.byDigest).toMatchObject([{ images: Object.fromEntries(images) as object }]);
    expect(world.warnings).toContainEqual(expect.stringMatching(/^the signature vouches for web, celery, /));
  });

  test("and not where its bundle cannot be compared with git", async () => {
    world.smoked("one");
    await run({ sign: undefined });
    const why = new ThreadsError("SHALLOW_CLONE", { message: "this clone is shallow" });
    const provenance = () => Promise.resolve({ state: "unknown" as const, why });
    await expect(run({}, {}, { provenance })).rejects.toMatchObject({ code: "SOURCES_UNKNOWN" });
    expect(signed.size).toBe(0);
  });

  test("but nothing is asked where it is signed already", async () => {
    world.smoked("one");
    await run();
    world.docker.images.clear();
    expect(states(await run())).toEqual(each("present"));
    expect(world.byDigest).toEqual([]);
  });
});

test("another build that was published is signed by whoever adopts it, once it passes here", async () => {
  const revision = world.smoked("one");
  await run({ sign: undefined });
  const name = `threads-celery:${revision}`;
  world.docker.images.set(name, { ...world.docker.images.get(name)!, config: "built anew" });
  await expect(run()).rejects.toMatchObject({
    code: "FOREIGN_RELEASE",
    next: [expect.stringContaining("aws ecr describe-images"), `threads publish --sign --key ${key} --adopt`],
  });
  await expect(run({ adopt: true }, { sign: failed })).rejects.toMatchObject({
    next: [`threads publish --sign --key ${key} --adopt`],
  });
  expect(await run({ adopt: true })).toMatchObject({ otherBuild: ["celery"] });
  expect(world.byDigest).toHaveLength(2);
});

test("what another machine has begun is signed by whoever finishes it, as it was begun", async () => {
  const revision = world.smoked("one");
  const { images } = await run({ sign: undefined });
  for (const service of ["nginx", "bundle"]) world.tagsOf(service).delete(revision);
  world.docker.images.clear();
  await expect(run()).rejects.toMatchObject({
    next: [expect.stringContaining("aws ecr describe-images"), `threads publish --sign --key ${key} --adopt`],
  });
  const plan = await run({ adopt: true, dryRun: true });
  expect(plan).toMatchObject({
    outcome: "planned",
    published: false,
    next: [`threads publish --sign --key ${key} --adopt`],
  });
  expect(states(plan)).toEqual(each("planned"));
  expect(signed.size).toBe(0);
  await expect(run({ adopt: true }, { sign: failed })).rejects.toMatchObject({
    code: "SIGNING_FAILED",
    message: "cosign did not sign: no route; the release is published",
    next: [`threads publish --sign --key ${key} --adopt`],
  });
  world.tagsOf("bundle").delete(revision);
  const finished = await run({ adopt: true });
  expect(finished.outcome).toBe("published");
  expect(states(finished)).toEqual(each("signed"));
  expect([...signed.keys()]).toEqual([...images.map(({ digest }) => digest), finished.bundle.digest]);
});
