import type { AwsClients } from "../aws/clients.ts";
import { callerIdentity, checkAccount, type Identify, type Identity } from "../aws/identity.ts";
import { once } from "../aws/once.ts";
import type { Clock } from "../clock/clock.ts";
import type { Config } from "../config/config.ts";
import { type NamingConfig, publishedNames } from "../config/published-names.ts";
import { type EcrRepo, parseEcrRepo, type Settled, settledRepo, type WrittenRepo } from "../image/ecr-repo.ts";
import { requireDistinct } from "../image/layout.ts";
import { loopbackAccount, type RegistryAddress, registryOf, wrongRepo } from "../image/registry-address.ts";
import { labelWords } from "./bundle.ts";
import { connectRegistry } from "./ecr/ecr.ts";
import { ecrCalls } from "./ecr/call.ts";
import { probeLayout } from "./probe-layout.ts";
import type { Registry } from "./registry.ts";
import { both } from "../progress/both.ts";

interface OpenPorts {
  readonly config: NamingConfig & Pick<Config, "app" | "account" | "environments">;
  readonly aws: AwsClients;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Where others ask it too; asked for by itself where it is left out. */
  readonly identify?: Identify;
}

/** Where the registry is that the configuration names. */
export interface OpenPlace {
  readonly address: RegistryAddress;
  /** Before any write. @throws ThreadsError WRONG_ACCOUNT, WRONG_REGION */
  readonly checkAccount: () => Promise<Identity>;
}

/** The registry that the configuration names, ready to be asked. */
export interface OpenRegistry extends Pick<OpenPlace, "checkAccount"> {
  readonly repo: EcrRepo;
  readonly registry: Registry;
}

/**
 * From ECR_REPO to a place, for who needs to know no more: a rollback, which works without the registry. Nothing is asked
 * but STS, and that only for a name without registry. @throws ThreadsError ECR_REPO_…
 */
export async function openPlace(ports: OpenPorts): Promise<OpenPlace> {
  const { address, checkAccount: check } = await locate(ports);
  return { address, checkAccount: check };
}

/**
 * From ECR_REPO to a Registry: here it is settled what it means, before anything else is asked. A clear form costs no call;
 * a name that may mean two things costs one, while the account is checked. @throws ThreadsError ECR_REPO_…
 */
export async function openRegistry(ports: OpenPorts): Promise<OpenRegistry> {
  const { config, aws, clock, signal } = ports;
  const place = await locate(ports);
  const { written, address } = place;
  const services = publishedNames(config);
  const { unclear: name } = written;
  const found: Pick<Settled, "layout" | "because"> =
    name === undefined
      ? { layout: written.layout }
      : await both(place.checkAccount, () =>
          probeLayout(ecrCalls({ aws, clock, signal }), { registry: address, name, services }),
        );
  requireDistinct(found.layout, { services, beginnings: [...Object.keys(config.environments), ...labelWords] });
  const repo = settledRepo(written, { ...found, services, registry: address, registryFrom: place.from });
  return { repo, registry: connectRegistry({ repo, aws, clock, signal }), checkAccount: place.checkAccount };
}

interface Located extends OpenPlace {
  readonly written: WrittenRepo;
  /** Who named the registry, where ECR_REPO does not. */
  readonly from: string | undefined;
}

async function locate(ports: OpenPorts): Promise<Located> {
  const { config, aws } = ports;
  const { repository, account, app } = { ...config, ...config.registry };
  const written = parseEcrRepo(repository, app);
  const { identify = () => callerIdentity(ports) } = ports;
  const identity = once(() => identify());
  const address = written.registry ?? registryOf(account ?? (await ownAccount(identity, repository)), aws.region);
  // The sandbox has an account of its own, whatever threads.yml says of AWS.
  const configured = address.kind === "loopback" ? undefined : account;
  const expected = { account: address.account, region: address.region, configured };
  const from = account === undefined ? "the credentials" : "threads.yml";
  return {
    written,
    address,
    from: written.registry === undefined ? from : undefined,
    checkAccount: once(() => checkAccount(expected, { region: aws.region, identify: identity })),
  };
}

/** Comparing it with the credentials again proves nothing; but `account` of threads.yml, where it is given, comes before it. */
async function ownAccount(identity: () => Promise<Identity>, given: string | undefined): Promise<string> {
  const { account } = await identity();
  if (account !== loopbackAccount) return account;
  // An emulator's registry has an address that no account tells.
  throw wrongRepo(
    "ECR_REPO_INCOMPLETE",
    `ECR_REPO ${JSON.stringify(given)} names no registry, and the credentials are a sandbox's`,
    { next: ['eval "$(threads sandbox env)"', "aws sts get-caller-identity"] },
  );
}
