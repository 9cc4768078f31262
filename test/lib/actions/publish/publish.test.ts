import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { publish } from "../../../../src/lib/actions/publish/run.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { readRelease, uploadLabel } from "../../../../src/lib/registry/bundle.ts";
import { dockerImages } from "../../../../src/lib/docker/images.ts";
import type { layouts } from "../../../fakes/ecr-repo.ts";
import { services, smoke, type TestWorld, testWorld } from "./world.ts";
import { asPrinted } from "../../../fakes/results.ts";

let world: TestWorld;
let layout: keyof typeof layouts = "perService";
beforeEach(async () => {
  world = await testWorld({ layout });
});
afterEach(() => world[Symbol.asyncDispose]());

/** Both ways in which a registry may tell the services apart. */
const inBoth = (title: string, tests: () => void): void =>
  describe.each(["perService", "single"] as const)(`${title} (%s)`, (one) => {
    beforeAll(() => void (layout = one));
    afterAll(() => void (layout = "perService"));
    tests();
  });

const run = async (dryRun = false) => asPrinted("publish", await publish({ dryRun }, world.ports));
const puts = () => world.ecr.calls.filter((call) => call === "PutImage").length;
const pushes = () => world.docker.ran.filter(({ line }) => line.startsWith("docker image push")).length;
const tagsOf = (name: string) => world.tagsOf(name);
/** What docker is told to push an image to: a name of its own. */
const pushOf = (service: string, revision: string): string => {
  const { config } = world.docker.images.get(`threads-${service}:${revision}`)!;
  return `image push ${world.ecr.host}/${placeOf(service, uploadLabel(digestOf(config))).join(":")}`;
};
const placeOf = (service: string, label: string): [string, string] => {
  const { repo } = world.ports;
  return [repo.repositoryFor(service), repo.tagFor(service, label)];
};

