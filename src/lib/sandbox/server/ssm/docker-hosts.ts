import type { ContainerSummary, DockerEngine } from "./docker-engine.ts";
import type { HostExecutor, ManagedHost } from "./hosts.ts";

/**
 * The sandbox's hosts: containers labelled `threads.sandbox=<sandboxId>` and `threads.host=<i-…>`, with `threads.tag.<key>=<value>`
 * and `threads.registered-at`. They are asked for at each call, so a host that is stopped, frozen or removed shows at once.
 */
export function dockerHosts(engine: DockerEngine, sandboxId: string): HostExecutor {
  const names = new Map<string, string>();
  const addresses = new Map<string, string>();

  const describe = async (container: ContainerSummary): Promise<ManagedHost | undefined> => {
    const id = container.Id;
    const name = names.get(id) ?? (await hostName(engine, id));
    if (name === undefined) return undefined;
    names.set(id, name);
    // A stopped container has no address; an instance keeps its private one.
    const address = addressOf(container) || (addresses.get(id) ?? "");
    addresses.set(id, address);
    const instanceId = container.Labels["threads.host"] ?? "";
    const registered = Date.parse(container.Labels["threads.registered-at"] ?? "");
    return {
      instanceId,
      reference: id,
      // An agent that is cut off from the network cannot be reached either, though its processes go on.
      running: container.State === "running" && Object.keys(container.NetworkSettings?.Networks ?? {}).length > 0,
      computerName: name,
      ipAddress: address,
      registeredAt: Number.isNaN(registered) ? container.Created : registered / 1000,
      tags: tagsOf(container.Labels),
      agentDirectory: `/var/lib/amazon/ssm/${instanceId}`,
    };
  };

  return {
    async hosts() {
      const containers = await engine.list([`threads.sandbox=${sandboxId}`, "threads.host"]);
      const hosts = await Promise.all(containers.map((container) => describe(container)));
      const present = hosts.filter((host) => host !== undefined);
      return present.toSorted((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
    },
    async run(host, shell) {
      const argv = ["/bin/sh", "-c", shell.program, "ssm-agent", ...shell.words];
      const end = await engine.exec(host.reference, argv);
      if (end.exitCode === null) throw new Error(`${host.instanceId} went away while a command ran on it`);
      return { exitCode: end.exitCode, stdout: end.stdout, stderr: end.stderr };
    },
    restart: (host) => engine.restart(host.reference, 10),
  };
}

/** Undefined when the container was removed since it was listed. */
async function hostName(engine: DockerEngine, id: string): Promise<string | undefined> {
  try {
    return (await engine.inspect(id)).Config.Hostname;
  } catch (error) {
    if (String(error).includes("HTTP 404")) return undefined;
    throw error;
  }
}

function addressOf(container: ContainerSummary): string {
  const networks = Object.values(container.NetworkSettings?.Networks ?? {});
  return networks.find((network) => network.IPAddress)?.IPAddress ?? "";
}

function tagsOf(labels: Readonly<Record<string, string>>): Record<string, string> {
  const prefix = "threads.tag.";
  const tags = Object.entries(labels).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(tags.map(([key, value]) => [key.slice(prefix.length), value]));
}
