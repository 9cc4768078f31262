import type { AwsClients } from "../aws/clients.ts";
import { checkAccount, type Identity } from "../aws/identity.ts";
import type { Clock } from "../clock/clock.ts";
import type { Config } from "../config/config.ts";
import { type EcrRepo, parseEcrRepo } from "../image/ecr-repo.ts";
import { connectRegistry } from "./ecr.ts";
import { ecrCalls } from "./ecr-call.ts";
import { requireLayout } from "./layout.ts";
import type { Registry } from "./registry.ts";
import { whileChecking } from "./while-checking.ts";

/** The registry that the configuration names, ready to be asked. */
export interface OpenRegistry {
  readonly repo: EcrRepo;
  readonly registry: Registry;
  /** Before any write. @throws ThreadsError WRONG_ACCOUNT, WRONG_REGION */
  checkAccount(): Promise<Identity>;
  /** The same, and that ECR_REPO can be read in one way only: before the first write, which settles it. @throws ThreadsError ECR_REPO_AMBIGUOUS, ECR_REPO_SINGLE */
  readonly checkPlace: () => Promise<void>;
}

/** From ECR_REPO to a Registry. Nothing is asked yet. @throws ThreadsError ECR_REPO_… */
export function openRegistry(ports: {
  readonly config: Pick<Config, "app" | "account" | "registry">;
  readonly aws: AwsClients;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}): OpenRegistry {
  const { config, aws, clock, signal } = ports;
  const { app, account } = config;
  const repo = parseEcrRepo(config.registry.repository, { app, account, region: aws.region });
  // The sandbox has an account of its own, whatever threads.yml says of AWS.
  const configured = repo.kind === "loopback" ? undefined : account;
  const check = (): Promise<Identity> => checkAccount(aws, { account: repo.account, region: repo.region, configured });
  const call = ecrCalls({ aws, clock, signal });
  return {
    repo,
    registry: connectRegistry({ repo, aws, clock, signal }),
    checkAccount: check,
    checkPlace: () => whileChecking(check, () => requireLayout(call, { repo, bundle: config.registry.bundle })),
  };
}
