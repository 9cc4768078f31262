import type { AwsClients } from "../aws/clients.ts";
import type { Clock } from "../clock/clock.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Digest } from "../image/digest.ts";
import type { EcrRepo } from "../image/ecr-repo.ts";
import { Secret } from "../secret/secret.ts";
import { type EcrConnection, ecrCalls } from "./ecr-call.ts";
import { downloadBlob, uploadBlob } from "./ecr-layers.ts";
import { readImage } from "./ecr-read.ts";
import { putTag } from "./ecr-write.ts";
import { pace } from "./pace.ts";
import type { Registry, RegistryLogin } from "./registry.ts";

/** What ECR can answer beyond any registry. */
export interface EcrRegistry extends Registry {
  /** Whether the tag still names this digest: asked with both in one call, so that there is no moment in between. */
  holds(repository: string, tag: string, digest: Digest): Promise<boolean>;
}

/** PutImage calls a second and region that an account has by default (ECR service quotas). */
const putsPerSecond = 10;

/** Amazon ECR as a Registry. Nothing is asked before the first call. */
export function connectRegistry(ports: {
  readonly repo: EcrRepo;
  readonly aws: Pick<AwsClients, "ecr">;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}): EcrRegistry {
  const { repo, clock, signal } = ports;
  const ecr: EcrConnection = { call: ecrCalls(ports), registryId: repo.account };
  const turn = pace({ clock, perSecond: putsPerSecond, signal });
  return {
    host: repo.host,
    find: async (repository, reference) => (await readImage(ecr, repository, reference)).image,
    holds: async (repository, tag, digest) => (await readImage(ecr, repository, tag, digest)).image !== undefined,
    tag: (repository, manifest, tag) => putTag({ ...ecr, clock, signal, turn }, { repository, manifest, tag }),
    upload: (repository, bytes) => uploadBlob(ecr, repository, bytes),
    download: (repository, digest) => downloadBlob(ecr, repository, digest, signal),
    login: () => login(ecr, repo.host),
  };
}

async function login({ call }: EcrConnection, host: string): Promise<RegistryLogin> {
  const doing = "asking ECR for docker's credentials";
  const reply = await call({
    doing,
    send: (client, sdk, options) => client.send(new sdk.GetAuthorizationTokenCommand({}), options),
  });
  const token = Buffer.from(reply.authorizationData?.[0]?.authorizationToken ?? "", "base64").toString();
  const colon = token.indexOf(":");
  if (colon > 0) return { username: token.slice(0, colon), password: new Secret(token.slice(colon + 1)), host };
  throw new ThreadsError("refused", {
    code: "AWS_FAILURE",
    message: `the reply was empty while ${doing}`,
    next: ["aws ecr get-login-password"],
  });
}
