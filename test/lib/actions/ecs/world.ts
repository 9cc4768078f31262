import { renderEcs, type RenderPorts } from "../../../../src/lib/actions/ecs/render.ts";
import { modelYaml } from "../../../../src/lib/compose/yaml.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { silentProgress } from "../../../../src/lib/progress/progress.ts";
import type { StoredManifest } from "../../../../src/lib/registry/registry.ts";
import { assembleBundle } from "../../../../src/lib/release/bundle.ts";
import { edgeFile } from "../../../../src/lib/release/pins.ts";
import type { Release } from "../../../../src/lib/release/release.ts";
import { aConfig } from "../../../fakes/config.ts";
import { onEcs } from "../../ecs/world.ts";

export const revision = "4f2c".padEnd(40, "0");
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

export let registry: Lying;
export let asked: string[];
export let notes: string[];
/** Before each test, by each file itself: files share what they import, and a hook in here would be of the first of them alone. */
export function begin(): void {
  registry = new Lying();
  [asked, notes] = [[], []];
}

interface What {
  readonly services?: Readonly<Record<string, object>>;
  readonly images?: Readonly<Record<string, StoredManifest>>;
  readonly schema?: 1 | 2;
}

export function publish({ services, images, schema = 2 }: What = {}): Release {
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

export function ports(
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

export const render = (
  options: Partial<Parameters<typeof renderEcs>[0]> = {},
  ...given: Parameters<typeof ports>
): ReturnType<typeof renderEcs> =>
  renderEcs({ environment: "cloud", release: revision, service: undefined, ...options }, ports(...given));