inBoth("a first publish", () => {
  test("pushes the four, then the bundle, which says everything", async () => {
    const revision = world.smoked("one");
    const result = await run();
    expect(result).toMatchObject({ outcome: "published", published: true, revision });
    expect(result.images.map(({ service, pushed }) => [service, pushed])).toEqual(services.map((name) => [name, true]));
    const published = await readRelease(world.ports.registry, ...placeOf("bundle", revision));
    expect(published?.digest).toBe(result.bundle.digest);
    expect(published?.release).toMatchObject({ app: "threads", revision, tree: result.tree });
    expect(Object.keys(published?.release.images ?? {})).toEqual(services);
    for (const { service, digest } of result.images) {
      expect(tagsOf(service).get(revision)).toBe(digest);
      expect(published?.release.images[service]).toEqual({ repository: placeOf(service, "x")[0], digest });
    }
  });

  test("nothing is published as long as one image is missing", async () => {
    const revision = world.smoked("one");
    world.docker.fail(pushOf("celery", revision), {
      exitCode: 1,
      says: "connection reset by peer",
    });
    await expect(run()).rejects.toMatchObject({
      code: "PUSH_FAILED",
      exitCode: 7,
      message: expect.stringMatching(/; nothing is published before the bundle is$/),
      details: expect.arrayContaining([
        "done: web, celery-beat, nginx",
        "in doubt: celery",
        "not done: the record of the images, the tags of the images, the bundle, the tag of its sources",
      ]),
      next: ["threads publish"],
    });
    expect(tagsOf("bundle").size).toBe(0);
    expect(tagsOf("web").has(revision)).toBe(false);
    const again = await run();
    expect(again.outcome).toBe("published");
    expect(again.images.filter(({ pushed }) => pushed).map(({ service }) => service)).toEqual(["celery"]);
    expect(tagsOf("bundle").has(revision)).toBe(true);
  });

  test("the same release has the same bundle, whichever image was pushed first", async () => {
    const revision = world.smoked("one");
    world.docker.fail(pushOf("web", revision), { exitCode: 1, says: "connection reset by peer" });
    await expect(run()).rejects.toMatchObject({ code: "PUSH_FAILED" });
    const late = await run();
    for (const { tags, manifests } of world.ecr.state.repositories.values()) {
      tags.clear();
      manifests.clear();
    }
    expect((await run()).bundle).toEqual(late.bundle);
  });

  test("a file at which git was told not to look is no commit's", async () => {
    world.smoked("one");
    const file = "backend/docker-compose-prod.yml";
    world.repository.git("update-index", "--assume-unchanged", file);
    world.repository.git("update-index", "--skip-worktree", file);
    const refused = await run().catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "DIRTY_TREE", details: [file] });
    // What comes next lets git look, from wherever it is typed: it was as committed.
    const [next = ""] = (refused as ThreadsError).next;
    execFileSync("sh", ["-c", next], { cwd: join(world.repository.root, "backend") });
    await expect(run()).resolves.toMatchObject({ outcome: "published" });
  });

  test("the bundle has the resolved model of the runtime, and what must be there of it", async () => {
    world.smoked("one");
    await run();
    const blobs = [...(world.ecr.state.repositories.get(placeOf("bundle", "x")[0])?.blobs.values() ?? [])].join("");
    expect(blobs).toContain("    image: ${CELERY_BEAT_IMAGE}\n");
    expect(blobs).toContain("web 1 never\ncelery 1 never\ncelery-beat 1 never\nnginx 1 never\n");
    expect(blobs).toContain('"schema": 2');
  });

  test("a start_interval that docker ignores on hosts is named, but not where the image has a start_period", async () => {
    const runtime = "backend/docker-compose-prod.yml";
    const file = parse(readFileSync(join(world.repository.root, runtime), "utf8")) as {
      services: Record<string, object>;
    };
    const check = { start_interval: "1s" };
    Object.assign(file.services["web"] ?? {}, { healthcheck: check });
    Object.assign(file.services["celery"] ?? {}, { healthcheck: check });
    Object.assign(file.services["nginx"] ?? {}, { healthcheck: { ...check, start_period: "9s" } });
    world.repository.write(runtime, stringify(file));
    const name = `threads-celery:${world.smoked("one")}`;
    const celery = world.docker.images.get(name);
    if (celery !== undefined) world.docker.images.set(name, { ...celery, startPeriod: 1e9 });
    await run();
    expect(world.warnings).toEqual([
      "on hosts docker ignores start_interval in the health check of web: give it a start_period",
    ]);
  });

  test("docker gets the password on stdin, in a private configuration that is gone afterwards", async () => {
    world.smoked("one");
    await run();
    const login = world.docker.ran.find(({ line }) => line.startsWith("docker login"));
    expect(login?.line).toBe(`docker login --username AWS --password-stdin ${world.ecr.host}`);
    expect(login?.options.input).toBe("pass:word");
    expect(world.docker.ran.map(({ line }) => line).join("\n")).not.toContain("pass:word");
    const folders = new Set(
      world.docker.ran
        .filter(({ line }) => /^docker (?:login|image push)/.test(line))
        .map(({ options }) => options.env?.["DOCKER_CONFIG"]),
    );
    expect([...folders]).toEqual([expect.stringContaining("threads-docker-")]);
    expect(existsSync(String([...folders][0]))).toBe(false);
  });

  test("a daemon of another docker context is not lost", async () => {
    world.smoked("one");
    world.docker.context = "rootless";
    await run();
    const lines = world.docker.ran.map(({ line }) => line);
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^docker context export rootless /),
        expect.stringMatching(/^docker context import rootless /),
        "docker context use rootless",
      ]),
    );
  });
});

