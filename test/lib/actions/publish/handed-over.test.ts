import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { publish } from "../../../../src/lib/actions/publish/run.ts";
import { type Digest, digestOf } from "../../../../src/lib/image/digest.ts";
import type { Signable } from "../../../../src/lib/signature/signatures.ts";
import { writeHandover } from "../../../../src/lib/stack/handover.ts";
import { services, type TestWorld, testWorld } from "./world.ts";

let world: TestWorld;
let folder: string;
beforeEach(async () => {
  world = await testWorld();
  folder = mkdtempSync(join(tmpdir(), "threads-handover-"));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await world[Symbol.asyncDispose]();
});

const kind = "expand" as const;

/** A commit smoked on one machine, whose docker then has nothing of it left: this is another. @returns its revision, and the digest of what it left */
async function handedOver(text = "one"): Promise<{ readonly revision: string; readonly digest: string }> {
  const revision = world.smoked(text);
  const { app } = world.ports.config;
  const names = services.map((service) => `${app}-${service}:${revision}`);
  const ids = services.map((service) => [service, digestOf(`${service} ${text}`)] as const);
  const digest = await writeHandover(
    folder,
    {
      app,
      revision,
      tree: world.repository.git("rev-parse", "HEAD^{tree}"),
      images: Object.fromEntries(ids),
      migrations: [{ name: "posts.0001", kind }],
    },
    { names, archive: world.ports.archive },
  );
  world.docker.images.clear();
  return { revision, digest };
}

const recorded = () =>
  JSON.parse(readFileSync(join(folder, "smoke.json"), "utf8")) as { readonly images: Record<string, Digest> };
const take = (digest: string | undefined, given = folder) =>
  publish({ dryRun: false, from: { folder: given, digest } }, world.ports);

test("what passed on another machine is published, and nothing of it is run here", async () => {
  const { revision, digest } = await handedOver();
  const plan = await publish({ dryRun: true, from: { folder, digest } }, world.ports);
  expect(plan.next).toEqual([`threads publish --from ${folder} --digest ${digest}`]);
  const result = await take(digest);
  expect(result).toMatchObject({ outcome: "published", revision });
  expect(world.tagsOf("web").has(revision)).toBe(true);
  expect(world.docker.ran.filter(({ line }) => /^docker (run|build|compose .* (up|run|build))\b/.test(line))).toEqual(
    [],
  );
});

test("the migrations are those that it told there", async () => {
  const { digest } = await handedOver();
  const migrations = { service: "web", command: ["list"] };
  const { config } = world.ports;
  const runtime = { ...config.runtime, migrations };
  world.docker.prints = JSON.stringify({ name: "somebody.else", kind: "contract" });
  const ports = { ...world.ports, config: { ...config, runtime } };
  await publish({ dryRun: false, from: { folder, digest } }, ports);
  expect(world.docker.ran.filter(({ line }) => line.startsWith("docker run"))).toEqual([]);
  const { repository, tag } = (await publish({ dryRun: true }, ports)).bundle;
  const body = (await world.ports.registry.find(repository, tag))?.body ?? "";
  expect(body).toContain("posts.0001");
  expect(body).not.toContain("somebody.else");
});

test("it is the same release once more, on a machine that gets it once more", async () => {
  const { digest } = await handedOver();
  await take(digest);
  world.docker.images.clear();
  world.warnings.length = 0;
  expect(await take(digest)).toMatchObject({ outcome: "already-published", otherBuild: [] });
  expect(world.warnings).toEqual([]);
});

test("another record than the one that smoke has told of is refused, before docker is given anything", async () => {
  const { digest } = await handedOver();
  const record = join(folder, "smoke.json");
  writeFileSync(record, readFileSync(record, "utf8").replace("posts.0001", "posts.0002"));
  await expect(take(digest)).rejects.toMatchObject({
    code: "OTHER_HANDOVER",
    exitCode: 3,
    details: [`its record is ${digestOf(readFileSync(record))}, and not ${digest}`],
  });
  await expect(take("")).rejects.toMatchObject({ code: "OTHER_HANDOVER" });
  expect(world.docker.images.size).toBe(0);
  expect(await take(undefined)).toMatchObject({ outcome: "published" });
});

