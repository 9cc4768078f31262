import { deploy } from "../../src/lib/actions/deploy/run.ts";
import { commandWorld, deployPorts } from "../lib/faults/command-world.ts";
import { batches } from "../../src/lib/remote/batches.ts";
import { ssmRemote } from "../../src/lib/remote/ssm.ts";
import { deployScript } from "../../src/lib/script/host-scripts.ts";
import { lognormal } from "../fakes/durations.ts";
import { clients, startProcess } from "../lib/faults/world.ts";
import { median } from "./measure.ts";
import { fasterTime, simulatedFleet } from "./simulated-fleet.ts";

/** What is lost between a host's end and what we know of it; times in milliseconds. */
export interface Waiting {
  /** Calls that read, for one script to 1,000 hosts. */
  readonly reads: number;
  /** How long the slowest of them takes. */
  readonly lastsMs: number;
  /** From a host's end until it is counted, and from that of the last until all are known with what they said. */
  readonly medianMs: number;
  readonly lastMs: number;
  /** A whole deploy, without the steps of its hosts, over these. */
  readonly overhead: number;
}

/** How much faster than real time hosts and pauses go by: what the machine itself needs counts so many times. */
const times = 3;
const longestMs = 180_000;

export async function waitForMany(): Promise<Waiting> {
  return { ...(await waitForThousand()), overhead: await overheadOfDeploy() };
}

async function waitForThousand(): Promise<Omit<Waiting, "overhead">> {
  const time = fasterTime(times);
  await using fleet = await simulatedFleet({ hosts: 1_000, pace: time, releases: 0, limited: false });
  const lasting = lognormal(60_000, 0.35);
  fleet.lasts = () => Math.min(longestMs, lasting());
  const { aws, end } = clients(fleet.world.sandbox.url);
  const remote = ssmRemote({ aws, clock: time });
  const { last } = await fleet.world.sandbox.log();
  const began = time.now();
  const sent = await Promise.all(
    batches(fleet.hosts.map(({ id }) => id)).map((hosts) =>
      remote.send({ script: anOrder, environment: "prod", hosts, label: "bench", executionMs: 600_000 }),
    ),
  );
  const counts = sent.map(() => [] as { at: number; ended: number }[]);
  await Promise.all(
    sent.map(async (command, n) => {
      await remote.wait(command, { onCount: (ended) => void counts[n]?.push({ at: time.now(), ended }) });
      counts[n]?.push({ at: time.now(), ended: command.hosts.length });
    }),
  );
  const over = time.now();
  const late = sent.flatMap(({ hosts }, n) => {
    const ends = hosts.map((host) => fleet.endedAt.get(host) ?? 0).toSorted((one, other) => one - other);
    return ends.map((at, rank) => (counts[n]?.find(({ ended }) => ended > rank)?.at ?? over) - at);
  });
  const lastEnd = Math.max(...fleet.endedAt.values());
  const { entries } = await fleet.world.sandbox.log(last);
  end();
  const reads = entries.filter(({ operation = "Send" }) => !operation.startsWith("Send")).length;
  return { reads, lastsMs: lastEnd - began, medianMs: median(late), lastMs: over - lastEnd };
}

/** A script that hosts take for an order; of which release does not matter to whoever waits. */
const anOrder = deployScript({
  app: "threads",
  number: 1,
  nonce: "n",
  absent: [],
  drainMs: 0,
  envFile: ".env",
  port: 8080,
  healthPath: "/",
  healthTimeoutMs: 60_000,
  deadlineMs: 600_000,
  bundle: `r/threads/bundle@sha256:${"0".repeat(64)}`,
  revision: "0".repeat(40),
  images: {},
  variables: {},
  sentAt: 0,
  migrate: undefined,
});

async function overheadOfDeploy(): Promise<number> {
  const [hosts, stepMs] = [3, 45_000];
  const time = fasterTime(times);
  await using fleet = await simulatedFleet({ hosts, pace: time, releases: 2, limited: false });
  const [first, second] = fleet.releases;
  if (first === undefined || second === undefined) throw new Error("two releases are needed");
  const run = async (revision: string): Promise<number> => {
    const one = await startProcess(fleet.world, first);
    const world = commandWorld({ config: fleet.world.config, aws: one.aws, clock: time });
    const began = time.now();
    const options = { environment: "prod", release: revision, dryRun: false, force: false, supersede: undefined };
    await deploy(options, await deployPorts(one, world));
    one.end();
    return time.now() - began;
  };
  await run(first.revision);
  fleet.lasts = () => stepMs;
  return (await run(second.revision)) / (hosts * stepMs) - 1;
}
