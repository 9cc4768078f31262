import { join } from "node:path";
import {
  currentContext,
  exportContext,
  importContext,
  logIn,
  pushImage,
  tagImage,
  useContext,
} from "../docker/commands.ts";
import { digestIn, type LocalImage } from "../docker/image.ts";
import { localImages } from "../docker/inspect.ts";
import { dockerRun, type Run, type RunPorts } from "../docker/run.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { type Digest, parseDigest } from "../image/digest.ts";
import { printReference, type TaggedReference } from "../image/reference.ts";
import type { RunOptions } from "../process/processes.ts";
import { architectures, exporting } from "./docker-export.ts";
import { exportFailure, loginFailure, pushFailure } from "./docker-failure.ts";
import { inDockerFolder } from "./docker-folder.ts";
import { nothingSaid, pushProgress, readPushLine } from "./push-output.ts";
import type { RegistryLogin } from "./registry.ts";

/** The images of the local docker daemon, and the way from there into a registry. */
export interface DockerImages {
  /** Those of the names that exist; a name that does not is simply missing from the map. @throws ThreadsError NO_DOCKER */
  inspect(names: readonly string[]): Promise<ReadonlyMap<string, LocalImage>>;
  /** The architectures of an image; of an index all that it lists, where `inspect` knows this machine's only. */
  architectures(name: string, image: LocalImage): Promise<readonly string[]>;
  /** Exports images into a private folder, which goes away whatever happens. */
  exporting<T>(use: (exported: Exported) => Promise<T>): Promise<T>;
  /** Signs in under a private, temporary docker configuration, and signs out whatever happens. */
  signedIn<T>(login: RegistryLogin, use: (session: DockerSession) => Promise<T>): Promise<T>;
}

/** Images as one OCI layout. @returns the folder. @throws ThreadsError EXPORT_FAILED, DISK_FULL */
export type Exported = (names: readonly string[]) => Promise<string>;

interface DockerSession {
  readonly push: Push;
  /** The private configuration (DOCKER_CONFIG): others may pull with it while the session lasts. */
  readonly folder: string;
}

/** Pushes a local image under a reference. @returns the manifest's digest as docker reports it. */
export type Push = (image: PushedImage) => Promise<Digest>;

interface PushedImage {
  readonly from: string;
  readonly to: TaggedReference;
  /** "3/5 layers", as it goes on. */
  readonly onProgress?: (text: string) => void;
}

/** The real docker, through its command line. */
export function dockerImages(ports: RunPorts): DockerImages {
  const push = dockerRun(ports, pushFailure);
  const save = dockerRun(ports, exportFailure);
  return {
    inspect: async (names) => byName(names, await localImages(names, dockerRun(ports))),
    architectures: (name, image) => architectures(save, name, image),
    exporting: (use) => exporting(save, use),
    signedIn: (login, use) => signedIn({ run: push, enter: dockerRun(ports, loginFailure) }, login, use),
  };
}

function byName(names: readonly string[], images: readonly LocalImage[]): ReadonlyMap<string, LocalImage> {
  const named = names.flatMap((name): [string, LocalImage][] => {
    const image = images.find(({ repoTags }) => repoTags.includes(name));
    return image === undefined ? [] : [[name, image]];
  });
  return new Map(named);
}

function signedIn<T>(
  { run, enter: signIn }: { readonly run: Run; readonly enter: Run },
  login: RegistryLogin,
  use: (session: DockerSession) => Promise<T>,
): Promise<T> {
  // With the user's own configuration the token would stay on disk, and a credential helper there would refuse it.
  return inDockerFolder(async (folder) => {
    const env = { DOCKER_CONFIG: folder };
    await keepContext(run, folder);
    const enter = async ({ username, host, password }: RegistryLogin): Promise<unknown> =>
      signIn(logIn(username, host), { env, input: password.reveal() });
    await enter(login);
    let renewed: Promise<unknown> | undefined;
    // Four pushes meet the end of the token at the same time: one new login is for all of them.
    const renew = (): Promise<unknown> => (renewed ??= (login.renew?.() ?? Promise.resolve(login)).then(enter));
    return use({ push: (image) => pushRenewing({ push: () => push(run, env, image), renew }), folder });
  });
}

/** A second refusal after a new login is told: the credentials themselves do not suffice. What was uploaded is not uploaded again. */
async function pushRenewing(how: { push(): Promise<Digest>; renew(): Promise<unknown> }): Promise<Digest> {
  try {
    return await how.push();
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.code !== "LOGIN_EXPIRED") throw error;
    await how.renew();
    return how.push();
  }
}

/** Contexts (a remote, rootless or desktop daemon, with its TLS keys) lie in the configuration: a private one would lose the daemon. */
async function keepContext(run: Run, folder: string): Promise<void> {
  const name = (await run(currentContext())).stdout.trim();
  // "default" is the local socket or DOCKER_HOST: neither depends on the configuration.
  if (name === "default") return;
  const file = join(folder, "context.tar");
  await run(exportContext(name, file));
  const env = { DOCKER_CONFIG: folder };
  await run(importContext(name, file), { env });
  await run(useContext(name), { env });
}

async function push(run: Run, env: NonNullable<RunOptions["env"]>, image: PushedImage): Promise<Digest> {
  const reference = printReference(image.to);
  await run(tagImage(image.from, reference), { env });
  let said = nothingSaid;
  await run(pushImage(reference), {
    env,
    onLine: (line) => {
      said = readPushLine(said, line);
      if (said.layers.size > 0) image.onProgress?.(pushProgress(said));
    },
  });
  const digest = said.digest ?? (await repoDigest(run, image.to));
  if (digest !== undefined) return digest;
  throw new ThreadsError("PUSH_UNSETTLED", {
    message: `docker pushed ${reference}, but does not say with what digest`,
    next: ["threads publish"],
  });
}

async function repoDigest(run: Run, { host, repository, tag }: TaggedReference): Promise<Digest | undefined> {
  const place = `${host}/${repository}`;
  const [image] = await localImages([`${place}:${tag}`], run);
  const digest = digestIn(image, place);
  return digest === undefined ? undefined : parseDigest(digest);
}
