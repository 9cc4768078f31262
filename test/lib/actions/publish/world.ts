import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PublishPorts } from "../../../../src/lib/actions/publish/run.ts";
import { silentProgress } from "../../../../src/lib/progress/progress.ts";
import { dockerImages } from "../../../../src/lib/registry/docker-push.ts";
import { openRegistry } from "../../../../src/lib/registry/open.ts";
import { systemProcesses } from "../../../../src/lib/process/execa.ts";
import { gitSource } from "../../../../src/lib/source/git.ts";
import { loadConfig } from "../../../../src/lib/config/load.ts";
import { awsOf, type FakeEcr, fakeEcr, type FakeOptions } from "../../../fakes/ecr.ts";
import { type FakeDocker, fakeDocker } from "../../../fakes/docker.ts";
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
  /** Commits a file and gives docker the four images that smoke would have tagged. */
  smoked(text: string): string;
}

export async function testWorld(options: FakeOptions = {}): Promise<TestWorld> {
  const [repository, ecr] = [testRepository(), await fakeEcr(options)];
  const docker = fakeDocker(ecr);
  const warnings: string[] = [];
  repository.write("threads.yml", readFileSync(new URL("../../../../threads.yml", import.meta.url), "utf8"));
  repository.write("backend/docker-compose-prod.yml", "services: {}\n");
  const config = loadConfig({
    start: repository.root,
    file: join(repository.root, "threads.yml"),
    env: { ECR_REPO: `${ecr.host}/threads` },
  });
  const clock = jumpingClock();
  const ports: PublishPorts = {
    ...openRegistry({ config, aws: awsOf(ecr), clock }),
    config,
    source: gitSource({ processes: systemProcesses, root: repository.root }),
    docker: dockerImages({ processes: docker.processes }),
    progress: { ...silentProgress, warn: (message) => warnings.push(message) },
    clock,
    signal: new AbortController().signal,
  };
  return {
    repository,
    ecr,
    docker,
    ports,
    warnings,
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
        "org.threads.service": service,
      },
    });
}
