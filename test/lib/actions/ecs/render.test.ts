import { beforeEach, expect, test } from "vitest";
import { renderEcs, type RenderPorts } from "../../../../src/lib/actions/ecs/render.ts";
import { modelYaml } from "../../../../src/lib/compose/yaml.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { wrapped } from "../../../../src/lib/output/wrap.ts";
import { renderEcsTasks } from "../../../../src/lib/output/render/ecs.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { silentProgress } from "../../../../src/lib/progress/progress.ts";
import type { StoredManifest } from "../../../../src/lib/registry/registry.ts";
import { assembleBundle } from "../../../../src/lib/release/bundle.ts";
import { edgeFile } from "../../../../src/lib/release/pins.ts";
import type { Release } from "../../../../src/lib/release/release.ts";
import { aConfig } from "../../../fakes/config.ts";
import { failureOf, onEcs } from "../../ecs/world.ts";

const revision = "4f2c".padEnd(40, "0");
const mediaType = "application/vnd.oci.image.manifest.v1+json";
const seconds = 1_000_000_000;

/** A registry that answers what lies in it, and takes down what was asked. */
class Lying {
  readonly host = "registry.test";
  readonly manifests = new Map<string, StoredManifest>();
  readonly blobs = new Map<string, Uint8Array>();
  readonly read = async (_: string, digest: string) => this.manifests.get(digest);
  readonly download = async (_: string, digest: string) => this.blobs.get(digest) ?? Promise.reject(new Error(digest));
  readonly findMany = async (_: string, names: readonly string[]) =>
    new Map(names.flatMap((name) => (this.manifests.has(name) ? [[name, this.manifests.get(name)!] as const] : [])));

  put(body: string, blobs: readonly Uint8Array[], type = mediaType): StoredManifest {
    const manifest = { digest: digestOf(body), mediaType: type, body };
    this.manifests.set(manifest.digest, manifest);
    for (const blob of blobs) this.blobs.set(digestOf(blob), blob);
    return manifest;
  }

  image(config: object, architecture = "amd64"): StoredManifest {
    const bytes = Buffer.from(JSON.stringify({ architecture, os: "linux", config }));
    return this.put(JSON.stringify({ schemaVersion: 2, mediaType, config: { digest: digestOf(bytes) }, layers: [] }), [
      bytes,
    ]);
  }
}

let registry: Lying;
let asked: string[];
beforeEach(() => {
  registry = new Lying();
  asked = [];
});

interface What {
  readonly services?: Readonly<Record<string, object>>;
  readonly images?: Readonly<Record<string, StoredManifest>>;
  readonly schema?: 1 | 2;
}

function publish({ services, images, schema = 2 }: What = {}): Release {
  const Healthcheck = { Test: ["CMD", "ok"], Interval: 10 * seconds, Timeout: 3 * seconds };
  const all = images ?? { web: registry.image({ Healthcheck }), nginx: registry.image({}) };
  const release: Release = {
    schema,
    app: "threads",
    revision,
    tree: "77aa".padEnd(40, "0"),
    committedAt: "2026-11-22T08:00:00.000Z",
    images: Object.fromEntries(
      Object.entries(all).map(([name, { digest }]) => [name, { repository: `threads/${name}`, digest }]),
    ),
  };
  const model = services ?? {
    web: { image: "${WEB_IMAGE}", env_file: [{ path: "${ENV_FILE:-/etc/threads/threads.env}" }] },
    nginx: { image: "${NGINX_IMAGE}", ports: ["80:8080"], env_file: [{ path: "./files/nginx.env" }] },
    migrate: { image: "${WEB_IMAGE}", command: ["migrate"], profiles: ["migrate"], restart: "no" },
  };
  const { layer, config, manifest } = assembleBundle({
    release,
    files: {
      "compose.yml": modelYaml({ services: model }),
      "model/required": "DJANGO_SECRET_KEY\n",
      "model/files/nginx.env": "WORKERS=2\n",
      ...edgeFile(release),
    },
    architecture: "amd64",
  });
  registry.put(manifest.body, [layer, config]);
  registry.manifests.set(revision, registry.manifests.get(manifest.digest)!);
  return release;
}

const notes: string[] = [];
function ports(
  names: readonly string[] = ["DJANGO_SECRET_KEY"],
  ecs: Parameters<typeof onEcs>[0] = { services: { web: { containers: ["web", "nginx"] } } },
): RenderPorts {
  const config = aConfig({
    services: ["web", "nginx"],
    runtime: { compose: "compose.yml", migrate: "migrate" },
    environments: {
      staging: { hosts: { tag: "env=staging" } },
      cloud: onEcs(ecs, { env_from: "/threads/cloud/" }),
    },
  });
  return {
    config,
    registry,
    region: "eu-west-1",
    repo: { repositoryFor: (name: string) => `threads/${name}`, tagFor: (_: string, label: string) => label },
    checkAccount: async () => ({ account: "1", arn: "a" }),
    settingNames: async (path: string) => {
      asked.push(path);
      return new Set(names);
    },
    compose: {
      environment: async (text: string) => ({
        values: new Map(
          text
            .trim()
            .split("\n")
            .map((line) => line.split("=") as [string, string]),
        ),
        unset: [],
      }),
    },
    progress: { ...silentProgress, note: (text: string) => notes.push(text) },
    signal: new AbortController().signal,
  } as unknown as RenderPorts;
}

