import { createHash } from "node:crypto";
import type { DeployPorts } from "../../src/lib/actions/deploy/run.ts";
import type { RollbackPorts } from "../../src/lib/actions/rollback/run.ts";
import type { Config } from "../../src/lib/config/config.ts";
import { ThreadsError } from "../../src/lib/errors/threads-error.ts";
import { type Digest, digestOf } from "../../src/lib/image/digest.ts";
import { parameterLedger } from "../../src/lib/ledger/parameters.ts";
import type { Promotion } from "../../src/lib/ledger/promotions.ts";
import { type Progress, silentProgress } from "../../src/lib/progress/progress.ts";
import type { Provenance } from "../../src/lib/provenance/provenance.ts";
import type { StoredManifest } from "../../src/lib/registry/registry.ts";
import { assembleBundle } from "../../src/lib/release/bundle.ts";
import type { Migration } from "../../src/lib/release/migrations.ts";
import { pulledImages, type Release } from "../../src/lib/release/release.ts";
import type { Ancestor } from "../../src/lib/source/source.ts";
import type { HostTargetPorts } from "../../src/lib/hosts/ports.ts";
import { openWays } from "../../src/lib/wire/ways.ts";
import type { Remote } from "../../src/lib/remote/remote.ts";
import { openTargets } from "../../src/lib/wire/targets.ts";
import type { VerifyPorts } from "../../src/lib/actions/verify/run.ts";
import { ssmRemote } from "../../src/lib/remote/ssm.ts";
import { aConfig } from "./config.ts";
import { repoAt } from "./ecr-repo.ts";
import { aheadOf, hurriedClock, withoutPulse } from "./hurried-clock.ts";
import { SimulatedHost } from "./simulated-host.ts";
import { FakeSsm } from "./ssm.ts";

/** The sha of a word: `sha("one")` is a revision. */
export function sha(word: string): string {
  return createHash("sha1").update(word).digest("hex");
}

function digest(word: string): Digest {
  return digestOf(word);
}

/** What deploy, rollback and status want of it, and what the hosts of its environments are reached with. */
export type FleetPortsOfAll = DeployPorts & RollbackPorts & VerifyAsk & HostTargetPorts;
type VerifyAsk = Pick<VerifyPorts, "waysTo">;

/** Other ports for what is made of them, too: the target, and the way to the application on a host. */
export function rewired(
  ports: FleetPortsOfAll,
  change: Partial<Omit<FleetPortsOfAll, "remote">> & { readonly remote?: Partial<Remote> },
): FleetPortsOfAll {
  const own = { ...ports, ...change, remote: { ...ports.remote, ...change.remote } };
  return { ...own, targetOf: openTargets(own), waysTo: waysOver(own) };
}

function waysOver({
  config,
  remote,
  clock,
  signal,
}: Omit<FleetPortsOfAll, "waysTo" | "targetOf">): VerifyPorts["waysTo"] {
  return openWays(config, { remote, clock, signal, env: {} });
}

/** A whole world for deploy, rollback and status: fake SSM, simulated hosts, a registry in memory, a git of words. */
export class Fleet {
  readonly ssm = new FakeSsm();
  /** Begins now: the SDK takes a server that is minutes away from this machine for a reason to try everything again. */
  readonly clock = hurriedClock(Date.now());
  readonly manifests = new Map<string, StoredManifest>();
  readonly #slotted = new Set<string>();
  readonly hosts: SimulatedHost[] = [];
  /** What the application and its released services are called. */
  readonly app: string = "threads";
  readonly services: readonly string[] = ["web", "celery", "celery-beat", "nginx"];
  readonly interrupt = new AbortController();
  readonly cancelNow = new AbortController();
  readonly detach = new AbortController();
  /** By how much the laptop's clock is wrong, in milliseconds; SSM's is always right. */
  laptopAhead = 0;
  readonly warnings: string[] = [];
  /** No lease beats unless a test has it beat: the clock runs away from whoever sleeps beside the work. */
  pulse = withoutPulse;
  /** Where and under which tags `publish` puts a release, and deploy finds it. */
  repo = repoAt("127.0.0.1:5000");
  /** What HEAD is, as a word. */
  head = "one";
  /** By branch, the words whose commits it has. */
  readonly branches = new Map<string, readonly string[]>();
  /** By word, what its release tells of its migrations. */
  readonly migrations = new Map<string, readonly Migration[]>();
  /** What comes of comparing any bundle with git: this git of words has no files. */
  provenance: Provenance = { state: "same" };
  /** What lies below it, as git would tell it. */
  ancestors: Ancestor[] = [];
  readonly progress: Progress = { ...silentProgress, warn: (text) => this.warnings.push(text) };

