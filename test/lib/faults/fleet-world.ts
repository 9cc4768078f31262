import { DeleteParametersCommand, GetParametersByPathCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { commandWorld, deployPorts } from "./command-world.ts";
import { deploy } from "../../../src/lib/actions/deploy/run.ts";
import { doctor } from "../../../src/lib/actions/doctor/run.ts";
import { gates } from "../../../src/lib/actions/gates/run.ts";
import { history } from "../../../src/lib/actions/history/run.ts";
import { rollback } from "../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../src/lib/actions/status/run.ts";
import { openContact } from "../../../src/lib/aws/contact.ts";
import { pages } from "../../../src/lib/aws/patient-calls.ts";
import type { Config } from "../../../src/lib/config/config.ts";
import type { Head } from "../../../src/lib/source/source.ts";
import { openDoctor } from "../../../src/lib/wire/doctor.ts";
import { openHistory } from "../../../src/lib/wire/history.ts";
import { openRollback } from "../../../src/lib/wire/rollback.ts";
import { openStatus } from "../../../src/lib/wire/status.ts";
import { hurriedClock, withoutPulse } from "../../fakes/hurried-clock.ts";
import { simulatedExecutor } from "../../fakes/simulated-executor.ts";
import { SimulatedHost } from "../../fakes/simulated-host.ts";
import { promoting, published } from "./jobs.ts";
import { promotePorts } from "./promote-ports.ts";
import { clients, type FaultWorld, faultWorld, type Process, startProcess } from "./world.ts";

/** Prod on two hosts, with two releases that were deployed one after the other. */
export interface FleetWorld extends AsyncDisposable {
  readonly faults: FaultWorld;
  /** As it was after those two deployments, whatever was done since. */
  restore(): Promise<void>;
  /** Runs a command in a process of its own. @returns what it says, without times */
  run(command: Command): Promise<unknown>;
  /** What the hosts serve, and what the ledger has on record of their deployments, in a word each. */
  state(): Promise<unknown>;
}

/** Those first that send nothing to hosts: a lost command is looked for among all that were sent before. */
export const commands = ["history", "gates", "doctor", "status", "deploy", "rollback"] as const;
export type Command = (typeof commands)[number];

const folder = "/threads/prod/deployments";

export async function fleetWorld(): Promise<FleetWorld> {
  let hosts = fresh([]);
  const faults = await faultWorld({ services: 4, hosts: simulatedExecutor(() => hosts) });
  const heads = [faults.commit(), faults.commit()] as const;
  faults.gate.open();
  // Of the SDK one try, so that each trouble is ours; and its clients, which cost most, are made once.
  const process = await startProcess(faults, heads[0], 1);
  for (const head of heads) {
    await published(faults, head);
    await promoting(faults).run(process, head);
    await runCommand("deploy", process, head);
  }
  const served = hosts;
  const { aws, end } = clients(faults.sandbox.url);
  const truth = await aws.ssm();
  const kept = new Set((await recorded(truth)).keys());
  return {
    faults,
    restore: async () => {
      hosts = fresh(served);
      const names = [...(await recorded(truth)).keys()].filter((name) => !kept.has(name));
      // A lease that was not given up is alive for a while.
      await truth.send(new DeleteParametersCommand({ Names: [...names, "/threads/prod/lock"] }));
    },
    // Forward to the older of the two, so that there is something to do.
    run: (command) => runCommand(command, process, heads[0]),
    state: async () => ({
      hosts: hosts.map(({ current, containers, seen }) => ({ revision: current?.revision, containers, seen })),
      records: [...(await recorded(truth))].map(([name, { result, hosts: states }]) => ({ name, result, states })),
    }),
    [Symbol.asyncDispose]: async () => {
      process.end();
      end();
      await faults[Symbol.asyncDispose]();
    },
  };
}

/** Two hosts that serve what others serve, and remember nothing else. */
function fresh(like: readonly SimulatedHost[]): readonly SimulatedHost[] {
  return ["i-00000000000000001", "i-00000000000000002"].map((id, index) => {
    const host = new SimulatedHost(id, "prod");
    const { current, containers = [] } = like[index] ?? {};
    return Object.assign(host, { current, containers: containers.map((one) => ({ ...one })) });
  });
}

type Recorded = ReadonlyMap<string, { readonly result?: unknown; readonly hosts?: unknown }>;

async function recorded(client: SSMClient): Promise<Recorded> {
  const found = new Map<string, { readonly result?: unknown; readonly hosts?: unknown }>();
  const input = { Path: folder, Recursive: true };
  for await (const { Parameters = [] } of pages((NextToken) =>
    client.send(new GetParametersByPathCommand({ ...input, NextToken })),
  ))
    for (const { Name = "", Value = "" } of Parameters) found.set(Name, JSON.parse(Value) as object);
  return found;
}

async function runCommand(command: Command, process: Process, head: Head): Promise<unknown> {
  // It has called nobody yet: only its clients are those of other runs.
  const aws = { ...process.aws, contact: openContact() };
  return withoutTimes(await perform(command, { ...process, aws }, head));
}

async function perform(command: Command, process: Process, head: Head): Promise<unknown> {
  const { ports, aws } = process;
  const clock = hurriedClock(Date.now());
  const config: Config = ports.config;
  const world = commandWorld({ config, aws, clock });
  const { revision } = head;
  const environment = "prod";
  const runs: Readonly<Record<Command, () => Promise<unknown>>> = {
    history: async () => history({ environment, limit: 5, before: undefined }, await openHistory(world)),
    gates: async () =>
      gates({ release: revision, environment }, await promotePorts({ ...process, ports: { ...ports, clock } })),
    doctor: () => doctor({ environment: undefined }, openDoctor(world)),
    status: async () => status({ environment }, await openStatus(world)),
    deploy: async () => {
      const options = { environment, release: revision, dryRun: false, force: false, supersede: undefined };
      return deploy(options, { ...(await deployPorts(process, world)), pulse: withoutPulse });
    },
    rollback: async () =>
      rollback(
        { environment, dryRun: false, supersede: undefined },
        { ...(await openRollback(world)), pulse: withoutPulse },
      ),
  };
  return runs[command]();
}

/** Times differ from run to run, and so do the words in which doctor tells them. */
function withoutTimes(result: unknown): unknown {
  const times = new Set(["observedAt", "tookMs", "startedAt", "finishedAt", "recordedAt", "says", "by"]);
  return JSON.parse(JSON.stringify(result, (key, value: unknown) => (times.has(key) ? undefined : value)));
}
