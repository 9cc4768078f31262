import { join } from "node:path";
import type { Config } from "../../../src/lib/config/config.ts";
import { dockerCompose } from "../../../src/lib/compose/docker-compose.ts";
import { loadConfig } from "../../../src/lib/config/load.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { type Provenance, provenanceOf, type ProvenancePorts } from "../../../src/lib/provenance/provenance.ts";
import { releaseFiles } from "../../../src/lib/provenance/release-files.ts";
import { edgeFile, pinsOf } from "../../../src/lib/release/pins.ts";
import { assembleBundle, type Bundle, type BundleFiles } from "../../../src/lib/release/bundle.ts";
import type { PublishedRelease, Release } from "../../../src/lib/release/release.ts";
import { gitSource } from "../../../src/lib/source/git.ts";
import { fakeDocker } from "../../fakes/docker.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import { smallProcesses } from "../process/small-shell.ts";
import { type TestRepository, testRepository } from "../source/repository.ts";

/** A bundle as it lies in a registry. */
export interface Lying {
  readonly published: PublishedRelease;
  readonly bundle: Bundle;
}

/** A file of a bundle that is text. */
export function textIn(files: BundleFiles, name: string): string {
  const file = files[name];
  if (typeof file !== "string") throw new Error(`${name} is no text`);
  return file;
}

/** What somebody changes of the bundle that publish would write. */
export interface Change {
  readonly release?: Partial<Release>;
  readonly files?: (files: BundleFiles) => BundleFiles;
  readonly architecture?: string;
}

export const threadsYml = (runtime: string): string => `
app: threads
services: [web, nginx]
registry: { repository: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/threads/ }
test: { compose: backend/compose.yml, service: web }
smoke: { compose: backend/compose.yml, entry: { service: nginx, port: 8080 }, checks: [{ path: / }] }
runtime:
  compose: backend/compose.yml
  ${runtime}
environments: { staging: {}, prod: { gates: {} } }
`;

export const composeYml = `
services:
  web:
    image: "\${WEB_IMAGE}"
    volumes: [{ type: bind, source: ./conf, target: /conf, read_only: true }]
  nginx:
    image: "\${NGINX_IMAGE}"
    ports: ["\${HTTP_PORT:-80}:8080"]
  db: { image: "postgres:17" }
`;

/** A real repository with one commit, and the bundle that publish makes of it. Compose is the fake one, which reads one file as it is. */
export class ProvenanceWorld implements Disposable {
  readonly repository: TestRepository = testRepository();
  readonly config: Config;
  /** Blobs that were downloaded. */
  readonly downloads: string[] = [];
  #lying: Lying | undefined;

  /** @param runtime keys of that name in threads.yml */
  constructor(runtime = "strategy: recreate") {
    const { repository } = this;
    repository.write("threads.yml", threadsYml(runtime));
    repository.write("backend/compose.yml", composeYml);
    repository.write("backend/conf/app.conf", "debug off\n");
    repository.commit("one");
    this.config = loadConfig({ start: repository.root, file: join(repository.root, "threads.yml"), env: {} });
  }

  get head(): string {
    return this.repository.git("rev-parse", "HEAD");
  }

  ports(root = this.repository.root): ProvenancePorts {
    const docker = fakeDocker({ host: "none", push: () => Promise.reject(new Error("nothing is pushed")) });
    const source = gitSource({ processes: smallProcesses, root });
    return {
      config: { ...this.config, root, file: join(root, "threads.yml") },
      source,
      compose: dockerCompose({ processes: docker.processes, clock: hurriedClock(), env: {} }),
      registry: {
        read: async () => this.#lying?.bundle.manifest,
        download: async (_, digest) => {
          this.downloads.push(digest);
          return this.#lying?.bundle.layer ?? new Uint8Array();
        },
      },
      signal: new AbortController().signal,
    };
  }

  /** What git has of HEAD. */
  made(): ReturnType<typeof releaseFiles> {
    return releaseFiles(this.head, this.ports(), "compare");
  }

  /** The bundle of HEAD as publish would write it, but for what is changed. */
  async publish({
    release: change = {},
    files: alter = (files) => files,
    architecture = "amd64",
  }: Change = {}): Promise<Lying> {
    const { source } = this.ports();
    const { revision, tree, committedAt } = await source.resolve(this.head);
    const made = await this.made();
    const names = [...this.config.services, ...Object.keys(made.elsewhere)];
    const pins = pinsOf(
      names.map((name) => [name, { repository: `threads/${name}`, digest: digestOf(name) }]),
      made,
    );
    const release: Release = { schema: 2, app: "threads", revision, tree, committedAt, ...pins, ...change };
    const files = alter({ ...made.files, ...edgeFile(pins) });
    return this.lie(release, assembleBundle({ release, files, architecture }));
  }

  /** Puts any bundle into the registry. */
  lie(release: Release, bundle: Bundle): Lying {
    this.#lying = { published: { release, digest: bundle.manifest.digest, repository: "threads/bundle" }, bundle };
    return this.#lying;
  }

  check({ published }: Lying, root?: string): Promise<Provenance> {
    this.downloads.length = 0;
    return provenanceOf(published, this.ports(root));
  }

  [Symbol.dispose](): void {
    this.repository[Symbol.dispose]();
  }
}