inBoth("publishing again", () => {
  test("is a success that says so, pushes nothing and needs no docker", async () => {
    const revision = world.smoked("one");
    const first = await run();
    const [before, pushed] = [puts(), pushes()];
    world.docker.images.clear();
    expect(await run()).toEqual({
      ...first,
      outcome: "already-published",
      published: true,
      images: first.images.map((image) => ({ ...image, action: "present", pushed: false })),
    });
    expect([puts(), pushes()]).toEqual([before, pushed]);
    expect(tagsOf("web").has(revision)).toBe(true);
  });

  test("on a machine that has smoked nothing of it says that it cannot compare", async () => {
    const revision = world.smoked("one");
    await run();
    world.docker.images.clear();
    world.warnings.length = 0;
    await run();
    expect(world.warnings).toEqual([
      `this machine has not smoked web, celery, celery-beat and nginx of ${revision.slice(0, 12)}: whether what is published is what would pass here, it cannot tell`,
    ]);
  });

  test("of a bundle that is not what git has is refused, however equal its images are", async () => {
    world.smoked("one");
    await run();
    const provenance = () => Promise.resolve({ state: "different" as const, differences: ["compose.yml: a", "b"] });
    await expect(publish({ dryRun: false }, { ...world.ports, provenance })).rejects.toMatchObject({
      code: "BUNDLE_DIFFERS",
      exitCode: 3,
      details: ["compose.yml: a", "b"],
    });
    const why = new ThreadsError("NO_COMPOSE", { message: "docker has no compose" });
    const unknown = () => Promise.resolve({ state: "unknown" as const, why });
    world.warnings.length = 0;
    await publish({ dryRun: false }, { ...world.ports, provenance: unknown });
    expect(world.warnings).toEqual([expect.stringMatching(/with git: docker has no compose$/)]);
  });

  test("from other sources under the same sha is a conflict", async () => {
    world.smoked("one");
    await run();
    const head = await world.ports.source.head();
    const source = { ...world.ports.source, head: () => Promise.resolve({ ...head, tree: "f".repeat(40) }) };
    await expect(publish({ dryRun: false }, { ...world.ports, source })).rejects.toMatchObject({
      code: "TREE_CONFLICT",
      exitCode: 4,
      message: expect.stringContaining(placeOf("bundle", head.revision).join(":")),
    });
  });

  test("gives a deleted tag back", async () => {
    const revision = world.smoked("one");
    const { images } = await run();
    tagsOf("web").delete(revision);
    const again = await run();
    expect(again.images[0]).toMatchObject({ service: "web", action: "retag", pushed: false });
    expect(tagsOf("web").get(revision)).toBe(images[0]?.digest);
  });

  test("an image that was deleted for good is told, not built again", async () => {
    const revision = world.smoked("one");
    const { images } = await run();
    tagsOf("web").delete(revision);
    world.ecr.state.repositories.get(placeOf("web", revision)[0])?.manifests.delete(images[0]?.digest ?? "");
    await expect(run()).rejects.toMatchObject({ code: "IMAGE_GONE", exitCode: 3 });
  });

  test("a moved tag is a conflict", async () => {
    const revision = world.smoked("one");
    await run();
    const [repository, tag] = placeOf("web", revision);
    world.ecr.push(repository, tag, { config: "somebody else's" });
    await expect(run()).rejects.toMatchObject({
      code: "TAG_CONFLICT",
      exitCode: 4,
      message: expect.stringContaining(`${repository}:${tag} `),
      next: [expect.stringContaining(`--image-ids imageTag=${tag}`)],
    });
  });
});

describe("what is refused before anything is written", () => {
  afterEach(() => {
    if (puts() + pushes() > 0) throw new Error("something was written");
  });

  test("a dirty tree, with its files", async () => {
    world.smoked("one");
    world.repository.write("code.txt", "changed");
    world.repository.write("new.txt", "new");
    await expect(run()).rejects.toMatchObject({ code: "DIRTY_TREE", exitCode: 3, details: ["code.txt", "new.txt"] });
  });

  test("images that smoke has not seen", async () => {
    world.repository.commit("not smoked");
    await expect(run()).rejects.toMatchObject({ code: "NOT_SMOKED", exitCode: 3, next: ["threads smoke"] });
  });

  test("images whose labels are of another commit", async () => {
    const revision = world.smoked("one");
    smoke(world.docker, { revision, tree: "e".repeat(40), text: "other" });
    await expect(run()).rejects.toMatchObject({
      code: "NOT_SMOKED",
      details: expect.arrayContaining([expect.stringContaining("org.threads.tree=eeee")]),
    });
  });

  test("images for different machines", async () => {
    const revision = world.smoked("one");
    const name = `threads-web:${revision}`;
    const image = world.docker.images.get(name);
    if (image !== undefined) world.docker.images.set(name, { ...image, architecture: "arm64" });
    await expect(run()).rejects.toMatchObject({ code: "MIXED_ARCHITECTURES" });
  });

  test("credentials of another account", async () => {
    world.smoked("one");
    world.ecr.state.account = "123456789012";
    await expect(run()).rejects.toMatchObject({ code: "WRONG_ACCOUNT", exitCode: 3 });
  });

  test("a repository that does not exist", async () => {
    world.smoked("one");
    world.ecr.state.repositories.delete("threads/celery-beat");
    await expect(run()).rejects.toMatchObject({
      code: "REPOSITORY_NOT_FOUND",
      message: expect.stringContaining("threads/celery-beat"),
    });
  });

  test("no docker", async () => {
    world.smoked("one");
    world.docker.fail("image inspect", { exitCode: undefined, says: "is not installed, or not on the PATH" });
    await expect(run()).rejects.toMatchObject({ code: "NO_DOCKER", exitCode: 3 });
  });

  test("--dry-run says what it would push", async () => {
    const revision = world.smoked("one");
    expect(await run(true)).toMatchObject({
      outcome: "planned",
      published: false,
      revision,
      bundle: { repository: "threads/bundle", digest: null },
      images: services.map((service) => ({ service, action: "push", digest: null, pushed: false })),
    });
  });
});

