import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { connectRegistry } from "../../../../src/lib/registry/ecr/ecr.ts";
import { repoAt } from "../../../fakes/ecr-repo.ts";
import { retag } from "../../../../src/lib/registry/retag.ts";
import { awsClients } from "../../../../src/lib/aws/clients.ts";
import { type FakeEcr, fakeEcr } from "../../../fakes/ecr.ts";
import { jumpingClock, registryOn } from "../connect.ts";

let ecr: FakeEcr;
beforeEach(async () => {
  ecr = await fakeEcr();
});
afterEach(() => ecr[Symbol.asyncDispose]());

const web = "threads/web";
const sha = "a".repeat(40);
const counted = (operation: string) => ecr.calls.filter((call) => call === operation).length;
const ported = (on: FakeEcr) => ({ registry: registryOn(on), clock: jumpingClock() });
const webTags = () => ecr.state.repositories.get(web)?.tags;

describe("find", () => {
  test("gives the exact bytes by tag, in one call, and by digest", async () => {
    const digest = ecr.push(web, sha, { config: "one" });
    const registry = registryOn(ecr);
    const found = await registry.find(web, sha);
    expect(ecr.calls).toEqual(["BatchGetImage"]);
    expect(found?.digest).toBe(digest);
    expect(digestOf(found?.body ?? "")).toBe(digest);
    expect(found?.mediaType).toBe("application/vnd.docker.distribution.manifest.v2+json");
    expect(await registry.find(web, digest)).toEqual(found);
  });

  test("what is not there is undefined, not an error", async () => {
    expect(await registryOn(ecr).find(web, sha)).toBeUndefined();
    expect(await registryOn(ecr).find(web, digestOf("x"))).toBeUndefined();
  });

  test("a manifest that was translated by tag is read again by digest", async () => {
    const digest = ecr.push(web, sha, { config: "one" });
    ecr.state.translate = true;
    const found = await registryOn(ecr).find(web, sha);
    expect(digestOf(found?.body ?? "")).toBe(digest);
    expect(counted("BatchGetImage")).toBe(2);
  });

  test("bytes that are never those of the digest are refused", async () => {
    ecr.push(web, sha, { config: "one" });
    ecr.state.corrupt = true;
    await expect(registryOn(ecr).find(web, sha)).rejects.toMatchObject({ code: "DIGEST_MISMATCH", exitCode: 3 });
  });

  test.each([
    ["ImageInaccessible", "IMAGE_ARCHIVED"],
    ["KmsError", "KMS_KEY"],
    ["UpstreamUnavailable", "AWS_FAILURE"],
  ])("%s in a reply that says success is %s", async (failureCode, code) => {
    ecr.state.failureCode = failureCode;
    await expect(registryOn(ecr).find(web, sha)).rejects.toMatchObject({ code });
  });

  test("an illegal tag never goes to the wire", async () => {
    await expect(registryOn(ecr).find(web, "a b")).rejects.toMatchObject({ code: "TAG_INVALID" });
    expect(ecr.calls).toEqual([]);
  });

  test("a missing repository is named, with how to make it", async () => {
    await expect(registryOn(ecr).find("threads/nobody", sha)).rejects.toMatchObject({
      code: "REPOSITORY_NOT_FOUND",
      exitCode: 3,
      message: expect.stringContaining("threads/nobody"),
      next: expect.arrayContaining([expect.stringContaining("create-repository --repository-name threads/nobody")]),
    });
  });

  test("the registry's own account is asked for, not the caller's", async () => {
    const digest = ecr.push(web, sha, { config: "one" });
    ecr.state.account = "999999999999";
    const registry = registryOn(ecr);
    expect((await registry.find(web, sha))?.digest).toBe(digest);
    expect(await retag({ registry, clock: jumpingClock() }, { repository: web, digest, tag: "prod-1" })).toBe(
      "created",
    );
    const layer = await registry.upload(web, Buffer.from("layer"));
    expect(await registry.lacking(web, [layer])).toEqual(new Set());
  });
});

