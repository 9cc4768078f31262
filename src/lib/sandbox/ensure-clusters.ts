import type { Config } from "../config/config.ts";
import { logGroupsOf } from "./clusters.ts";
import { ownClient } from "./own-clients.ts";
import type { SandboxState } from "./state.ts";

/** Makes each cluster that threads.yml names, and the log groups of what runs in them. What is there already is left alone. */
export async function ensureClusters(
  state: SandboxState,
  config: Pick<Config, "app" | "environments">,
  signal: AbortSignal,
): Promise<void> {
  if (state.machines.length === 0) return;
  await Promise.all([
    createClusters(
      state.machines.map(({ cluster }) => cluster),
      state,
      signal,
    ),
    createLogGroups(logGroupsOf(config), state, signal),
  ]);
}

async function createClusters(names: readonly string[], state: SandboxState, signal: AbortSignal): Promise<void> {
  const { CreateClusterCommand, ECSClient } = await import("../aws/ecs-sdk.ts");
  const client = new ECSClient(ownClient(state));
  try {
    // One that is there is answered as it is (API reference, CreateCluster).
    const made = names.map((clusterName) =>
      client.send(new CreateClusterCommand({ clusterName }), { abortSignal: signal }),
    );
    await Promise.all(made);
  } finally {
    client.destroy();
  }
}

async function createLogGroups(names: readonly string[], state: SandboxState, signal: AbortSignal): Promise<void> {
  const sdk = await import("../aws/logs-sdk.ts");
  const client = new sdk.CloudWatchLogsClient(ownClient(state));
  try {
    const made = names.map(async (logGroupName) => {
      const command = new sdk.CreateLogGroupCommand({ logGroupName });
      await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
        if (!(error instanceof sdk.ResourceAlreadyExistsException)) throw error;
      });
    });
    await Promise.all(made);
  } finally {
    client.destroy();
  }
}