const render = (
  options: Partial<Parameters<typeof renderEcs>[0]> = {},
  ...given: Parameters<typeof ports>
): ReturnType<typeof renderEcs> =>
  renderEcs({ environment: "cloud", release: revision, service: undefined, ...options }, ports(...given));

test("a release is what its bundle and its images say, by digest, with settings by reference", async () => {
  const { images } = publish();
  const { tasks, bundle, revision: of } = await render();
  expect(of).toBe(revision);
  expect(registry.manifests.get(revision)?.digest).toBe(bundle);
  expect(asked).toEqual(["/threads/cloud/"]);
  const [web, migrate] = tasks;
  expect(web?.taskDefinition.containerDefinitions).toMatchObject([
    {
      name: "web",
      image: `registry.test/threads/web@${images["web"]?.digest}`,
      healthCheck: { command: ["CMD", "ok"], interval: 10, timeout: 3, retries: 3 },
      secrets: [{ name: "DJANGO_SECRET_KEY", valueFrom: "/threads/cloud/DJANGO_SECRET_KEY" }],
    },
    {
      name: "nginx",
      environment: [{ name: "WORKERS", value: "2" }],
      dependsOn: [{ containerName: "web", condition: "HEALTHY" }],
    },
  ]);
  expect(web?.taskDefinition.tags).toEqual([
    { key: "threads:release", value: revision },
    { key: "threads:bundle", value: bundle },
  ]);
  // The migration runs the image of the service whose it is.
  expect(migrate).toMatchObject({ name: "migrate", service: null });
  expect(migrate?.taskDefinition.containerDefinitions[0]?.image).toBe(
    `registry.test/threads/web@${images["web"]?.digest}`,
  );
});

test("text is JSON and nothing else; what is told stands beside it", async () => {
  publish();
  const result = await render({ service: "nginx" });
  const text = renderEcsTasks(result, plainPaint).join("\n");
  expect(Object.keys(JSON.parse(text) as object)).toEqual(["web"]);
  // On a terminal it is copied off the screen.
  expect(renderEcsTasks(result, plainPaint, 30).flatMap((line) => wrapped(line, 30))).toEqual(text.split("\n"));
  expect(notes).toEqual(expect.arrayContaining(result.notes as string[]));
  expect(result.notes).toContain(
    "web and nginx share one network: they find each other at 127.0.0.1, and not by their names as in compose",
  );
});

test("of one task what is told is about that", async () => {
  publish();
  const { notes: told, tasks } = await render({ service: "migrate" });
  expect({ told, tasks: tasks.map(({ name }) => name) }).toEqual({ told: [], tasks: ["migrate"] });
});

test("a task goes before a service of its name that is in another", async () => {
  publish();
  const services = { web: { containers: ["nginx"] }, app: { containers: ["web"] } };
  const { tasks } = await render({ service: "web" }, undefined, { services });
  expect(tasks.map(({ name }) => name)).toEqual(["web"]);
  expect(tasks[0]?.taskDefinition.containerDefinitions.map(({ name }) => name)).toEqual(["nginx"]);
});

test("nobody is asked for names of settings that threads.yml has", async () => {
  publish();
  const [web] = (await render({}, [], { settings: ["DJANGO_SECRET_KEY"] })).tasks;
  expect(asked).toEqual([]);
  expect(web?.taskDefinition.containerDefinitions[0]?.secrets?.map(({ name }) => name)).toEqual(["DJANGO_SECRET_KEY"]);
});

test("all that cannot be translated is told at once", async () => {
  publish({
    services: {
      web: { image: "${WEB_IMAGE}", security_opt: ["no-new-privileges:true"], stop_grace_period: "5m" },
      nginx: { image: "${NGINX_IMAGE}", privileged: true },
    },
  });
  const failure = await failureOf(render({}, []));
  expect(failure).toMatchObject({ code: "NOT_FOR_ECS", exitCode: 3 });
  expect(failure.message).toMatch(/^4f2c00000000 cannot run on the ECS of cloud, for 4 reasons: /);
  expect(failure.details.map((line) => line.slice(0, 40))).toEqual([
    "the release needs DJANGO_SECRET_KEY (x-r",
    "web has a stop_grace_period of 300 s, an",
    "web has security_opt no-new-privileges:t",
    "nginx has privileged, for which ECS has ",
  ]);
});

test("a bundle from before has no model that stands alone, and is refused", async () => {
  publish({ schema: 1 });
  expect(await failureOf(render())).toMatchObject({
    code: "NOT_A_BUNDLE",
    message: expect.stringContaining("an older threads has published it"),
  });
});

test("an image that the registry lost is named", async () => {
  const { images } = publish();
  registry.manifests.delete(images["nginx"]?.digest ?? "");
  expect(await failureOf(render())).toMatchObject({
    code: "IMAGE_GONE",
    message: expect.stringContaining("threads/nginx"),
  });
});

test("a task that there is not leads to those that there are", async () => {
  publish();
  expect(await failureOf(render({ service: "migrat" }))).toMatchObject({
    code: "UNKNOWN_SERVICE",
    next: [`threads ecs render -e cloud ${revision} --service migrate`],
  });
});

test("an environment on hosts is no ECS", async () => {
  expect(await failureOf(render({ environment: "staging" }))).toMatchObject({
    code: "ENVIRONMENT_WITHOUT_ECS",
    next: [`threads ecs render -e cloud ${revision}`],
  });
});
