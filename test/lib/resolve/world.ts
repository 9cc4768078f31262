import { resolveRelease } from "../../../src/lib/resolve/resolve-release.ts";
import type { ResolvePorts } from "../../../src/lib/resolve/types.ts";
import { tagTree } from "../../../src/lib/actions/publish/tag-tree.ts";
import type { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import type { EcrRepo } from "../../../src/lib/image/ecr-repo.ts";
import { aConfig } from "../../fakes/config.ts";
import { repoAt } from "../../fakes/ecr-repo.ts";
import { parameterLedger } from "../../../src/lib/ledger/parameters.ts";
import { silentProgress } from "../../../src/lib/progress/progress.ts";
import { smallProcesses } from "../process/small-shell.ts";
import { treeLabel, writeBundle } from "../../../src/lib/registry/bundle.ts";
import type { Registry } from "../../../src/lib/registry/registry.ts";
import { assembleBundle } from "../../../src/lib/release/bundle.ts";
import type { PublishedRelease, Release } from "../../../src/lib/release/release.ts";
import { gitSource } from "../../../src/lib/source/git.ts";
import { aheadOf, hurriedClock } from "../../fakes/hurried-clock.ts";
import { type FakeEcr, fakeEcr } from "../../fakes/ecr.ts";
import { FakeSsm } from "../../fakes/ssm.ts";
import { registryOn } from "../registry/connect.ts";
import { type TestRepository, testRepository } from "../source/repository.ts";

const bundles = "threads/bundle";

/** What was typed, with the sha of another release. */
export const promoteAgain = (revision: string): string => `threads promote ${revision} -e prod`;

/** A real git repository beside a fake ECR and a fake Parameter Store: all that a release is looked for in. */
export class World implements AsyncDisposable {
  readonly repository: TestRepository;
  readonly ssm = new FakeSsm();
  /** Begins now: the SDK takes a server that is minutes away from this machine for a reason to try everything again. */
  readonly clock = hurriedClock(Date.now());
  /** By how much the laptop's clock is wrong, in milliseconds; SSM's is always right. */
  laptopAhead = 0;
  /** Others may take the place of both. */
  registry: Registry;
  repo: EcrRepo;
  readonly #ecr: FakeEcr;

  private constructor(ecr: FakeEcr, repository: TestRepository) {
    this.#ecr = ecr;
    this.repository = repository;
    this.registry = registryOn(ecr);
    this.repo = repoAt(ecr.host);
  }

  /** @param repository an empty one unless it is given; it is removed with the world. */
  static async open(repository = testRepository()): Promise<World> {
    const world = new World(await fakeEcr(), repository);
    await world.ssm.open();
    world.ssm.now = () => world.clock.now();
    return world;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.repository[Symbol.dispose]();
    await Promise.all([this.ssm.close(), this.#ecr[Symbol.asyncDispose]()]);
  }

  /** How often ECR was asked. */
  get lookups(): number {
    return this.#ecr.calls.filter((call) => call === "BatchGetImage").length;
  }

  get tags(): Map<string, string> {
    return this.#ecr.state.repositories.get(bundles)!.tags;
  }

  /** Puts a bundle into another repository too, as anybody may who may push. */
  copyBundle(digest: string, repository: string): void {
    const { repositories } = this.#ecr.state;
    const manifest = repositories.get(bundles)!.manifests.get(digest);
    if (manifest !== undefined) repositories.get(repository)!.manifests.set(digest, manifest);
  }

  forget(digest: string): void {
    this.#ecr.state.repositories.get(bundles)!.manifests.delete(digest);
  }

  /** Commits a file on the branch that is checked out; returns the full sha. */
  commit(name: string, text = name): string {
    this.repository.write(`${name}.txt`, `${text}\n`);
    return this.repository.commit(name);
  }

  /** As `threads publish` leaves it: the bundle under the sha and under the tree. @param web where it pins its image */
  async publish(
    revision: string,
    tree = this.repository.git("rev-parse", `${revision}^{tree}`),
    web = this.repo.repositoryFor("web"),
  ): Promise<PublishedRelease> {
    const release: Release = {
      schema: 1,
      app: "threads",
      revision,
      tree,
      committedAt: "2026-11-22T08:00:00.000Z",
      images: { web: { repository: web, digest: digestOf(`web ${revision}`) } },
    };
    const bundle = assembleBundle({ release, files: { "compose.yml": "" }, architecture: "amd64" });
    const { registry, repo } = this;
    const repository = repo.repositoryFor("bundle");
    const [tag, ofTree] = [repo.tagFor("bundle", revision), repo.tagFor("bundle", treeLabel(tree))];
    await writeBundle(registry, { repository, bundle, tag });
    await tagTree(registry, { repository, manifest: bundle.manifest, tag: ofTree });
    return { release, digest: bundle.manifest.digest, repository };
  }

  /** The ledger after a deployment that went well, or is under way still. */
  async deployed(environment: string, { release, digest, repository }: PublishedRelease, done = true): Promise<void> {
    const ledger = this.ports().ledger as ReturnType<typeof parameterLedger>;
    const number = (await ledger.deploymentLog(environment, Infinity)).deployments.length + 1;
    const at = (ms: number): string => new Date(this.clock.now() + ms).toISOString();
    const intent = await ledger.begin(environment, number, {
      kind: "deploy",
      revision: release.revision,
      tree: release.tree,
      bundle: { repository, digest },
      images: release.images,
      hosts: ["i-1"],
      by: { user: "ada", host: "laptop" },
      startedAt: at(0),
      deadline: at(600_000),
    });
    const { nonce } = intent;
    const hosts = [{ id: "i-1", state: "new" as const }];
    if (done)
      await ledger.finish(environment, { schema: 1, number, nonce, result: "succeeded", hosts, finishedAt: at(1) });
  }

  ports(root = this.repository.root): ResolvePorts {
    const hosts = (value: string): { tag: string } => ({ tag: `threads-env=${value}` });
    return {
      config: aConfig({
        environments: { dev: {}, staging: { hosts: hosts("staging") }, prod: { hosts: hosts("prod"), gates: {} } },
      }),
      repo: this.repo,
      registry: this.registry,
      source: gitSource({ processes: smallProcesses, root }),
      ledger: parameterLedger({
        aws: this.ssm.clients(),
        clock: aheadOf(this.clock, this.laptopAhead),
        app: "threads",
        version: "0.4.0",
        progress: silentProgress,
      }),
    };
  }

  resolve(ref?: string, root?: string): ReturnType<typeof resolveRelease> {
    return resolveRelease({ ref, again: promoteAgain }, this.ports(root));
  }

  /** The refusal, where one is expected. */
  async refusal(ref?: string, root?: string): Promise<ThreadsError> {
    return this.resolve(ref, root).then(
      ({ says }) => {
        throw new Error(`not refused: ${says}`);
      },
      (error: ThreadsError) => error,
    );
  }
}
