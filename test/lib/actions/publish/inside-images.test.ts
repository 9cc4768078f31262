import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publish } from "../../../../src/lib/actions/publish/run.ts";
import { readRelease } from "../../../../src/lib/registry/bundle.ts";
import type { FakeImage } from "../../../fakes/docker.ts";
import { type TestWorld, testWorld } from "./world.ts";

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const runtimeFile = (web: string, more = ""): string => `
services:
  web: { image: "\${WEB_IMAGE}", ${web} }
  celery: { image: "\${CELERY_IMAGE}" }
  celery-beat: { image: "\${CELERY_BEAT_IMAGE}" }
  nginx: { image: "\${NGINX_IMAGE}", ports: ["\${HTTP_PORT:-80}:8080"] }
  migrate: { image: "\${WEB_IMAGE}", profiles: [migrate] }
volumes: { static: {}, media: {} }
${more}`;
const mount = (source: string, target: string): string => `{ type: volume, source: ${source}, target: ${target} }`;

/** Commits hosts' compose file, and has smoke build the images. @returns the revision */
function smoked(file: string, image: Partial<FakeImage> = {}, service = "web"): string {
  world.repository.write("backend/docker-compose-prod.yml", file);
  const revision = world.smoked("one");
  const name = `threads-${service}:${revision}`;
  world.docker.images.set(name, { ...world.docker.images.get(name)!, ...image });
  return revision;
}
const run = (dryRun = false) => publish({ dryRun }, world.ports);

describe("files of an image under a volume", () => {
  const files = ["/app/static/css/app.css", "/app/static/app.js", "/app/media/.gitkeep"];

  test.each([true, false])("are told of, since a volume that is there hides them (a plan: %s)", async (dryRun) => {
    smoked(runtimeFile(`volumes: [${mount("static", "/app/static")}, ${mount("media", "/app/media")}]`), { files });
    expect(await run(dryRun)).toMatchObject({ outcome: dryRun ? "planned" : "published" });
    expect(world.warnings).toEqual([
      expect.stringMatching(
        /^web mounts the volume static over \/app\/static, where its image has files \(css\/app\.css and more\): /,
      ),
    ]);
    expect(world.docker.containers).toEqual(new Set());
    // One of an image is enough for all of its mounts.
    expect(world.docker.ran.filter(({ line }) => line.startsWith("docker container create"))).toHaveLength(1);
    expect(world.docker.ran.filter(({ line }) => /^docker (run|container start)\b.* \/none/.test(line))).toEqual([]);
  });

  test("are looked for in the image that the service runs, whatever its name", async () => {
    const twin = `  worker: { image: "\${WEB_IMAGE}", volumes: [{ type: volume, target: /app/static }] }\n`;
    smoked(runtimeFile("").replace("  celery:", `${twin}  celery:`), { files: ["/app/static/one.js"] });
    await run();
    expect(world.warnings).toEqual([
      expect.stringMatching(/^worker mounts a volume over \/app\/static, where its image has files \(one\.js\): /),
    ]);
  });

  test("are nobody's concern where a bind or a variable decides what is there", async () => {
    const mounts = `volumes: [{ type: bind, source: /srv, target: /app/static }, ${mount("media", '"${WHERE}"')}]`;
    smoked(runtimeFile(mounts), { files });
    await run();
    expect(world.warnings).toEqual([]);
  });

  test("that docker does not tell of stop nothing, and that is said", async () => {
    smoked(runtimeFile(`volumes: [${mount("static", "/app/static")}]`), { files });
    world.docker.fail("container create", { exitCode: 1, says: "Error response from daemon: out of inodes" });
    expect(await run()).toMatchObject({ outcome: "published" });
    expect(world.warnings).toEqual([expect.stringMatching(/^web mounts the volume static .* docker does not tell/)]);
  });
});

test("a worker whose image brings the scheduler along is refused before anything is pushed", async () => {
  smoked(runtimeFile(""), { command: ["celery", "-A", "app", "worker", "-B"] }, "celery");
  for (const dryRun of [true, false])
    await expect(run(dryRun)).rejects.toMatchObject({
      code: "COMPOSE_FILE",
      message: expect.stringMatching(/^hosts cannot run this as it is: celery runs a scheduler inside of a worker/),
    });
  expect(world.ecr.calls).not.toContain("PutImage");
});

test("a singleton may bring it along", async () => {
  smoked(runtimeFile(""), { command: ["celery", "-A", "app", "worker", "-B"] }, "celery-beat");
  expect(await run()).toMatchObject({ outcome: "published" });
});

test("release.json has the keys that a host must have, as compose reads the files", async () => {
  const more = "x-required-env:\r\n  - SECRET_KEY # always\r\n";
  const revision = smoked(runtimeFile('environment: { URL: "${PAYMENT_URL:?}" }', more));
  await run();
  const { registry, repo } = world.ports;
  const found = await readRelease(registry, repo.repositoryFor("bundle"), repo.tagFor("bundle", revision));
  expect(found?.release.requiredKeys).toEqual(["SECRET_KEY", "PAYMENT_URL"]);
});
