import { join } from "node:path";
import {
  currentContext,
  exportContext,
  importContext,
  inspectImages,
  logIn,
  pushImage,
  tagImage,
  useContext,
} from "../docker/commands.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { type Digest, isDigest } from "../image/digest.ts";
import { parseReference, printReference, type TaggedReference } from "../image/reference.ts";
import type { Finished, Processes, RunOptions } from "../process/processes.ts";
import { architectures, exporting } from "./docker-export.ts";
import { failedExport, failedLogin, failedPush, inWords, noDocker } from "./docker-failure.ts";
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

export interface LocalImage {
  /** Digest of the config (classic store) or of the manifest (containerd store). */
  readonly id: string;
  readonly architecture: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `host/repository@sha256:…` of every registry that docker knows to have it. */
  readonly repoDigests: readonly string[];
  /** Of what the name stands for, where docker tells (28 and later). */
  readonly mediaType?: string | undefined;
}

/** The real docker, through its command line. */
export function dockerImages(ports: {
  readonly processes: Processes;
  readonly signal?: AbortSignal | undefined;
}): DockerImages {
  const running =
    (failed: Parameters<typeof inWords>[1]): Run =>
    (command, options) =>
      ports.processes
        .run(command, { ...options, ...(ports.signal === undefined ? {} : { signal: ports.signal }) })
        .catch((error: unknown) => inWords(error, failed));
  const run = running(failedPush);
  return {
    inspect: (names) => inspect(run, names),
    architectures: (name, image) => architectures(running(failedExport), name, image),
    exporting: (use) => exporting(running(failedExport), use),
    signedIn: (login, use) => signedIn({ run, enter: running(failedLogin) }, login, use),
  };
}

/** One command line of docker; its failures are in words. */
export type Run = (command: Parameters<Processes["run"]>[0], options?: RunOptions) => Promise<Finished>;

interface Inspected {
  readonly Id: string;
  readonly Architecture: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  readonly Descriptor?: { readonly mediaType?: string };
  readonly Config: { readonly Labels?: Readonly<Record<string, string>> | null } | null;
}

/** What docker says of a name that it does not have, and of what does not stop it. */
const expected = /No such image|^WARNING: /i;

async function inspect(run: Run, names: readonly string[]): Promise<ReadonlyMap<string, LocalImage>> {
  const { exitCode, stdout, stderr } = await run(inspectImages(names), { allowFailure: true });
  // A warning beside an answer (about a configuration file, say) is none of our business.
  const failure = exitCode === 0 ? undefined : stderr.split("\n").find((line) => line !== "" && !expected.test(line));
  if (failure !== undefined) throw noDocker(failure);
  const found = JSON.parse(stdout === "" ? "[]" : stdout) as readonly Inspected[];
  const named = names.flatMap((name): [string, LocalImage][] => {
    const image = found.find(({ RepoTags }) => RepoTags?.includes(name));
    if (image === undefined) return [];
    const { Id: id, Architecture: architecture, Config, RepoDigests, Descriptor } = image;
    const labels = Config?.Labels ?? {};
    const { mediaType } = Descriptor ?? {};
    return [[name, { id, architecture, labels, repoDigests: RepoDigests ?? [], mediaType }]];
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

async function repoDigest(run: Run, to: TaggedReference): Promise<Digest | undefined> {
  const name = printReference(to);
  return digestIn((await inspect(run, [name])).get(name), to);
}

/** The digest under which docker knows an image to be in this repository, if it knows one. */
export function digestIn(
  image: LocalImage | undefined,
  place: { readonly host: string; readonly repository: string },
): Digest | undefined {
  const prefix = `${place.host}/${place.repository}@`;
  const text = image?.repoDigests.find((one) => one.startsWith(prefix) && isDigest(one.slice(prefix.length)));
  if (text === undefined) return undefined;
  const reference = parseReference(text);
  return "digest" in reference ? reference.digest : undefined;
}
