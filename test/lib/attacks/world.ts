import { join } from "node:path";
import { type ChoicePorts, chooseRelease } from "../../../src/lib/actions/deploy/choose-release.ts";
import type { PromotePorts } from "../../../src/lib/actions/promote/ports.ts";
import { promote } from "../../../src/lib/actions/promote/run.ts";
import type { Config } from "../../../src/lib/config/config.ts";
import { loadConfig } from "../../../src/lib/config/load.ts";
import type { Processes } from "../../../src/lib/process/processes.ts";
import { releaseFiles } from "../../../src/lib/provenance/release-files.ts";
import { edgeFile, pinsOf } from "../../../src/lib/release/pins.ts";
import { treeLabel, writeBundle } from "../../../src/lib/registry/bundle.ts";
import { assembleBundle, type BundleFiles } from "../../../src/lib/release/bundle.ts";
import type { PublishedRelease, Release } from "../../../src/lib/release/release.ts";
import { gitSource } from "../../../src/lib/source/git.ts";
import type { AwsClients } from "../../../src/lib/aws/clients.ts";
import type { Job } from "../../../src/lib/iam/role.ts";
import { silentProgress } from "../../../src/lib/progress/progress.ts";
import { openPromotion } from "../../../src/lib/wire/promotion.ts";
import { openProvenance } from "../../../src/lib/wire/provenance.ts";
import { fakeDocker } from "../../fakes/docker.ts";
import { skippingClock } from "../../fakes/hurried-clock.ts";
import { uploadManifest } from "../../fakes/published-release.ts";
import { promotionWorld, type PromotionWorld } from "../actions/promote/world.ts";
import { smallProcesses } from "../process/small-shell.ts";
import { withRoles } from "./with-roles.ts";

const threadsYml = `
app: threads
services: [web, nginx]
test: { compose: compose.yml, service: web }
smoke: { compose: compose.yml, entry: { service: nginx, port: 8080 }, checks: [{ path: / }] }
runtime: { compose: compose.yml, strategy: recreate }
environments:
  dev: {}
  staging: { hosts: { tag: threads-env=staging } }
  prod: { hosts: { tag: threads-env=prod }, gates: { smoke: true } }
`;
const composeYml = `services: { web: { image: "\${WEB_IMAGE}" }, nginx: { image: "\${NGINX_IMAGE}" } }\n`;

/** What a bundle says that is not what publish would write. */
export interface Forgery {
  readonly files?: (files: BundleFiles) => BundleFiles;
  readonly release?: (release: Release) => Release;
}

/**
 * A registry, a ledger and a repository, and whoever has rights on them: the bundles are compared with git as ever, and each does
 * what it does with the generated role for it, which the sandbox enforces.
 */
export interface AttackWorld extends AsyncDisposable {
  readonly world: PromotionWorld;
  /** An administrator's. */
  readonly ports: PromotePorts & Pick<ChoicePorts, "provenance">;
  /** Clients of somebody who has taken a role. */
  as(job: Job, environment?: string): Promise<AwsClients>;
  /** Commits and publishes, as CI would, or somebody who may push. */
  publish(text: string, forgery?: Forgery): Promise<PublishedRelease>;
  /** Gives the images and the bundle a label's tags, which takes push rights alone. */
  tag(release: PublishedRelease, label: string): Promise<void>;
  /** @param at what the branch says that it is run on */
  promote(revision: string, at?: Config): ReturnType<typeof promote>;
  /** What `threads deploy` decides before it looks at a host. */
  deploy(environment: string, release: string, at?: Config): Promise<PublishedRelease>;
}

