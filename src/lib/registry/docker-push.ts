import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ThreadsError } from "../errors/threads-error.ts";
import { type Digest, isDigest } from "../image/digest.ts";
import { parseReference, printReference, type TaggedReference } from "../image/reference.ts";
import { CommandFailed, type Finished, type Processes, type RunOptions } from "../process/processes.ts";
import {
  currentContext,
  exportContext,
  exportedIndex,
  importContext,
  inspectImages,
  logIn,
  pushImage,
  tagImage,
  useContext,
} from "./docker-words.ts";
import { nothingSaid, pushProgress, readPushLine } from "./push-output.ts";
import type { RegistryLogin } from "./registry.ts";

/** The images of the local docker daemon, and the way from there into a registry. */
export interface DockerImages {
  /** Those of the names that exist; a name that does not is simply missing from the map. @throws ThreadsError NO_DOCKER */
  inspect(names: readonly string[]): Promise<ReadonlyMap<string, LocalImage>>;
  /** Whether docker holds an index under the name (platforms, attestations) and not one image. Only its containerd store can. */
  isIndex(name: string, image: LocalImage): Promise<boolean>;
  /** Signs in under a private, temporary docker configuration, and signs out whatever happens. */
  signedIn<T>(login: RegistryLogin, use: (session: DockerSession) => Promise<T>): Promise<T>;
}

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
  const run: Run = (command, options) =>
    ports.processes
      .run(command, { ...options, ...(ports.signal === undefined ? {} : { signal: ports.signal }) })
      .catch(inWords);
  return {
    inspect: (names) => inspect(run, names),
    isIndex: (name, image) => isIndex(run, name, image),
    signedIn: (login, use) => signedIn(run, login, use),
  };
}

type Run = (command: Parameters<Processes["run"]>[0], options?: RunOptions) => Promise<Finished>;

interface Inspected {
  readonly Id: string;
  readonly Architecture: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  readonly Descriptor?: { readonly mediaType?: string };
  readonly Config: { readonly Labels?: Readonly<Record<string, string>> | null } | null;
}

async function inspect(run: Run, names: readonly string[]): Promise<ReadonlyMap<string, LocalImage>> {
  const { stdout, stderr } = await run(inspectImages(names), { allowFailure: true });
  const failure = stderr.split("\n").find((line) => line !== "" && !/No such image/i.test(line));
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

const indexes = /image\.index|manifest\.list/;

async function isIndex(run: Run, name: string, { id, repoDigests, mediaType }: LocalImage): Promise<boolean> {
  // Only the containerd store names an image by its manifest, and knows that digest before any push.
  if (!repoDigests.some((one) => one.endsWith(`@${id}`))) return false;
  if (mediaType !== undefined) return indexes.test(mediaType);
  const { stdout } = await run(exportedIndex(name));
  const { manifests = [] } = JSON.parse(stdout) as { manifests?: { digest: string; mediaType: string }[] };
  return manifests.some((one) => one.digest === id && indexes.test(one.mediaType));
}

async function signedIn<T>(run: Run, login: RegistryLogin, use: (session: DockerSession) => Promise<T>): Promise<T> {
  // With the user's own configuration the token would stay on disk, and a credential helper there would refuse it.
  const folder = await mkdtemp(join(tmpdir(), "threads-docker-"));
  try {
    const env = { DOCKER_CONFIG: folder };
    await keepContext(run, folder);
    const enter = async ({ username, host, password }: RegistryLogin): Promise<unknown> =>
      run(logIn(username, host), { env, input: password.reveal() });
    await enter(login);
    let renewed: Promise<unknown> | undefined;
    // Four pushes meet the end of the token at the same time: one new login is for all of them.
    const renew = (): Promise<unknown> => (renewed ??= (login.renew?.() ?? Promise.resolve(login)).then(enter));
    return await use({ push: (image) => pushRenewing({ push: () => push(run, env, image), renew }), folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
  throw new ThreadsError("unknown", {
    code: "PUSH_UNSETTLED",
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

function inWords(error: unknown): never {
  if (!(error instanceof CommandFailed)) throw error;
  const said = error.tail.join("\n");
  if (error.exitCode === undefined) throw noDocker(error.message, error);
  if (/Cannot connect to the Docker daemon|error during connect|permission denied.*docker/i.test(said))
    throw noDocker(error.tail.at(-1) ?? said, error);
  throw failedPush(error, said);
}

function noDocker(why: string, cause?: unknown): ThreadsError {
  return new ThreadsError("refused", {
    code: "NO_DOCKER",
    message: `docker does not answer: ${why}`,
    next: ["docker info"],
    ...(cause === undefined ? {} : { cause }),
  });
}

/** ECR's sentence after twelve hours, and docker's where the login has gone from its configuration. */
const loginExpired = /authorization token has expired|no basic auth credentials/i;

function failedPush(error: CommandFailed, said: string): ThreadsError {
  const known = (code: string, outcome: "refused" | "conflict", next: string): ThreadsError =>
    new ThreadsError(outcome, { code, message: error.message, next: [next], details: error.tail, cause: error });
  if (/immutable|tag invalid/i.test(said)) return known("TAG_CONFLICT", "conflict", "threads publish --dry-run");
  if (loginExpired.test(said)) return known("LOGIN_EXPIRED", "refused", "threads publish");
  if (/unauthorized|denied/i.test(said)) return known("PUSH_DENIED", "refused", "aws sts get-caller-identity");
  if (/name unknown|repository .* (?:not found|does not exist)/i.test(said))
    return known("REPOSITORY_NOT_FOUND", "refused", "aws ecr describe-repositories");
  return known("PUSH_FAILED", "refused", "threads publish");
}
