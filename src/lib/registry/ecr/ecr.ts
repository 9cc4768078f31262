import type { AwsClients } from "../../aws/clients.ts";
import type { Clock } from "../../clock/clock.ts";
import type { RegistryLogin } from "../../docker/session.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { Secret } from "../../secret/secret.ts";
import { type EcrConnection, ecrCalls } from "./call.ts";
import { imageReader } from "./read.ts";
import { blobUploader, lackingBlobs } from "./upload.ts";
import { putTag, storeManifest } from "./write.ts";
import { pace } from "./requests-per-second.ts";
import type { Registry, StoredManifest } from "../registry.ts";

/** PutImage calls a second and region that an account has by default (ECR service quotas). */
const putsPerSecond = 10;

/** Amazon ECR as a Registry. Nothing is asked before the first call. */
export function connectRegistry(ports: {
  readonly repo: EcrRepo;
  readonly aws: Pick<AwsClients, "ecr">;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}): Registry {
  const { repo, clock, signal } = ports;
  const ecr: EcrConnection = { call: ecrCalls({ ...ports, explanation: repo.explanation }), registryId: repo.account };
  const turn = pace({ clock, perSecond: putsPerSecond, signal });
  const ask = imageReader(ecr);
  const known = new Map<string, StoredManifest>();
  const find: Registry["find"] = async (repository, reference) => {
    const image = await ask(repository, reference);
    if (image !== undefined) known.set(`${repository}@${image.digest}`, image);
    return image;
  };
  const writing = { ...ecr, find, clock, signal, turn };
  return {
    host: repo.host,
    find,
    findMany: async (repository, references) => {
      // Asked in one turn, so they travel in one call.
      const found = await Promise.all(references.map((one) => find(repository, one)));
      const pairs = references.map((one, index) => [one, found[index]] as const);
      return new Map(pairs.flatMap(([one, image]) => (image === undefined ? [] : [[one, image] as const])));
    },
    read: async (repository, digest) => known.get(`${repository}@${digest}`) ?? find(repository, digest),
    tag: (repository, manifest, tag, { absent } = { absent: false }) =>
      putTag(writing, { repository, manifest, tag, absent }),
    store: (repository, manifest) => storeManifest(writing, { repository, manifest }),
    lacking: (repository, blobs) => lackingBlobs(ecr, repository, blobs),
    upload: blobUploader(ecr, { clock, signal }),
    // A promotion seldom comes to it.
    download: async (...blob) => (await import("./download.ts")).download(ecr, blob, { clock, signal }),
    login: () => login(ecr, repo.host),
  };
}

async function login(ecr: EcrConnection, host: string): Promise<RegistryLogin> {
  const doing = "asking ECR for docker's credentials";
  const reply = await ecr.call({
    doing,
    send: (client, sdk, options) => client.send(new sdk.GetAuthorizationTokenCommand({}), options),
  });
  const token = Buffer.from(reply.authorizationData?.[0]?.authorizationToken ?? "", "base64").toString();
  const colon = token.indexOf(":");
  if (colon > 0)
    return {
      username: token.slice(0, colon),
      password: new Secret(token.slice(colon + 1)),
      host,
      renew: () => login(ecr, host),
    };
  throw new ThreadsError("AWS_FAILURE", {
    message: `the reply was empty while ${doing}`,
    next: ["aws ecr get-login-password"],
  });
}
