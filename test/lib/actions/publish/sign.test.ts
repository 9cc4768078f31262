import { afterEach, beforeEach, expect, test } from "vitest";
import { publish, type PublishOptions, type PublishPorts } from "../../../../src/lib/actions/publish/run.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { Signable, Signatures } from "../../../../src/lib/signature/signatures.ts";
import { asPrinted } from "../../../fakes/results.ts";
import { services, type TestWorld, testWorld } from "./world.ts";

let world: TestWorld;
/** What cosign would have made; test/e2e/signatures.test.ts runs it. */
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
  { config }: Pick<PublishPorts, "config"> = world.ports,
) => {
  const ports = { ...world.ports, config, signatures: { ...signatures, ...given } };
  return asPrinted("publish", await publish({ dryRun: false, sign: { key }, ...options }, ports));
};
const failed = () => Promise.reject(new ThreadsError("SIGNING_FAILED", { message: "cosign did not sign: no route" }));
const states = (result: Awaited<ReturnType<typeof run>>) =>
  result.signatures?.map(({ name, state }) => `${name} ${state}`);
const each = (state: string) => [...services, "bundle"].map((name) => `${name} ${state}`);

test("what is published is signed by its digests, the bundle too; once more there is nothing to do", async () => {
  world.smoked("one");
  const plan = await run({ dryRun: true });
  expect(plan).toMatchObject({ outcome: "planned", next: ["threads publish --sign"] });
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
    next: ["threads publish --sign"],
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

test("what another machine has begun is signed by whoever finishes it, as it was begun", async () => {
  const revision = world.smoked("one");
  const { images } = await run({ sign: undefined });
  for (const service of ["nginx", "bundle"]) world.tagsOf(service).delete(revision);
  world.docker.images.clear();
  const plan = await run({ adopt: true, dryRun: true });
  expect(plan).toMatchObject({ outcome: "planned", published: false });
  expect(states(plan)).toEqual(each("planned"));
  expect(signed.size).toBe(0);
  await expect(run({ adopt: true }, { sign: failed })).rejects.toMatchObject({
    code: "SIGNING_FAILED",
    message: "cosign did not sign: no route; the release is published",
    next: ["threads publish --sign --adopt"],
  });
  world.tagsOf("bundle").delete(revision);
  const finished = await run({ adopt: true });
  expect(finished.outcome).toBe("published");
  expect(states(finished)).toEqual(each("signed"));
  expect([...signed.keys()]).toEqual([...images.map(({ digest }) => digest), finished.bundle.digest]);
});
