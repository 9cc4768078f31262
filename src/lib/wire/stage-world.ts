import type { StageWanted } from "../actions/rehearse/ports.ts";
import { awsClients } from "../aws/clients.ts";
import { once } from "../aws/once.ts";
import type { Config } from "../config/config.ts";
import type { EcrRepo } from "../image/ecr-repo.ts";
import { environmentOf } from "../sandbox/environment.ts";
import type { SandboxState } from "../sandbox/state.ts";
import type { World } from "./world.ts";

/**
 * The environment as it is, but for what guards the real one: nothing is authorised in a rehearsal, no first host is watched, and
 * a release gets all requests at once, and GitHub hears of none of it. Its hosts have the sandbox's environment file, and take
 * scripts as they come.
 */
export function stageConfig(
  config: Config,
  { environment, hosts }: Pick<StageWanted, "environment" | "hosts">,
): Config {
  const { envFrom: _theirs, weights: _steps, ...guarded } = environment;
  const { envFrom: _from, ...runtime } = config.runtime;
  const { tag, value } = environment.hosts;
  const own = { ...guarded, hosts: { tag, value, minimum: hosts }, observeMs: 0, requiresPromotion: false };
  // A sandbox has an account of its own.
  const untold = { account: undefined, github: { deployments: false } };
  return { ...config, ...untold, runtime, environments: { [environment.name]: own } };
}

interface Inside {
  /** See stageConfig. */
  readonly config: Config;
  /** Where the releases are in the real registry: they lie in the same repositories here. */
  readonly repo: Pick<EcrRepo, "inRegistry">;
  readonly state: SandboxState;
}

/** The world of a command whose AWS is that of a sandbox, whatever the environment means. */
export function stageWorld({ config, repo, state }: Inside, world: World): World {
  const { variables, unset } = environmentOf(state, config.app);
  const { port, region, accessKeyId, secretAccessKey } = state;
  const repository = repo.inRegistry(`127.0.0.1:${port}`);
  const elsewhere = { endpoint: `http://127.0.0.1:${port}`, credentials: { accessKeyId, secretAccessKey } };
  const others = Object.entries(world.env).filter(([name]) => !unset.includes(name));
  const own: Config = { ...config, region, registry: { ...config.registry, repository } };
  return {
    ...world,
    config: () => Promise.resolve(own),
    aws: once(() => Promise.resolve(awsClients({ region, elsewhere, note: (text) => world.progress.note(text) }))),
    env: { ...Object.fromEntries(others), ...variables, ECR_REPO: repository },
  };
}
