import { join } from "node:path";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Secret } from "../secret/secret.ts";
import { currentContext, exportContext, importContext, logIn, useContext } from "./commands.ts";
import { inPrivateFolder } from "./private-folder.ts";
import { push, type Push } from "./push.ts";
import { loginFailure } from "./push-failure.ts";
import { dockerRun, type RunPorts } from "./run.ts";

/** Credentials for `docker login`. */
export interface RegistryLogin {
  readonly username: string;
  readonly password: Secret;
  readonly host: string;
  /** New credentials, for when these have expired. */
  readonly renew?: () => Promise<RegistryLogin>;
}

export interface DockerSession {
  readonly push: Push;
  /** The private configuration (DOCKER_CONFIG): others may pull with it while the session lasts. */
  readonly folder: string;
}

/** Signs in for as long as the session is used. @throws ThreadsError LOGIN_FAILED, REGISTRY_UNREACHABLE */
export function signedIn<T>(
  login: RegistryLogin,
  ports: RunPorts,
  use: (session: DockerSession) => Promise<T>,
): Promise<T> {
  // With the user's own configuration the token would stay on disk, and a credential helper there would refuse it.
  return inPrivateFolder(async (folder) => {
    const env = { DOCKER_CONFIG: folder };
    await keepContext(folder, ports);
    const signIn = dockerRun(ports, loginFailure);
    const enter = async ({ username, host, password }: RegistryLogin): Promise<unknown> =>
      signIn(logIn(username, host), { env, input: password.reveal() });
    await enter(login);
    let renewed: Promise<unknown> | undefined;
    // Four pushes meet the end of the token at the same time: one new login is for all of them.
    const renew = (): Promise<unknown> => (renewed ??= (login.renew?.() ?? Promise.resolve(login)).then(enter));
    return use({ push: (image) => pushRenewing({ push: () => push({ ...image, env }, ports), renew }), folder });
  });
}

/** A second refusal after a new login is told: the credentials themselves do not suffice. What was uploaded is not uploaded again. */
async function pushRenewing(how: { push(): Promise<string>; renew(): Promise<unknown> }): Promise<string> {
  try {
    return await how.push();
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.code !== "LOGIN_EXPIRED") throw error;
    await how.renew();
    return how.push();
  }
}

/** Contexts (a remote, rootless or desktop daemon, with its TLS keys) lie in the configuration: a private one would lose the daemon. */
async function keepContext(folder: string, ports: RunPorts): Promise<void> {
  const docker = dockerRun(ports);
  const name = (await docker(currentContext())).stdout.trim();
  // "default" is the local socket or DOCKER_HOST: neither depends on the configuration.
  if (name === "default") return;
  const file = join(folder, "context.tar");
  await docker(exportContext(name, file));
  const env = { DOCKER_CONFIG: folder };
  await docker(importContext(name, file), { env });
  await docker(useContext(name), { env });
}
