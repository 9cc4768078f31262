import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publish, type PublishPorts } from "../../../../src/lib/actions/publish/run.ts";
import { readRelease } from "../../../../src/lib/registry/bundle.ts";
import { gitSource } from "../../../../src/lib/source/git.ts";
import { openProvenance } from "../../../../src/lib/wire/provenance.ts";
import { smallProcesses } from "../../process/small-shell.ts";
import type { layouts } from "../../../fakes/ecr-repo.ts";
import { services, type TestWorld, testWorld } from "./world.ts";

const runtimeFile = `
services:
  web: { image: "\${WEB_IMAGE}", depends_on: { db: { condition: service_started } }, networks: { default: null, old: null } }
  celery: { image: "\${CELERY_IMAGE}" }
  celery-beat: { image: "\${CELERY_BEAT_IMAGE}" }
  nginx: { image: "\${NGINX_IMAGE}", ports: ["\${HTTP_PORT:-80}:8080"] }
  migrate: { image: "\${WEB_IMAGE}", profiles: [migrate] }
  db: { image: "postgres:17" }
networks: { default: { name: threads-model_default }, old: { external: true, name: old } }
`;
const repositories = [...services, "bundle", "db", "edge"].map((name) => `threads/${name}`);

let world: TestWorld;
const open = async (layout: keyof typeof layouts = "perService"): Promise<void> => {
  world = await testWorld({ layout, ...(layout === "perService" && { repositories }) });
  world.repository.write("backend/docker-compose-prod.yml", runtimeFile);
  for (const name of ["postgres:17", "haproxy:3.0"]) world.docker.images.set(name, { config: name, labels: {} });
};
beforeEach(() => open());
afterEach(() => world[Symbol.asyncDispose]());

/** A threads.yml that nobody committed: what this machine's says counts. */
const portsOf = (runtime: Partial<PublishPorts["config"]["runtime"]>): PublishPorts => {
  const { config } = world.ports;
  const source = gitSource({ processes: smallProcesses, root: config.root });
  const files: PublishPorts["source"]["files"] = async (at) =>
    (await source.files(at)).filter(({ path }) => path !== "threads.yml");
  const changed = { ...config, runtime: { ...config.runtime, ...runtime } };
  const opened = { source: { ...source, files }, config: changed };
  const outside = { processes: world.docker.processes, clock: world.ports.clock, env: {}, signal: world.ports.signal };
  const { provenance } = openProvenance({ ...world.ports, ...opened }, outside);
  return { ...world.ports, ...opened, provenance };
};
const run = (runtime: Partial<PublishPorts["config"]["runtime"]> = { strategy: "slots" }) =>
  publish({ dryRun: false }, portsOf(runtime));
const repositoryOf = (name: string): string => world.ports.repo.repositoryFor(name);
const released = async (revision: string) => {
  const { registry, repo } = world.ports;
  return (await readRelease(registry, repositoryOf("bundle"), repo.tagFor("bundle", revision)))?.release;
};