  /** @param hosts how many prod has. @param known another application than that of the repository */
  static async open(hosts = 3, known: Partial<Pick<Fleet, "app" | "services">> = {}): Promise<Fleet> {
    const fleet = Object.assign(new Fleet(), known);
    await fleet.ssm.open();
    fleet.ssm.now = () => fleet.clock.now();
    // That commands show late is looked at in test/lib/remote; here it would be a call more for each of hundreds of orders.
    fleet.ssm.invisibleLooks = 0;
    for (let n = 1; n <= hosts; n += 1) fleet.addHost(`i-0000000000000000${n}`, "prod");
    return fleet;
  }

  close(): Promise<void> {
    return this.ssm.close();
  }

  addHost(id: string, environment: string): SimulatedHost {
    const host = new SimulatedHost(id, environment, this.#slotted);
    this.hosts.push(host);
    this.ssm.addHost(host);
    return host;
  }

  /** Publishes the release of a word, and promotes it to prod unless told otherwise. @param tree of another word's sources */
  publish(word: string, promoted = true, tree = word, hasEdge = false): string {
    const images = Object.fromEntries(
      this.services.map((service) => [
        service,
        { repository: this.repo.repositoryFor(service), digest: digest(`${service} ${word}`) },
      ]),
    );
    const committedAt = "2026-11-22T09:00:00.000Z";
    const release: Release = {
      schema: 1,
      app: this.app,
      revision: sha(word),
      tree: sha(`tree ${tree}`),
      committedAt,
      images,
      ...(this.migrations.has(word) && { migrations: this.migrations.get(word) ?? [] }),
      ...(hasEdge && { edge: { repository: this.repo.repositoryFor("edge"), digest: digest(`edge ${word}`) } }),
    };
    const { manifest } = assembleBundle({ release, files: { "compose.yml": "" }, architecture: "amd64" });
    if (hasEdge) this.#slotted.add(manifest.digest);
    for (const pin of Object.values(pulledImages(release)))
      this.manifests.set(`${pin.repository} ${pin.digest}`, { digest: pin.digest, mediaType: "", body: "" });
    for (const label of [sha(word), ...(promoted ? [`prod-${sha(word)}`] : [])]) this.tag(manifest, label);
    if (promoted) this.recordPromotion("prod", { revision: sha(word), bundle: manifest.digest });
    return sha(word);
  }

  /** Gives a bundle a tag, as anybody can who may push. */
  tag(manifest: StoredManifest, label: string): void {
    this.manifests.set(`${this.repo.repositoryFor("bundle")} ${this.repo.tagFor("bundle", label)}`, manifest);
  }

  /** Puts the record of a promotion into the ledger, as promote does. */
  recordPromotion(
    environment: string,
    { revision, bundle }: Pick<Promotion, "revision" | "bundle">,
    proven: Pick<Promotion, "sources"> = { sources: "compared" },
  ): void {
    const record: Promotion = {
      schema: 1,
      environment,
      revision,
      bundle,
      tags: [`${environment}-${revision}`],
      gates: {},
      overrides: [],
      ...proven,
      by: { user: "ada", host: "laptop" },
      at: "2026-11-22T10:00:00.000Z",
      version: "1.0.0",
    };
    const name = `/${this.app}/${environment}/promotions/${bundle.slice("sha256:".length)}`;
    this.ssm.parameters.store.set(name, JSON.stringify(record));
  }

  /** The bundle that lies under a label. */
  bundle(label: string): StoredManifest {
    const found = this.manifests.get(`${this.repo.repositoryFor("bundle")} ${this.repo.tagFor("bundle", label)}`);
    if (found === undefined) throw new Error(`no bundle has the tag ${label}`);
    return found;
  }

  private manifest(repository: string, reference: string): StoredManifest | undefined {
    const found = this.manifests.get(`${repository} ${reference}`);
    return found ?? [...this.manifests.values()].find(({ digest: there }) => there === reference);
  }

  config(change: Partial<Config> = {}): Config {
    const hosts = (value: string): { tag: string } => ({ tag: `threads-env=${value}` });
    const file = aConfig({
      services: [...this.services],
      registry: { repository: "127.0.0.1:5000/threads" },
      region: "eu-west-1",
      runtime: { compose: "compose.yml", migrate: "migrate", singletons: ["celery-beat"], workers: ["celery"] },
      environments: { dev: {}, staging: { hosts: hosts("staging") }, prod: { hosts: hosts("prod"), gates: {} } },
    });
    return { ...file, ...change };
  }

  ports(change: Partial<FleetPortsOfAll> = {}): FleetPortsOfAll {
    const aws = this.ssm.clients();
    const { progress } = this;
    const clock = aheadOf(this.clock, this.laptopAhead);
    const own: Omit<FleetPortsOfAll, "waysTo" | "targetOf"> & Partial<FleetPortsOfAll> = {
      config: this.config(),
      remote: ssmRemote({ aws, clock }),
      ledger: parameterLedger({ aws, clock, app: this.app, version: "0.0.0", progress }),
      progress,
      clock,
      pulse: this.pulse,
      signal: this.interrupt.signal,
      cancelNow: this.cancelNow.signal,
      detach: this.detach.signal,
      author: { user: "ada", host: "laptop" },
      repo: this.repo,
      registryHost: "127.0.0.1:5000",
      checkAccount: () => Promise.resolve(),
      registry: {
        find: async (repository, reference) => this.manifest(repository, reference),
        findMany: async (repository, references) =>
          new Map(
            references.flatMap((reference) => {
              const manifest = this.manifest(repository, reference);
              return manifest === undefined ? [] : [[reference, manifest] as const];
            }),
          ),
      },
      source: {
        head: async () => ({
          revision: sha(this.head),
          tree: sha(`tree ${this.head}`),
          committedAt: "",
          branch: "prod",
          dirty: [],
          shallow: false,
          upstream: undefined,
          pushed: undefined,
        }),
        resolve: async (word) => ({ revision: sha(word), tree: sha(`tree ${word}`), committedAt: "" }),
        refs: async () => [],
        history: async (revision) => ({
          commits: [{ revision, tree: "", parents: [] }, ...this.ancestors],
          shallow: false,
        }),
        difference: async () => [],
      },
      provenance: () => Promise.resolve(this.provenance),
      lineage: {
        between: async () => ({ commits: 2, log: [], dropped: 0, migrations: ["migrations/0002.py"] }),
        onBranch: async (branch, { revision }) => {
          const words = this.branches.get(branch);
          if (words === undefined) return { has: "unknown", ref: undefined };
          return { has: words.some((word) => sha(word) === revision) ? "commit" : "nothing", ref: `origin/${branch}` };
        },
      },
      ...change,
    };
    return { targetOf: openTargets(own), waysTo: waysOver(own), ...own };
  }

  /** A Ctrl-C: the first, or after it the second. */
  press(): void {
    const reason = new ThreadsError("INTERRUPTED", { message: "interrupted by SIGINT" });
    (this.interrupt.signal.aborted ? this.cancelNow : this.interrupt).abort(reason);
  }

  /** TERM, or the end of a cancelled job. */
  terminate(): void {
    const reason = new ThreadsError("INTERRUPTED", { message: "interrupted by SIGTERM" });
    this.detach.abort(reason);
    this.interrupt.abort(reason);
  }

  /** Ports as a new run of the CLI has them, which nobody has interrupted yet. */
  freshPorts(): FleetPortsOfAll {
    const calm = new AbortController().signal;
    return this.ports({ signal: calm, cancelNow: calm, detach: calm });
  }

  /** Words of what the hosts have on record, in order; `-` for nothing. */
  revisions(...words: readonly string[]): string[] {
    return this.hosts.map((host) => words.find((word) => sha(word) === host.current?.revision) ?? "-");
  }
}
