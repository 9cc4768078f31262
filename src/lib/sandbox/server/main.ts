import { join } from "node:path";
import { composeServer } from "./compose-server.ts";
import { createEcsOnHosts } from "./ecs/on-hosts.ts";
import type { AccessControl } from "./iam/access-control.ts";
import { createLogs } from "./logs/logs.ts";
import type { JsonService } from "./protocol.ts";
import type { RateLimits } from "./rate-limits.ts";
import { createSecretsManager } from "./secrets/secrets-manager.ts";
import { closeServer } from "./server.ts";
import type { Settings } from "./settings.ts";
import { createSsm } from "./ssm/ssm.ts";
import { connectUpstream } from "./upstream.ts";

/** How long requests under way may still take after TERM, in milliseconds; Docker kills after ten seconds. */
const grace = 5_000;

async function main(): Promise<void> {
  const stateDir = variable("STATE_DIR");
  const sandboxId = variable("SANDBOX_ID");
  const account = variable("SANDBOX_ACCOUNT", "000000000000");
  const region = variable("AWS_REGION", "eu-west-1");
  const others = async (
    limits: RateLimits,
    access: AccessControl,
    settings: Settings,
  ): Promise<readonly JsonService[]> => {
    const { service: logs, store } = await createLogs(join(stateDir, "logs"), Date.now);
    const dockerSocket = variable("DOCKER_SOCKET", "/var/run/docker.sock");
    const ssm = await createSsm({ stateDir, sandboxId, dockerSocket, limits, logs: { store, access } });
    const secretsManager = await createSecretsManager({ stateDir, now: Date.now });
    const secrets = { ssm, secretsManager, access, account, region };
    const { TARGET_GROUPS: targetGroups, LISTENER_RULES: listenerRules, BALANCER: balancer } = process.env;
    const balanced = { targetGroups, listenerRules, balancer };
    const where = { stateDir, sandboxId, dockerSocket };
    const ecs = await createEcsOnHosts({ ...where, settings, secrets, logs: store, ...balanced });
    return [ssm, secretsManager, logs, ecs];
  };
  const upstream = connectUpstream(variable("REGISTRY_URL"));
  const { server } = await composeServer({
    upstream,
    stateDir,
    endpoint: variable("SANDBOX_ENDPOINT"),
    account,
    region,
    accessKeyId: variable("SANDBOX_ACCESS_KEY_ID"),
    secretAccessKey: variable("SANDBOX_SECRET_ACCESS_KEY"),
    sandboxId,
    now: Date.now,
    sink: (line) => console.log(line),
    others,
  });
  server.listen(Number(variable("PORT")), "0.0.0.0", () => console.error(`listening on port ${variable("PORT")}`));
  const end = async (): Promise<void> => {
    await closeServer(server, grace);
    upstream.close();
    // SSM may have commands under way on hosts; they belong to the hosts and are found again at the next start.
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void end());
}

function variable(name: string, fallback?: string): string {
  const value = process.env[name] ?? fallback;
  if (value === undefined || value === "") throw new Error(`${name} is not set`);
  return value;
}

await main();
