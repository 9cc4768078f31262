import { noSignatures } from "../../../fakes/signatures.ts";
import { join } from "node:path";
import { checksOfSmoke } from "../../../../src/lib/config/checks-for.ts";
import type { PublishPorts } from "../../../../src/lib/actions/publish/run.ts";
import { silentProgress } from "../../../../src/lib/progress/progress.ts";
import { dockerCompose } from "../../../../src/lib/compose/docker-compose.ts";
import { dockerArchive } from "../../../../src/lib/docker/archive.ts";
import { dockerImages } from "../../../../src/lib/docker/images.ts";
import { openRegistry } from "../../../../src/lib/registry/open.ts";
import { smallProcesses } from "../../process/small-shell.ts";
import type { Digest } from "../../../../src/lib/image/digest.ts";
import { openProvenance } from "../../../../src/lib/wire/provenance.ts";
import { gitSource } from "../../../../src/lib/source/git.ts";
import { loadConfig } from "../../../../src/lib/config/load.ts";
import { example } from "../../../fakes/config.ts";
import { awsOf, type FakeEcr, fakeEcr, type FakeOptions } from "../../../fakes/ecr.ts";
import { runtimeFile, smokeFile } from "../../../fakes/compose-files.ts";
import { layouts } from "../../../fakes/ecr-repo.ts";
import { type FakeDocker, fakeDocker } from "../../../fakes/docker.ts";
import { passed } from "../../faults/promote-ports.ts";
import { jumpingClock } from "../../registry/connect.ts";
import { type TestRepository, testRepository } from "../../source/repository.ts";

export const services = ["web", "celery", "celery-beat", "nginx"];

/** A real repository, a fake docker and a fake ECR, as publish and promote meet them. */
export interface TestWorld extends AsyncDisposable {
  readonly repository: TestRepository;
  readonly ecr: FakeEcr;
  readonly docker: FakeDocker;
  readonly ports: PublishPorts;
  readonly warnings: string[];
  /** What was smoked by digest: it passes, unless a test says otherwise. */
  readonly byDigest: Parameters<PublishPorts["smoke"]>[0][];
  /** The tags of a service by what they say, in whatever layout. */
  tagsOf(service: string): ServiceTags;
  /** Commits a file and gives docker the four images that smoke would have tagged. */
  smoked(text: string): string;
}

interface ServiceTags {
  readonly size: number;
  get(label: string): Digest | undefined;
  has(label: string): boolean;
  delete(label: string): boolean;
}

export async function testWorld(
  options: FakeOptions & { readonly layout?: keyof typeof layouts } = {},
): Promise<TestWorld> {
  const { layout = "perService" } = options;
  const repositories = layout === "single" ? { repositories: ["threads"] } : {};
  const [repository, ecr] = [testRepository(), await fakeEcr({ ...repositories, ...options })];
  const docker = fakeDocker(ecr);
  const warnings: string[] = [];
  const byDigest: TestWorld["byDigest"][number][] = [];
  // Slots have tests of their own.
  repository.write("threads.yml", example.replace("# strategy: recreate", "strategy: recreate"));
  repository.write("backend/.env.example", "DJANGO_SECRET_KEY=\nPOSTGRES_PASSWORD=\nLOG_LEVEL=INFO\n");
  repository.write("backend/docker-compose-prod.yml", runtimeFile(services));
  repository.write("backend/docker-compose-smoke-test.yml", smokeFile(services));
  const config = loadConfig({
    start: repository.root,
    file: join(repository.root, "threads.yml"),
    env: { ECR_REPO: `${ecr.host}/${layouts[layout]}` },
  });
  const clock = jumpingClock();
  const opened = await openRegistry({ config, aws: awsOf(ecr), clock });
  const source = gitSource({ processes: smallProcesses, root: repository.root });
  const { signal } = new AbortController();
  const outside = { processes: docker.processes, clock, env: {}, signal };
  const { provenance, readFiles } = openProvenance({ config, source, registry: opened.registry }, outside);
  const ports: PublishPorts = {
    ...opened,
    config,
    source,
    provenance,
    readFiles,
    docker: dockerImages({ processes: docker.processes }),
    signatures: noSignatures,
    archive: dockerArchive({ processes: docker.processes }),
    compose: dockerCompose({ processes: docker.processes, clock, env: {} }),
    progress: { ...silentProgress, warn: (message) => warnings.push(message) },
    clock,
    signal,
    smoke: (what) => {
      byDigest.push(what);
      // It pulls them, and they stay.
      for (const reference of Object.values(what.images))
        docker.images.set(reference, { config: reference, labels: {} });
      const images = Object.entries(what.images).map(([service, reference]) => ({
        service,
        id: "",
        reference,
        digests: [],
      }));
      return Promise.resolve({ ...passed(checksOfSmoke(config)), images });
    },
  };
  return {
    repository,
    ecr,
    docker,
    ports,
    warnings,
    byDigest,
    tagsOf: (service) => {
      const { repo } = ports;
      const { tags } = ecr.state.repositories.get(repo.repositoryFor(service)) ?? { tags: new Map<string, Digest>() };
      const own = new RegExp(`^${repo.tagFor(service, "LABEL").replace("LABEL", ".+")}$`);
      return {
        get size() {
          return [...tags.keys()].filter((tag) => own.test(tag)).length;
        },
        get: (label) => tags.get(repo.tagFor(service, label)),
        has: (label) => tags.has(repo.tagFor(service, label)),
        delete: (label) => tags.delete(repo.tagFor(service, label)),
      };
    },
    smoked: (text) => {
      repository.write("code.txt", text);
      const revision = repository.commit(text);
      smoke(docker, { revision, tree: repository.git("rev-parse", "HEAD^{tree}"), text });
      return revision;
    },
    [Symbol.asyncDispose]: async () => {
      repository[Symbol.dispose]();
      await ecr[Symbol.asyncDispose]();
    },
  };
}

/** Gives docker the four images of a commit. */
export function smoke(docker: FakeDocker, of: { revision: string; tree: string; text: string }): void {
  for (const service of services)
    docker.images.set(`threads-${service}:${of.revision}`, {
      config: `${service} ${of.text}`,
      labels: {
        "org.opencontainers.image.revision": of.revision,
        "org.threads.tree": of.tree,
      },
    });
}
