import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SigningConfig } from "../config/config.ts";
import { inPrivateFolder } from "../docker/private-folder.ts";
import type { RegistryLogin } from "../docker/session.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { printReference } from "../image/reference.ts";
import { CommandFailed, type CommandLine, type Finished, type Processes } from "../process/processes.ts";
import { publicKey, sign, type Signer, signHelp, verify, verifyEnvironment } from "./cosign-commands.ts";
import { cosignMissing, isNoSignature, noIdentity, reasonOf, signingFailed } from "./cosign-failure.ts";
import type { Signable, Signatures, Unsigned } from "./signatures.ts";

export interface CosignPorts {
  readonly processes: Processes;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder in which paths of keys begin. */
  readonly root: string;
  /** The registry, as it stands before a repository in a reference. */
  readonly host: string;
  readonly login: () => Promise<RegistryLogin>;
  readonly signal: AbortSignal;
}

/** Cosign as it is installed here: no signature is made or judged by threads itself. */
export function cosignSignatures(ports: CosignPorts): Signatures {
  const runner = cosignRunner(ports);
  const refer = ({ repository, digest }: Signable): string => printReference({ host: ports.host, repository, digest });
  return {
    unsigned: async (things, by) => {
      try {
        await runner({})(signHelp());
      } catch (error) {
        if (!(error instanceof ThreadsError) || error.code !== "COSIGN_MISSING") throw error;
        return { unknown: error.message, advice: error.advice };
      }
      return signedIn(ports, (env) => unsigned(things, by, { run: runner(env), refer }));
    },
    lacking: async (things, how) => {
      const by = await ownSigner(how, { ...ports, run: runner({}) });
      const found = await signedIn(ports, (env) => unsigned(things, by, { run: runner(env), refer }));
      if ("unknown" in found) throw signingFailed(`what is signed already cannot be told: ${found.unknown}`);
      return things.filter(({ digest }) => found.things.some((one) => one.digest === digest));
    },
    sign: async (things, how) => {
      const { stdout } = await runner({})(signHelp());
      const command = sign(things.map(refer), how, { knowsSigningConfig: stdout.includes("--use-signing-config") });
      const ended = await signedIn(ports, (env) => runner(env)(command));
      if (ended.exitCode !== 0) throw signingFailed(reasonOf(ended));
    },
    requireSigner: async ({ key }) => {
      const ended = await runner({})(signHelp());
      if (ended.exitCode !== 0) throw signingFailed(reasonOf(ended));
      if (key === undefined && !vouchers.some((name) => (ports.env[name] ?? "") !== "")) throw noIdentity();
    },
  };
}

/** Whence cosign has a token that says who it is without a person at a browser (its providers). */
const vouchers = ["ACTIONS_ID_TOKEN_REQUEST_URL", "SIGSTORE_ID_TOKEN", "BUILDKITE_AGENT_ACCESS_TOKEN"];

type Env = Readonly<Record<string, string>>;
type Run = (command: CommandLine, more?: Env) => Promise<Finished>;

function cosignRunner({ processes, root, signal }: CosignPorts): (env: Env) => Run {
  return (env) =>
    async (command, more = {}) => {
      try {
        return await processes.run(command, { cwd: root, env: { ...env, ...more }, signal, allowFailure: true });
      } catch (error) {
        if (!(error instanceof CommandFailed) || error.exitCode !== undefined) throw error;
        const { message } = error;
        if (/is not installed/.test(message)) throw cosignMissing();
        // Ended by somebody else, or not to be started: it is here, and has said nothing.
        return { exitCode: -1, stdout: "", stderr: `cosign ${message.slice(message.lastIndexOf(": ") + 2)}` };
      }
    };
}

/** The registry's token lies in a folder of its own for as long as cosign runs: it takes it from docker's configuration. */
async function signedIn<T>({ login, host }: CosignPorts, use: (env: Env) => Promise<T>): Promise<T> {
  const { username, password } = await login();
  return inPrivateFolder(async (folder) => {
    const auth = Buffer.from(`${username}:${password.reveal()}`).toString("base64");
    await writeFile(join(folder, "config.json"), JSON.stringify({ auths: { [host]: { auth } } }), { mode: 0o600 });
    return use({ DOCKER_CONFIG: folder });
  });
}

/** One call where all is signed; where it is not, one for each tells which. */
async function unsigned(
  things: readonly Signable[],
  by: Signer,
  { run, refer }: { readonly run: Run; readonly refer: (thing: Signable) => string },
): Promise<Unsigned> {
  const look = (some: readonly Signable[]): Promise<Finished> =>
    run(verify(some.map(refer), by), verifyEnvironment(by));
  if ((await look(things)).exitCode === 0) return { things: [] };
  const lacking: (Signable & { readonly why: string })[] = [];
  for (const thing of things) {
    const ended = await look([thing]);
    if (ended.exitCode === 0) continue;
    const why = reasonOf(ended);
    if (!isNoSignature(ended)) return { unknown: why, advice: [] };
    lacking.push({ ...thing, why });
  }
  return { things: lacking };
}

/** Whoever signs here, as it is verified: by the key's other half, or as whom the token of this job or person names. */
async function ownSigner(
  { key, log }: SigningConfig,
  { env, signal, run }: Pick<CosignPorts, "env" | "signal"> & { readonly run: Run },
): Promise<Signer> {
  if (key !== undefined) {
    const ended = await run(publicKey(key));
    if (ended.exitCode !== 0) throw signingFailed(reasonOf(ended));
    return { key: ended.stdout, log };
  }
  const { ownIdentity } = await import("./own-identity.ts");
  return ownIdentity(env, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw signingFailed((error as Error).message);
  });
}
