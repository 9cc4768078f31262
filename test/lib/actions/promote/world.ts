import { readFileSync } from "node:fs";
import { CreateRepositoryCommand } from "@aws-sdk/client-ecr";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { PromotePorts } from "../../../../src/lib/actions/promote/ports.ts";
import type { SmokeImages } from "../../../../src/lib/stack/smoke-published.ts";
import type { AwsClients } from "../../../../src/lib/aws/clients.ts";
import { skippingClock } from "../../../fakes/hurried-clock.ts";
import type { Config, EnvironmentConfig } from "../../../../src/lib/config/config.ts";
import { loadConfig } from "../../../../src/lib/config/load.ts";
import type { DeploymentResult, Intent, IntentDraft } from "../../../../src/lib/ledger/ledger.ts";
import { smallProcesses } from "../../process/small-shell.ts";
import { silentProgress } from "../../../../src/lib/progress/progress.ts";
import { connectRegistry } from "../../../../src/lib/registry/ecr/ecr.ts";
import type { Provenance } from "../../../../src/lib/provenance/provenance.ts";
import type { Registry } from "../../../../src/lib/registry/registry.ts";
import type { Digest } from "../../../../src/lib/image/digest.ts";
import type { PublishedRelease } from "../../../../src/lib/release/release.ts";
import type { JsonService, Operation } from "../../../../src/lib/sandbox/server/protocol.ts";
import { realPace } from "../../../../src/lib/sandbox/server/ssm/hosts.ts";
import { createSsmOn } from "../../../../src/lib/sandbox/server/ssm/ssm.ts";
import { parameterLedger } from "../../../../src/lib/ledger/parameters.ts";
import { principalOf } from "../../../../src/lib/ledger/principal.ts";
import { signedLedger } from "../../../../src/lib/ledger/signed-ledger.ts";
import { openPromotion } from "../../../../src/lib/wire/promotion.ts";
import { layouts } from "../../../fakes/ecr-repo.ts";
import { startFakeDistribution } from "../../../fakes/distribution.ts";
import { hurriedClock } from "../../../fakes/hurried-clock.ts";
import { publishRelease, uploadManifest } from "../../../fakes/published-release.ts";
import { passed } from "../../faults/promote-ports.ts";
import { openSandbox, type OpenSandbox, region } from "../../sandbox/server/open-sandbox.ts";
import { localHosts } from "../../sandbox/server/ssm/local-hosts.ts";
import { type TestRepository, testRepository } from "../../source/repository.ts";

/** Two of the four: every kind of call is there, and the same calls for the other two would teach nothing. */
export const services = ["web", "nginx"];

/** The sandbox's ECR and SSM in this process, a real git repository, and the ports that the command would open. */
export interface PromotionWorld extends AsyncDisposable {
  readonly sandbox: OpenSandbox;
  readonly repository: TestRepository;
  /** Those of the ports. */
  readonly clients: AwsClients;
  readonly ports: PromotePorts;
  readonly warnings: string[];
  /** What comes of comparing a bundle with git: those here have one file, of which no commit knows. */
  provenance: Provenance;
  /** What was tested, in order. */
  readonly smoked: Parameters<SmokeImages>[0][];
  /** Happens while the smoke runs. */
  duringSmoke: () => unknown;
  /** Puts the images and the bundle of a commit into the registry, as publish leaves them. */
  publish(text: string, what?: { readonly hasEdge: boolean }): Promise<PublishedRelease>;
  /** `repository` and tag of a label of a service, or of the bundle. */
  place(service: string, label: string): readonly [string, string];
  /** Puts another image under a label's tag. */
  push(service: string, label: string, config: string): Promise<Digest>;
  /** Writes a deployment into the ledger, as deploy does. */
  deployed(
    environment: string,
    release: PublishedRelease,
    how?: { readonly result?: DeploymentResult; readonly draft?: Partial<IntentDraft> },
  ): Promise<Intent>;
  /** The first half of that: what a deployment under way leaves. */
  begun(environment: string, release: PublishedRelease, draft?: Partial<IntentDraft>): Promise<Intent>;
  /** The other half. */
  ended(environment: string, intent: Intent, result?: DeploymentResult): Promise<void>;
  /** The ports with other gates for prod. */
  withGates(gates: Partial<EnvironmentConfig["gates"]>): PromotePorts;
  /** The ports of somebody else: Parameter Store and STS take them for this ARN, until the next. */
  as<Ports extends object>(arn: string, ports: Ports): Ports & Pick<PromotePorts, "checkAccount" | "ledger">;
  /** Tags of a service whose label begins so. */
  tagsOf(service: string, start: string): Promise<readonly string[]>;
  /** Operations since the last call. */
  calls(): Promise<readonly string[]>;
}