inBoth("the rest of a foreign unfinished publish", () => {
  test("is refused, with the command that takes it away and nothing else", async () => {
    const revision = world.smoked("one");
    const [repository, tag] = placeOf("web", revision);
    world.ecr.push(repository, tag, { config: "another machine's build" });
    await expect(run()).rejects.toMatchObject({
      code: "FOREIGN_IMAGES",
      exitCode: 4,
      next: expect.arrayContaining([
        `aws ecr batch-delete-image --repository-name ${repository} --image-ids imageTag=${tag}`,
      ]),
    });
    expect(puts() + pushes()).toBe(0);
  });
});

inBoth("one image for two services", () => {
  test.each([false, true])(
    "is one digest under two names (answered once: %s), and published twice over",
    async (once) => {
      const revision = world.smoked("one");
      world.ecr.state.answerOnce = once;
      const image = world.docker.images.get(`threads-celery:${revision}`);
      if (image === undefined) throw new Error("smoked without images");
      for (const service of ["celery", "celery-beat"])
        world.docker.images.set(`threads-${service}:${revision}`, { ...image });
      const first = await run();
      expect(first.images[1]?.digest).toBe(first.images[2]?.digest);
      for (const { service, digest } of first.images) expect(tagsOf(service).get(revision)).toBe(digest);
      tagsOf("celery-beat").delete(revision);
      const again = await run();
      expect(again.images.map(({ action }) => action)).toEqual(["present", "present", "retag", "present"]);
      expect(tagsOf("celery-beat").get(revision)).toBe(first.images[2]?.digest);
    },
  );
});

describe("faults on the way", () => {
  test("Ctrl-C during a push ends it, publishes nothing and leaves no password", async () => {
    world.smoked("one");
    const stop = new AbortController();
    const folders: string[] = [];
    const processes: typeof world.docker.processes = {
      run: async (command, options) => {
        if (command.args[1] !== "push") return world.docker.processes.run(command, options);
        folders.push(options?.env?.["DOCKER_CONFIG"] ?? "");
        stop.abort(new Error("Ctrl-C"));
        throw stop.signal.reason;
      },
    };
    const docker = dockerImages({ processes, signal: stop.signal });
    await expect(publish({ dryRun: false }, { ...world.ports, docker, signal: stop.signal })).rejects.toThrow("Ctrl-C");
    expect(folders.map((folder) => existsSync(folder))).toEqual(folders.map(() => false));
    expect(tagsOf("bundle").size).toBe(0);
  });

  test("a refused push says who refused", async () => {
    world.smoked("one");
    world.docker.fail("image push", { exitCode: 1, says: "denied: User is not authorized to perform ecr:PutImage" });
    await expect(run()).rejects.toMatchObject({
      code: "PUSH_DENIED",
      details: expect.arrayContaining([expect.stringMatching(/^denied/)]),
      next: ["threads publish", "aws sts get-caller-identity"],
    });
  });

  test("docker's digest is not believed: the registry's counts", async () => {
    world.smoked("one");
    const { processes } = world.docker;
    const really = processes.run.bind(processes);
    const sneak: typeof really = async (command, options) => {
      const finished = await really(command, options);
      const [, does, to = ""] = command.args;
      if (does === "push") world.ecr.push("threads/web", to.split(":").at(-1) ?? "", { config: "somebody else's" });
      return finished;
    };
    Object.assign(processes, { run: sneak });
    await expect(run()).rejects.toMatchObject({ code: "TAG_CONFLICT", exitCode: 4 });
    expect(tagsOf("bundle").size).toBe(0);
  });

  test("a lost reply to the bundle's tag is no failure", async () => {
    const revision = world.smoked("one");
    world.ecr.fail({ operation: "PutImage", times: 1, how: "lost-reply" });
    expect((await run()).outcome).toBe("published");
    expect(tagsOf("bundle").has(revision)).toBe(true);
  });

  test("a commit that is nowhere but here is worth a warning", async () => {
    world.smoked("one");
    const head = await world.ports.source.head();
    const unpushed = { ...head, upstream: "origin/dev", pushed: false };
    const source = { ...world.ports.source, head: () => Promise.resolve(unpushed) };
    await publish({ dryRun: false }, { ...world.ports, source });
    expect(world.warnings).toEqual([expect.stringContaining("is not on origin/dev yet")]);
  });
});
