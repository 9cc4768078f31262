import { publishedNames } from "../config/published-names.ts";
import type { SandboxPorts } from "./sandbox.ts";
import type { SandboxState } from "./state.ts";
import { ownClient } from "./own-clients.ts";

/** One for all that a release of this application has images of, with their prefix: `threads/web`. */
export async function repositoriesFor({
  config,
  elsewhere,
  repositories,
}: Pick<SandboxPorts, "config" | "elsewhere" | "repositories">): Promise<readonly string[]> {
  if (repositories !== undefined) return repositories;
  return [...new Set([...publishedNames(config), ...(await elsewhere())])].map((name) => `${config.app}/${name}`);
}

/**
 * Creates the repositories that are missing, with immutable tags as the real ones have.
 * @param names with their prefix: `threads/web`
 */
export async function ensureRepositories(
  state: SandboxState,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { CreateRepositoryCommand, ECRClient, RepositoryAlreadyExistsException } = await import("../aws/ecr-sdk.ts");
  const client = new ECRClient(ownClient(state));
  try {
    await Promise.all(
      names.map(async (repositoryName) => {
        const command = new CreateRepositoryCommand({ repositoryName, imageTagMutability: "IMMUTABLE" });
        await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
          if (!(error instanceof RepositoryAlreadyExistsException)) throw error;
        });
      }),
    );
  } finally {
    client.destroy();
  }
}