/** @param how.withSockets whether other programs can reach the registry */
export async function promotionWorld(
  layout: keyof typeof layouts = "perService",
  { withSockets = false } = {},
): Promise<PromotionWorld> {
  const distribution = await startFakeDistribution();
  const hosts = localHosts({});
  let who: string | undefined;
  const quiet = { executor: hosts, pace: realPace, hiddenFor: 0, report: () => undefined };
  const sandbox = await openSandbox({
    upstream: distribution.upstream,
    services: [signedBy(await createSsmOn({ stateDir: undefined, ...quiet }), () => who)],
    withoutSockets: !withSockets,
  });
  for (const repositoryName of layout === "single"
    ? ["threads"]
    : [...services, "bundle"].map((name) => `threads/${name}`))
    await sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: "MUTABLE" }));
  const repository = testRepository();
  const ssm = new SSMClient(sandbox.clientSettings);
  const aws: AwsClients = {
    region,
    ecr: () => Promise.resolve(sandbox.ecr),
    sts: () => Promise.resolve(sandbox.sts),
    ssm: () => Promise.resolve(ssm),
    ssmOnce: () => Promise.reject(new Error("nothing is deployed here")),
    logs: () => Promise.reject(new Error("nothing is deployed here")),
    ecs: () => Promise.reject(new Error("nothing is deployed here")),
    secrets: () => Promise.reject(new Error("nothing is deployed here")),
  };
  const warnings: string[] = [];
  const smoked: PromotionWorld["smoked"] = [];
  const config = configOf(repository, `127.0.0.1:${String(sandbox.port)}/${layouts[layout]}`);
  const opened = await openPromotion({
    config: () => Promise.resolve(config),
    aws: () => Promise.resolve(aws),
    processes: smallProcesses,
    clock: skippingClock(),
    progress: { ...silentProgress, warn: (text) => warnings.push(text) },
    signal: new AbortController().signal,
    cancelNow: new AbortController().signal,
    env: { USER: "ada" },
    runtime: { node: "24.21.0", wanted: ">=22.13", threads: "1.2.3" },
  });
  const ports: PromotePorts = {
    ...opened,
    author: { user: "ada", host: "laptop" },
    provenance: () => Promise.resolve(world.provenance),
    readAhead: () => undefined,
    docker: { signedIn: (_, use) => use({ push: () => Promise.reject(new Error("no push")), folder: "/docker" }) },
    smoke: async (what) => {
      smoked.push(what);
      await world.duringSmoke();
      return passed(config.checks);
    },
  };
  let seen = 0;
  // What was there before costs neither an upload nor the pace at which a command gives its tags.
  const stocked = connectRegistry({ repo: opened.repo, aws, clock: hurriedClock() });
  const upload: Registry["upload"] = async (name, blob) =>
    blob instanceof Uint8Array ? distribution.stock(name, blob) : stocked.upload(name, blob);
  const stock: PromotePorts = { ...ports, registry: { ...stocked, upload } };
  const world: PromotionWorld = {
    sandbox,
    repository,
    clients: aws,
    ports,
    warnings,
    smoked,
    provenance: { state: "same" },
    duringSmoke: () => undefined,
    publish: (text, what) => publishRelease({ text, services, ...what }, { ...stock, repository }),
    place: (service, label) => [ports.repo.repositoryFor(service), ports.repo.tagFor(service, label)],
    push: async (service, label, text) => {
      const [name, tag] = world.place(service, label);
      const manifest = await uploadManifest(stock.registry, name, text);
      await stock.registry.tag(name, manifest, tag);
      return manifest.digest;
    },
    deployed: async (environment, release, how = {}) => {
      const intent = await begun(environment, release, { draft: how.draft, ports });
      await ended(environment, intent, { result: how.result, ports });
      return intent;
    },
    begun: (environment, release, draft) => begun(environment, release, { draft, ports }),
    ended: (environment, intent, result) => ended(environment, intent, { result, ports }),
    withGates: (gates) => ({ ...ports, config: changed(config, gates) }),
    as: (arn, given) => {
      who = arn;
      const bare = parameterLedger({ ...opened, aws, app: config.app, version: ports.version, clock: ports.clock });
      const ledger = signedLedger(bare, () => Promise.resolve(principalOf(arn)));
      return { ...given, ledger, checkAccount: () => Promise.resolve({ account: "000000000000", arn }) };
    },
    tagsOf: async (service, start) => {
      const [repositoryName, any] = world.place(service, "LABEL");
      const wanted = new RegExp(`^${any.replace("LABEL", `${start}.*`)}$`);
      const { ListImagesCommand } = await import("@aws-sdk/client-ecr");
      const { imageIds = [] } = await sandbox.ecr.send(new ListImagesCommand({ repositoryName }));
      return imageIds.flatMap(({ imageTag = "" }) => (wanted.test(imageTag) ? [imageTag] : []));
    },
    calls: async () => {
      const { last, entries } = await sandbox.log(seen);
      seen = last;
      return entries.flatMap(({ operation }) => (operation === undefined ? [] : [operation]));
    },
    [Symbol.asyncDispose]: async () => {
      ssm.destroy();
      await sandbox.stop();
      await distribution.stop();
      hosts.close();
      repository[Symbol.dispose]();
    },
  };
  return world;
}