/** The files of the one bundle that was published, as tar keeps them. */
function filesInBundle(): ReadonlyMap<string, string> {
  const blobs = [...(world.ecr.state.repositories.get(repositoryOf("bundle"))?.blobs.values() ?? [])];
  const tar = blobs.find((blob) => blob.subarray(257, 262).toString() === "ustar") ?? Buffer.alloc(0);
  const files = new Map<string, string>();
  for (let at = 0; (tar[at] ?? 0) !== 0;) {
    const text = (from: number, to: number): string =>
      tar
        .subarray(at + from, at + to)
        .toString()
        .replace(/\0.*$/s, "");
    const size = Number.parseInt(text(124, 136), 8);
    files.set(text(0, 100), tar.subarray(at + 512, at + 512 + size).toString());
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

describe.each(["perService", "single"] as const)("a release for slots (%s)", (layout) => {
  beforeEach(async () => {
    await world[Symbol.asyncDispose]();
    await open(layout);
  });

  test("carries what a host needs for them, and pins the edge beside its images", async () => {
    const revision = world.smoked("one");
    const result = await run();
    const edge = result.images.find(({ service }) => service === "edge");
    expect(edge).toMatchObject({ repository: repositoryOf("edge"), action: "push", pushed: true });
    expect(world.tagsOf("edge").get(revision)).toBe(edge?.digest);
    const release = await released(revision);
    expect(Object.keys(release?.images ?? {})).toEqual([...services, "db"]);
    expect(release?.edge).toEqual({ repository: repositoryOf("edge"), digest: edge?.digest });
    const files = filesInBundle();
    expect([...files.keys()]).toEqual([
      "compose.yml",
      "model/base.yml",
      "model/edge",
      "model/expected",
      "model/fronts",
      "model/fronts.yml",
      "model/links",
      "model/required",
      "model/slot.yml",
      "model/strategy",
      "release.json",
    ]);
    expect(files.get("model/edge")).toBe(`${repositoryOf("edge")}@${edge?.digest}\n`);
    expect(files.get("model/strategy")).toBe("slots stopped\n");
    expect(files.get("model/fronts")).toBe("1 nginx 8080 http\n");
    expect(files.get("model/links")).toBe("default db\n");
    expect(files.get("model/slot.yml")).toContain("published: ${THREADS_FRONT_1}\n");
    expect(files.get("model/slot.yml")).not.toContain("DB_IMAGE");
    expect(files.get("model/base.yml")).toContain("image: ${DB_IMAGE}\n");
    expect(files.get("model/expected")).toContain("db 1 never\n");
    expect(JSON.parse(files.get("release.json") ?? "")).toMatchObject({ schema: 2, edge: release?.edge });
    expect(world.warnings).toEqual([expect.stringMatching(/^network old is the same for both slots: on it web /)]);
  });

  test("published again gives the edge back a tag that it lost", async () => {
    const revision = world.smoked("one");
    const first = await run();
    world.tagsOf("edge").delete(revision);
    const again = await run();
    expect(again.outcome).toBe("already-published");
    expect(again.images.at(-1)).toMatchObject({ service: "edge", action: "retag" });
    expect(world.tagsOf("edge").get(revision)).toBe(first.images.at(-1)?.digest);
  });

  test("begun elsewhere is finished whole: the edge, and what is not built here, get their tags too", async () => {
    const revision = world.smoked("one");
    const first = await run();
    for (const name of ["nginx", "db", "edge", "bundle"]) world.tagsOf(name).delete(revision);
    for (const service of services) world.docker.images.delete(`threads-${service}:${revision}`);
    const adopted = await publish({ dryRun: false, adopt: true }, portsOf({ strategy: "slots" }));
    expect(adopted).toMatchObject({ outcome: "published", bundle: first.bundle });
    expect(world.warnings.at(-1)).toMatch(/^no smoke test runs edge: which image that is in /);
    for (const { service, digest } of first.images) expect(world.tagsOf(service).get(revision)).toBe(digest);
    expect(adopted.images.map(({ service, action }) => [service, action])).toEqual([
      ["web", "present"],
      ["celery", "present"],
      ["celery-beat", "present"],
      ["nginx", "retag"],
      ["db", "retag"],
      ["edge", "retag"],
    ]);
  });
});

test("begun with an image from elsewhere that has moved since is refused by name, and --adopt finishes it", async () => {
  const revision = world.smoked("one");
  const first = await run();
  for (const name of ["db", "bundle"]) world.tagsOf(name).delete(revision);
  world.docker.images.set("postgres:17", { config: "moved", labels: {} });
  await expect(run()).rejects.toMatchObject({
    code: "FOREIGN_IMAGES",
    details: [expect.stringMatching(/^db: sha256:\w+ there, and here an image of id sha256:\w+$/)],
    next: [expect.stringContaining("aws ecr describe-images"), "threads publish --adopt"],
    advice: expect.arrayContaining([expect.stringMatching(/^postgres:17 may only have moved/)]),
  });
  const adopted = await publish({ dryRun: false, adopt: true }, portsOf({ strategy: "slots" }));
  expect(adopted).toMatchObject({ outcome: "published", bundle: first.bundle });
});

test("an edge that is missing here is pulled", async () => {
  world.smoked("one");
  world.docker.images.delete("haproxy:3.0");
  const pulled: string[] = [];
  const ports = portsOf({
    strategy: "slots",
    edge: { image: "mirror.example/haproxy:3.2", tcp: [], proxyProtocol: false },
  });
  const compose: PublishPorts["compose"] = {
    ...ports.compose,
    pull: (reference) => {
      pulled.push(reference);
      world.docker.images.set(reference, { config: reference, labels: {} });
      return Promise.resolve();
    },
  };
  expect((await publish({ dryRun: false }, { ...ports, compose })).outcome).toBe("published");
  expect(pulled).toEqual(["mirror.example/haproxy:3.2"]);
});

test("what cannot be doubled is refused before anything is pushed", async () => {
  world.smoked("one");
  await expect(run({ strategy: "slots", shared: ["search"] })).rejects.toMatchObject({
    code: "COMPOSE_FILE",
    details: ["has no service search, but runtime.shared in threads.yml names it"],
  });
  expect(world.docker.ran.some(({ line }) => line.startsWith("docker image push"))).toBe(false);
});

describe("where threads.yml does not say how hosts change releases", () => {
  test("they have slots", async () => {
    const revision = world.smoked("one");
    await run({ strategy: undefined });
    expect((await released(revision))?.edge).toMatchObject({ repository: repositoryOf("edge") });
  });

  test("they replace the containers of what cannot have slots, and publish says why", async () => {
    world.repository.write(
      "backend/docker-compose-prod.yml",
      runtimeFile.replace("nginx: {", "$& network_mode: host, "),
    );
    const revision = world.smoked("one");
    await run({ strategy: undefined });
    expect(await released(revision)).not.toHaveProperty("edge");
    expect([...filesInBundle().keys()]).toEqual(["compose.yml", "model/expected", "model/required", "release.json"]);
    expect(world.warnings).toEqual([
      expect.stringMatching(
        /^hosts will replace containers and not switch slots: .*\.yml nginx uses the host's network, /,
      ),
    ]);
  });

  test("nor has one an edge where a service has its name", async () => {
    const edge = "  edge: { image: 'postgres:17' }\n  db:";
    world.repository.write("backend/docker-compose-prod.yml", runtimeFile.replace("  db:", edge));
    const revision = world.smoked("one");
    await run({ strategy: undefined });
    expect(Object.keys((await released(revision))?.images ?? {})).toContain("edge");
    expect(world.warnings[0]).toContain("has a service edge");
  });
});

test("without slots there is no edge, and a service may have its name", async () => {
  world.repository.write(
    "backend/docker-compose-prod.yml",
    runtimeFile.replace("  db:", "  edge:").replace("db: {", "edge: {"),
  );
  const revision = world.smoked("one");
  await run({ strategy: "recreate" });
  const release = await released(revision);
  expect(release).not.toHaveProperty("edge");
  expect(Object.keys(release?.images ?? {})).toEqual([...services, "edge"]);
  expect([...filesInBundle().keys()]).toEqual(["compose.yml", "model/expected", "model/required", "release.json"]);
});
