import { type PortOwner, portOwner } from "../docker/port-owner.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { arrange, countsOf } from "./arrange.ts";
import { environmentsOnEcs, machinesOf } from "./clusters.ts";
import { listNames } from "./commands.ts";
import { containersOf, lines } from "./engine.ts";
import { freePort, isFree } from "./free-port.ts";
import { firstPort, type HostCount, hostsOf, objectName, sandboxId } from "./layout.ts";
import type { Listed } from "./plan.ts";
import { arrangeTargetGroups } from "./target-groups.ts";
import type { SandboxPorts } from "./sandbox.ts";
import { newState, readState, type SandboxState } from "./state.ts";
import { are, count } from "../text/words.ts";

const defaultAccount = "000000000000";
const defaultRegion = "eu-west-1";

interface PrepareOptions {
  readonly hosts: readonly HostCount[] | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The state that `up` works towards, with every port settled, and the containers that there are.
 * @throws ThreadsError refused, where the endpoint's port is taken or data without a state is in the way
 */
export async function prepareState(
  options: PrepareOptions,
  ports: SandboxPorts,
): Promise<{ state: SandboxState; listed: Listed[] }> {
  const { config, processes, clock, progress } = ports;
  const id = sandboxId(config.root);
  const listed = await containersOf(id, processes);
  const old = readState(config.root);
  if (old === undefined) await refuseOrphans(id, ports);
  const base = old === undefined ? await firstState(options.env, ports) : { ...old, ...fixedBy(config) };
  const running = new Set(
    listed.filter(({ state }) => state === "running" || state === "paused").map(({ name }) => name),
  );
  if (old !== undefined && !running.has(objectName(id, "aws")) && !(await isFree(old.port)))
    throw portTaken(old.port, await portOwner(old.port, ports));
  const asked = hostsOf(config);
  const { state, moved } = await arrange(base, {
    counts: options.hosts ?? countsOf(base, asked),
    environments: [...asked.map(({ env }) => env), ...environmentsOnEcs(config).map(({ name }) => name)],
    freePort,
    usable: async (host) => running.has(objectName(id, host.name)) || isFree(host.httpPort),
    now: new Date(clock.now()).toISOString(),
  });
  for (const { name, from, to } of moved) {
    const { says } = (await portOwner(from, ports)) ?? { says: "another program" };
    progress.warn(`Port ${from} of ${name} is taken by ${says}: ${name} is at http://127.0.0.1:${to} now`);
  }
  const usable = async (port: number): Promise<boolean> =>
    running.has(objectName(id, "balancer")) || (await isFree(port));
  const targetGroups = await arrangeTargetGroups(state, { config, usable, freePort });
  return { state: { ...state, machines: machinesOf(config, id), targetGroups }, listed };
}

async function firstState(env: PrepareOptions["env"], { config }: SandboxPorts): Promise<SandboxState> {
  const port = await freePort(firstPort(sandboxId(config.root)), new Set());
  const region = env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? defaultRegion;
  return { ...newState({ root: config.root, region, account: defaultAccount, port }), ...fixedBy(config) };
}

/** A configuration that names them would refuse to work in any other account or region. */
function fixedBy({ region, account }: SandboxPorts["config"]): Partial<Pick<SandboxState, "region" | "account">> {
  return { ...(region === undefined ? {} : { region }), ...(account === undefined ? {} : { account }) };
}

/** Databases keep the passwords of the state that is gone: they would not let a new one in. */
async function refuseOrphans(id: string, { processes }: SandboxPorts): Promise<void> {
  const volumes = await lines(processes, listNames("volume", id));
  if (volumes.length === 0) return;
  throw new ThreadsError("SANDBOX_ORPHANS", {
    message: `${count(volumes.length, "volume")} of an earlier sandbox of this checkout ${are(volumes.length)} left, but its .threads/sandbox is gone`,
    next: ["threads sandbox down --purge", "threads sandbox up"],
  });
}

function portTaken(port: number, owner: PortOwner | undefined): ThreadsError {
  const { says, next } = owner ?? { says: "another program", next: `ss -ltnp 'sport = :${port}'` };
  return new ThreadsError("SANDBOX_PORT_TAKEN", {
    message: `port ${port}, which is part of every image reference of this sandbox, is taken by ${says}`,
    next: [next, "threads sandbox up", "threads sandbox down --purge && threads sandbox up"],
    advice: [
      "end the program that listens there, then bring the sandbox up",
      "--purge makes a new sandbox on another port; images and parameters of this one are lost",
    ],
  });
}