export async function attackWorld(): Promise<AttackWorld> {
  const world = await promotionWorld();
  const { repository } = world;
  repository.write("threads.yml", threadsYml);
  repository.write("compose.yml", composeYml);
  const ECR_REPO = world.ports.config.registry.repository ?? "";
  const config = loadConfig({ start: repository.root, file: join(repository.root, "threads.yml"), env: { ECR_REPO } });
  const docker = fakeDocker({ host: "none", push: () => Promise.reject(new Error("nothing is pushed by docker")) });
  const processes: Processes = {
    run: (command, options) => (command.file === "docker" ? docker.processes : smallProcesses).run(command, options),
  };
  const blobs = new Map<string, Uint8Array>();
  // The sandbox of these tests has no sockets, through which a download would come.
  const download: PromotePorts["registry"]["download"] = async (_, digest) => blobs.get(digest) ?? new Uint8Array();
  const registry: PromotePorts["registry"] = { ...world.ports.registry, download };
  const { clock, signal, repo } = world.ports;
  const source = gitSource({ processes: smallProcesses, root: repository.root });
  const { provenance } = openProvenance({ config, source, registry }, { processes, clock, env: {}, signal });
  const ports = { ...world.ports, config, registry, provenance };
  const roles = await withRoles(world.sandbox, config);
  const portsAs = async (job: Job, environment?: string): Promise<AttackWorld["ports"]> => {
    const aws = await roles.as(job, environment);
    const { ledger, checkAccount, pushes, scans, lifecycle, ...opened } = await openPromotion({
      config: () => Promise.resolve(config),
      aws: () => Promise.resolve(aws),
      processes,
      clock: skippingClock(),
      progress: silentProgress,
      signal,
      cancelNow: signal,
      env: { USER: "eve" },
      runtime: { node: "24.21.0", wanted: ">=22.13", threads: "1.2.3" },
    });
    const own = { ...opened.registry, download };
    return { ...ports, registry: own, ledger, checkAccount, pushes, scans, lifecycle };
  };
  const publish: AttackWorld["publish"] = async (
    text,
    { files: alter = (files) => files, release: change = (same) => same }: Forgery = {},
  ) => {
    const { registry: pushed } = await portsAs("publisher");
    repository.write("code.txt", text);
    const { revision, tree, committedAt } = await source.resolve(repository.commit(text));
    const made = await releaseFiles(revision, {
      config,
      source,
      signal,
      compose: { openModel: (files) => models(processes, files) },
    });
    const pinned = config.services.map(async (service) => {
      const name = repo.repositoryFor(service);
      const manifest = await uploadManifest(pushed, name, `${service} ${text}`);
      await pushed.tag(name, manifest, repo.tagFor(service, revision));
      return [service, { repository: name, digest: manifest.digest }] as const;
    });
    const pins = pinsOf(await Promise.all(pinned), made);
    const release = change({ schema: 2, app: config.app, revision, tree, committedAt, ...pins });
    const bundle = assembleBundle({
      release,
      files: alter({ ...made.files, ...edgeFile(pins) }),
      architecture: "amd64",
    });
    const { digest } = bundle.manifest;
    blobs.set(layerOf(bundle.manifest.body), bundle.layer);
    const name = repo.repositoryFor("bundle");
    for (const label of [treeLabel(tree), revision])
      await writeBundle(pushed, { repository: name, bundle, tag: repo.tagFor("bundle", label) });
    return { release, digest, repository: name };
  };
  return {
    world,
    ports,
    as: (job, environment) => roles.as(job, environment),
    publish,
    tag: async ({ release, digest, repository: bundles }, label) => {
      const { registry: pushed } = await portsAs("publisher");
      const targets = [...Object.entries(release.images), ["bundle", { repository: bundles, digest }] as const];
      for (const [service, pin] of targets) {
        const manifest = await pushed.find(pin.repository, pin.digest);
        if (manifest !== undefined) await pushed.tag(pin.repository, manifest, repo.tagFor(service, label));
      }
    },
    promote: async (revision, at = config) =>
      promote(
        { release: revision, environment: "prod", dryRun: false },
        { ...(await portsAs("promoter", "prod")), config: at },
      ),
    deploy: async (name, release, at = config) => {
      const deploying = await portsAs("deployer", name);
      const environment = at.environments[name]!;
      const ruling = deploying.ledger.ruling(name);
      return chooseRelease({ environment, ruling, release, unverified: false }, deploying);
    },
    [Symbol.asyncDispose]: async () => {
      roles[Symbol.dispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

function layerOf(body: string): string {
  return (JSON.parse(body) as { layers: readonly { digest: string }[] }).layers[0]?.digest ?? "";
}

async function models(processes: Processes, [file = ""]: readonly string[]) {
  const args = ["compose", "--ansi", "never", "-f", file, "config", "--no-interpolate"];
  return JSON.parse((await processes.run({ file: "docker", args })).stdout) as { services: Record<string, object> };
}