describe("several questions at once", () => {
  test("about one repository are one call, each with its own answer", async () => {
    const digest = ecr.push(web, sha, { config: "one" });
    const other = ecr.push(web, "other", { config: "two" });
    const registry = registryOn(ecr);
    const [tagged, byDigest, absent, second] = await Promise.all([
      registry.find(web, sha),
      registry.find(web, digest),
      registry.find(web, "prod-1"),
      registry.find(web, "other"),
    ]);
    expect([tagged?.digest, byDigest?.digest, absent, second?.digest]).toEqual([digest, digest, undefined, other]);
    expect(ecr.calls).toEqual(["BatchGetImage"]);
  });

  test("by name: what is not there is not in the map", async () => {
    const digest = ecr.push(web, sha, { config: "one" });
    const found = await registryOn(ecr).findMany(web, [sha, "prod-1", digest]);
    expect([...found].map(([name, image]) => [name, image.digest])).toEqual([
      [sha, digest],
      [digest, digest],
    ]);
    expect(ecr.calls).toEqual(["BatchGetImage"]);
  });

  test("more than ECR takes at once are several calls", async () => {
    const names = Array.from({ length: 101 }, (_, index) => `v${String(index)}`);
    await registryOn(ecr).findMany(web, names);
    expect(ecr.calls).toEqual(["BatchGetImage", "BatchGetImage"]);
  });

  test("about several repositories are a call each, and one that does not exist spoils only its own", async () => {
    ecr.push(web, sha, { config: "one" });
    const registry = registryOn(ecr);
    const found = await Promise.allSettled([registry.find(web, sha), registry.find("threads/nobody", sha)]);
    expect(found.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });

  test("what one image was called twice and answered once is asked again by itself", async () => {
    const digest = ecr.push(web, sha, { config: "one" });
    ecr.state.answerOnce = true;
    const registry = registryOn(ecr);
    const found = await Promise.all([registry.find(web, sha), registry.find(web, digest)]);
    expect(found.map((image) => image?.digest)).toEqual([digest, digest]);
  });
});

describe("retag", () => {
  test("puts the same bytes under another tag", async () => {
    const digest = ecr.push(web, sha, { config: "one" });
    expect(await retag(ported(ecr), { repository: web, digest, tag: "prod-1" })).toBe("created");
    expect(webTags()?.get("prod-1")).toBe(digest);
    expect(await retag(ported(ecr), { repository: web, digest, tag: "prod-1" })).toBe("present");
    expect(counted("PutImage")).toBe(1);
  });

  test.each([true, false])("never moves a tag, in an immutable (%s) repository or not", async (immutable) => {
    const digest = ecr.push(web, sha, { config: "one" });
    const other = ecr.push(web, "prod-1", { config: "two" });
    Object.assign(ecr.state.repositories.get(web) ?? {}, { immutable });
    await expect(retag(ported(ecr), { repository: web, digest, tag: "prod-1" })).rejects.toMatchObject({
      code: "TAG_CONFLICT",
      exitCode: 4,
      details: [`there:  ${other}`, `wanted: ${digest}`],
    });
    expect(counted("PutImage")).toBe(0);
  });

  test("a digest that is gone is refused", async () => {
    await expect(retag(ported(ecr), { repository: web, digest: digestOf("x"), tag: "prod-1" })).rejects.toMatchObject({
      code: "IMAGE_GONE",
      exitCode: 3,
    });
  });

  test.each([
    ["ImageTagAlreadyExistsException", true],
    ["ImageAlreadyExistsException", false],
  ])("a lost reply, then %s: read again, equal, done", async (_, immutable) => {
    const digest = ecr.push(web, sha, { config: "one" });
    Object.assign(ecr.state.repositories.get(web) ?? {}, { immutable });
    ecr.fail({ operation: "PutImage", times: 1, how: "lost-reply" });
    expect(await retag(ported(ecr), { repository: web, digest, tag: "prod-1" })).toBe("created");
    expect(counted("PutImage")).toBe(2);
    expect(webTags()?.get("prod-1")).toBe(digest);
  });

  test("replies that are lost until the SDK gives up: the tag is asked for, and counts", async () => {
    const digest = ecr.push(web, sha, { config: "one" });
    Object.assign(ecr.state.repositories.get(web) ?? {}, { immutable: false });
    ecr.fail({ operation: "PutImage", times: 2, how: "lost-reply" });
    expect(await retag(ported(ecr), { repository: web, digest, tag: "prod-1" })).toBe("created");
  });

  test("a request that never arrives is told as it is", async () => {
    await using once = await fakeEcr({ attempts: 1 });
    const digest = once.push(web, sha, { config: "one" });
    once.fail({ operation: "PutImage", times: Infinity, how: "cut" });
    await expect(retag(ported(once), { repository: web, digest, tag: "prod-1" })).rejects.toMatchObject({
      code: "AWS_UNREACHABLE",
      exitCode: 3,
    });
    expect(once.state.repositories.get(web)?.tags.has("prod-1")).toBe(false);
  });

  test.each(["cut", { error: "AccessDeniedException" }] as const)(
    "no reply to the write and only %j to the question is an unknown outcome",
    async (how) => {
      await using once = await fakeEcr({ attempts: 1 });
      const digest = once.push(web, sha, { config: "one" });
      once.fail({ operation: "PutImage", times: 1, how: "lost-reply" });
      once.after("PutImage", () => once.fail({ operation: "BatchGetImage", times: Infinity, how }));
      await expect(retag(ported(once), { repository: web, digest, tag: "prod-1" })).rejects.toMatchObject({
        code: "OUTCOME_UNKNOWN",
        exitCode: 7,
      });
    },
  );

  test("a reply that is lost, and another image under the tag by then: never moved, in a mutable repository either", async () => {
    await using once = await fakeEcr({ attempts: 1 });
    const digest = once.push(web, sha, { config: "one" });
    Object.assign(once.state.repositories.get(web) ?? {}, { immutable: false });
    once.fail({ operation: "PutImage", times: 1, how: "cut" });
    once.after("BatchGetImage", () =>
      once.after("BatchGetImage", () => void once.push(web, "prod-1", { config: "two" })),
    );
    await expect(retag(ported(once), { repository: web, digest, tag: "prod-1" })).rejects.toMatchObject({
      code: "TAG_CONFLICT",
    });
    expect(once.calls.filter((call) => call === "PutImage")).toHaveLength(1);
  });

  test("somebody else's other image, put in between, is a conflict", async () => {
    const digest = ecr.push(web, sha, { config: "one" });
    let looks = 0;
    const sneak = () => {
      looks += 1;
      if (looks === 2) ecr.push(web, "prod-1", { config: "two" });
      else ecr.after("BatchGetImage", sneak);
    };
    ecr.after("BatchGetImage", sneak);
    await expect(retag(ported(ecr), { repository: web, digest, tag: "prod-1" })).rejects.toMatchObject({
      code: "TAG_CONFLICT",
    });
    expect(counted("PutImage")).toBe(1);
  });

  test("a tag that is not visible at once is waited for", async () => {
    const digest = ecr.push(web, sha, { config: "one" });
    const { registry, clock } = { registry: registryOn(ecr), clock: jumpingClock() };
    let hidden = 2;
    const find: typeof registry.find = async (repository, reference) => {
      if (reference === "prod-1" && hidden-- > 0) return undefined;
      return registry.find(repository, reference);
    };
    const ports = { registry: { ...registry, find }, clock };
    expect(await retag(ports, { repository: web, digest, tag: "prod-1" })).toBe("created");
    expect(clock.slept).toHaveLength(2);
  });

  test("a tag that never shows is an unknown outcome", async () => {
    const digest = ecr.push(web, sha, { config: "one" });
    const registry = registryOn(ecr);
    const find: typeof registry.find = async (repository, reference) =>
      reference === "prod-1" ? undefined : registry.find(repository, reference);
    await expect(
      retag({ registry: { ...registry, find }, clock: jumpingClock() }, { repository: web, digest, tag: "prod-1" }),
    ).rejects.toMatchObject({ code: "TAG_UNSETTLED", exitCode: 7 });
  });

  test("layers of another repository are not there", async () => {
    const digest = ecr.push(web, sha, { config: "one" });
    ecr.state.repositories.get(web)?.blobs.clear();
    await expect(retag(ported(ecr), { repository: web, digest, tag: "prod-1" })).rejects.toMatchObject({
      code: "IMAGE_GONE",
      message: expect.stringContaining("all of"),
    });
  });
});

describe("blobs", () => {
  test("go up in the parts that ECR asks for", async () => {
    const bytes = Buffer.alloc(2_500, "x");
    const registry = registryOn(ecr);
    const digest = await registry.upload(web, bytes);
    expect(counted("UploadLayerPart")).toBe(3);
    expect(ecr.state.repositories.get(web)?.blobs.get(digest)).toEqual(bytes);
    expect(await registry.upload(web, bytes)).toBe(digest);
    expect(ecr.calls).not.toContain("BatchCheckLayerAvailability");
  });

  test("a lost reply at the end of an upload is no failure", async () => {
    ecr.fail({ operation: "CompleteLayerUpload", times: 1, how: "lost-reply" });
    const digest = await registryOn(ecr).upload(web, Buffer.from("x"));
    expect(ecr.state.repositories.get(web)?.blobs.has(digest)).toBe(true);
  });
});

describe("the connection", () => {
  test("login gives docker's credentials for the host of the references, the password as a secret", async () => {
    const login = await registryOn(ecr).login();
    expect(login).toMatchObject({ username: "AWS", host: ecr.host });
    expect(login.password.reveal()).toBe("pass:word");
    expect(JSON.stringify(login)).not.toContain("pass:word");
  });

  test("throttling is waited out beyond the SDK's own attempts", async () => {
    ecr.push(web, sha, { config: "one" });
    ecr.fail({ operation: "BatchGetImage", times: 5, how: { error: "ThrottlingException" } });
    const clock = jumpingClock();
    expect(await registryOn(ecr, { clock }).find(web, sha)).toBeDefined();
    expect(clock.slept).toHaveLength(2);
  });

  test("throttling without end is told after two minutes", async () => {
    await using once = await fakeEcr({ attempts: 1 });
    once.fail({ operation: "BatchGetImage", times: 1_000, how: { error: "ThrottlingException" } });
    await expect(registryOn(once).find(web, sha)).rejects.toMatchObject({ code: "THROTTLED", exitCode: 3 });
  });

  test.each([
    ["ExpiredTokenException", "CREDENTIALS_EXPIRED"],
    ["AccessDeniedException", "ACCESS_DENIED"],
    ["UnrecognizedClientException", "CREDENTIALS_INVALID"],
    ["LimitExceededException", "ECR_LIMIT"],
    ["KmsException", "KMS_KEY"],
  ])("%s is told as %s, without further tries", async (error, code) => {
    ecr.fail({ operation: "BatchGetImage", times: 10, how: { error } });
    await expect(registryOn(ecr).find(web, sha)).rejects.toMatchObject({ code, exitCode: 3 });
    expect(counted("BatchGetImage")).toBeLessThanOrEqual(2);
  });

  test("no credentials at all are said to be missing", async () => {
    const repo = repoAt(ecr.host);
    const client = await awsClients({ region: "eu-west-1" }).ecr();
    const noCredentials = Object.assign(new Error("Could not load credentials"), { name: "CredentialsProviderError" });
    client.config.credentials = () => Promise.reject(noCredentials);
    const registry = connectRegistry({ repo, aws: { ecr: () => Promise.resolve(client) }, clock: jumpingClock() });
    await expect(registry.find(web, sha)).rejects.toMatchObject({ code: "NO_CREDENTIALS" });
  });

  test("an abort ends it with the signal's reason", async () => {
    const aborting = new AbortController();
    ecr.after("BatchGetImage", () => aborting.abort(new Error("Ctrl-C")));
    ecr.fail({ operation: "BatchGetImage", times: 10, how: { error: "ThrottlingException" } });
    await expect(registryOn(ecr, { signal: aborting.signal }).find(web, sha)).rejects.toThrow("Ctrl-C");
  });

  test("no more than ten tags a second", async () => {
    const clock = jumpingClock();
    const registry = registryOn(ecr, { clock });
    const digest = ecr.push(web, sha, { config: "one" });
    for (let number = 0; number < 12; number += 1)
      await retag({ registry, clock }, { repository: web, digest, tag: `prod-${String(number)}` });
    expect(clock.slept).toEqual([1_000]);
  });
});