test("other images than those of the record are refused, whoever tells of them", async () => {
  const { digest } = await handedOver();
  const archive = join(folder, "images.tar");
  writeFileSync(archive, readFileSync(archive, "utf8").replace("web one", "web evil"));
  await expect(take(digest)).rejects.toMatchObject({
    code: "OTHER_HANDOVER",
    details: [expect.stringMatching(/^its images are sha256:\w{64}, and sha256:\w{64} by its record$/)],
  });
  expect(world.docker.images.size).toBe(0);
});

test("what docker makes of them must be what it was there", async () => {
  const { revision, digest } = await handedOver();
  const { archive } = world.ports;
  const load = async (file: string) => {
    await archive.load(file);
    world.docker.images.delete(`threads-nginx:${revision}`);
  };
  const ports = { ...world.ports, archive: { ...archive, load } };
  await expect(publish({ dryRun: false, from: { folder, digest } }, ports)).rejects.toMatchObject({
    code: "OTHER_HANDOVER",
    details: [`nginx: ${digestOf("nginx one")} by its record, and here no image`],
  });
  expect(world.tagsOf("web").size).toBe(0);
});

test("another build that is published is signed where somebody adopts it, and nothing of it is run here", async () => {
  const { revision, digest } = await handedOver();
  await take(digest);
  const name = `threads-web:${revision}`;
  const { labels } = world.docker.images.get(name)!;
  world.docker.images.set(name, { config: "built anew", labels });
  await writeHandover(
    folder,
    {
      app: world.ports.config.app,
      revision,
      tree: world.repository.git("rev-parse", "HEAD^{tree}"),
      images: { ...recorded().images, web: digestOf("built anew") },
      migrations: [{ name: "posts.0001", kind }],
    },
    { names: services.map((service) => `threads-${service}:${revision}`), archive: world.ports.archive },
  );
  const signed: string[] = [];
  const signatures = {
    ...world.ports.signatures,
    requireSigner: () => Promise.resolve(),
    lacking: (things: readonly Signable[]) => Promise.resolve(things),
    sign: (things: readonly Signable[]) => Promise.resolve(void signed.push(...things.map((one) => one.name))),
  };
  const sign = (adopt: boolean) =>
    publish(
      { dryRun: false, adopt, from: { folder, digest: undefined }, sign: { key: undefined } },
      { ...world.ports, signatures },
    );
  await expect(sign(false)).rejects.toMatchObject({
    code: "FOREIGN_RELEASE",
    next: [expect.anything(), `threads publish --from ${folder} --sign --adopt`],
  });
  expect(signed).toEqual([]);
  expect(await sign(true)).toMatchObject({ outcome: "already-published", otherBuild: ["web"] });
  expect(signed).toEqual([...services, "bundle"]);
  expect(world.warnings).toContainEqual(expect.stringMatching(/^the signature vouches for web of /));
  expect(world.byDigest).toEqual([]);
});

test("those of another commit are refused", async () => {
  const { digest } = await handedOver();
  const head = world.smoked("two");
  await expect(take(digest)).rejects.toMatchObject({
    code: "OTHER_HANDOVER",
    details: [
      expect.stringMatching(new RegExp(`^revision: .* there, and ${head} here$`)),
      expect.stringMatching(/^tree: /),
    ],
  });
});

test.each([
  ["an empty folder", () => undefined],
  ["no record of ours", () => writeFileSync(join(folder, "smoke.json"), '{"schema":1}')],
  ["no JSON", () => writeFileSync(join(folder, "smoke.json"), "images")],
])("%s hands nothing over", async (_, prepare) => {
  world.smoked("one");
  prepare();
  await expect(take(undefined)).rejects.toMatchObject({ code: "NO_HANDOVER", exitCode: 2 });
});

test("half of it is none", async () => {
  const { digest } = await handedOver();
  rmSync(join(folder, "images.tar"));
  await expect(take(digest)).rejects.toMatchObject({ code: "NO_HANDOVER" });
});

test("a folder that is filled again has no record until all of it is there", async () => {
  await handedOver();
  const save = () => {
    expect(existsSync(join(folder, "smoke.json"))).toBe(false);
    return Promise.reject(new Error("killed"));
  };
  const again = { app: "threads", revision: "f", tree: "f", images: {}, migrations: null };
  await expect(writeHandover(folder, again, { names: [], archive: { save } })).rejects.toThrow("killed");
  await expect(take(undefined)).rejects.toMatchObject({ code: "NO_HANDOVER" });
});