/** The service as it answers whoever is given; whose credentials they are where that is nobody. */
function signedBy(service: JsonService, who: () => string | undefined): JsonService {
  const operations = Object.entries(service.operations).map(([name, operation]): [string, Operation] => [
    name,
    (input, call) => operation(input, { ...call, identity: { ...call.identity, arn: who() ?? call.identity.arn } }),
  ]);
  return { ...service, operations: Object.fromEntries(operations) };
}

/** The real threads.yml, so that its gates are those that are tested. */
function configOf(repository: TestRepository, ecrRepo: string): Config {
  repository.write("threads.yml", readFileSync(new URL("../../../../threads.yml", import.meta.url), "utf8"));
  return loadConfig({ start: repository.root, file: undefined, env: { ECR_REPO: ecrRepo } });
}

function changed(config: Config, gates: Partial<EnvironmentConfig["gates"]>): Config {
  const { prod } = config.environments;
  if (prod === undefined) throw new Error("threads.yml has no prod");
  return { ...config, environments: { ...config.environments, prod: { ...prod, gates: { ...prod.gates, ...gates } } } };
}

async function begun(
  environment: string,
  { release, digest, repository }: PublishedRelease,
  how: { readonly draft: Partial<IntentDraft> | undefined; readonly ports: PromotePorts },
): Promise<Intent> {
  const { ledger } = how.ports;
  const number = (await ledger.deploymentLog(environment, Infinity)).deployments.length + 1;
  const now = Date.now();
  return ledger.begin(environment, number, {
    kind: "deploy",
    revision: release.revision,
    tree: release.tree,
    bundle: { repository, digest },
    images: release.images,
    hosts: ["i-00000000000000001"],
    by: { user: "eve", host: "runner" },
    startedAt: new Date(now).toISOString(),
    deadline: new Date(now + 60_000).toISOString(),
    ...how.draft,
  });
}

async function ended(
  environment: string,
  { number, nonce }: Intent,
  how: { readonly result: DeploymentResult | undefined; readonly ports: PromotePorts },
): Promise<void> {
  const { result = "succeeded", ports } = how;
  await ports.ledger.finish(environment, {
    schema: 1,
    number,
    nonce,
    result,
    hosts: [{ id: "i-00000000000000001", state: result === "failed" ? "old" : "new" }],
    finishedAt: new Date(Date.now()).toISOString(),
  });
}
