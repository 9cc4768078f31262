import { deployPorts } from "./command-world.ts";
import { approve } from "../../../src/lib/actions/approve/run.ts";
import { deploy } from "../../../src/lib/actions/deploy/run.ts";
import { converge } from "../../../src/lib/actions/converge/run.ts";
import { doctor } from "../../../src/lib/actions/doctor/run.ts";
import { exec } from "../../../src/lib/actions/exec/run.ts";
import { freeze } from "../../../src/lib/actions/freeze/run.ts";
import { gates } from "../../../src/lib/actions/gates/run.ts";
import { lookAtBoard } from "../../../src/lib/actions/board/look.ts";
import { compact } from "../../../src/lib/actions/history/compact.ts";
import { oneDeployment } from "../../../src/lib/actions/history/one.ts";
import { history } from "../../../src/lib/actions/history/run.ts";
import { timeline } from "../../../src/lib/actions/history/timeline.ts";
import { lock } from "../../../src/lib/actions/lock/run.ts";
import { logs } from "../../../src/lib/actions/logs/run.ts";
import { pushPolicy } from "../../../src/lib/actions/policy/push.ts";
import { showPolicy } from "../../../src/lib/actions/policy/show.ts";
import { promote } from "../../../src/lib/actions/promote/run.ts";
import { publish } from "../../../src/lib/actions/publish/run.ts";
import { rollback } from "../../../src/lib/actions/rollback/run.ts";
import { smokePublishedRelease } from "../../../src/lib/actions/smoke/published.ts";
import { status } from "../../../src/lib/actions/status/run.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { metrics } from "../../../src/lib/actions/metrics/run.ts";
import { stress } from "../../../src/lib/actions/stress/run.ts";
import { verify } from "../../../src/lib/actions/verify/run.ts";
import { requestsOfVerify } from "../../../src/lib/config/checks-for.ts";
import type { Config } from "../../../src/lib/config/config.ts";
import type { Ledger } from "../../../src/lib/ledger/ledger.ts";
import type { Permission } from "../../../src/lib/iam/document.ts";
import type { Job } from "../../../src/lib/iam/role.ts";
import { openBoard } from "../../../src/lib/wire/board.ts";
import { openCompaction } from "../../../src/lib/wire/compaction.ts";
import { openDoctor } from "../../../src/lib/wire/doctor.ts";
import { openExec } from "../../../src/lib/wire/exec.ts";
import { openFreeze } from "../../../src/lib/wire/freeze.ts";
import { openHistory } from "../../../src/lib/wire/history.ts";
import { openLock } from "../../../src/lib/wire/lock.ts";
import { openLogs } from "../../../src/lib/wire/logs.ts";
import { openRollback } from "../../../src/lib/wire/rollback.ts";
import { openPolicy } from "../../../src/lib/wire/policy.ts";
import { openMetrics } from "../../../src/lib/wire/metrics.ts";
import { openStress } from "../../../src/lib/wire/stress.ts";
import { openVerify } from "../../../src/lib/wire/verify.ts";
import { openStatus } from "../../../src/lib/wire/status.ts";
import { withoutPulse } from "../../fakes/hurried-clock.ts";
import { adoptBegun, beginElsewhere } from "./begun-elsewhere.ts";
import { promotePorts, passed } from "./promote-ports.ts";
import { pull } from "./pull.ts";
import { measuring } from "../../fakes/load.ts";
import type { CommandWorld, RoleWorld } from "./role-world.ts";
import { type Process, startProcess } from "./world.ts";

/** A command, as a line of a shell, run by whoever has its role. */
export interface RoleCommand {
  readonly job: Job;
  readonly line: string;
  /** Before it, as an administrator. */
  readonly prepare?: (world: RoleWorld) => Promise<unknown>;
  readonly run: (process: Process, commands: CommandWorld, world: RoleWorld) => Promise<unknown>;
}

const environment = "prod";
const dryRun = false;

export async function deployTo(
  name: string,
  revision: string,
  { ports }: Process,
  world: CommandWorld,
  isPlan = dryRun,
  more: { readonly allowOlder?: boolean } = {},
): Promise<unknown> {
  const options = { environment: name, release: revision, dryRun: isPlan, force: false, supersede: undefined, ...more };
  return deploy(options, { ...(await deployPorts({ ports }, world)), pulse: withoutPulse });
}

export async function promoteToProd(
  revision: string,
  process: Process,
  world: CommandWorld,
  how: { readonly as?: string; readonly repeatSmoke?: boolean } = {},
): Promise<unknown> {
  const { ports } = process;
  const opened = await promotePorts({ ...process, ports: { ...ports, config: await world.config() } });
  const pulled: typeof opened.smoke = async ({ images }) => {
    await pull(process, Object.values(images));
    const { checks } = ports.config;
    return passed(how.repeatSmoke === true ? checks.map((one) => ({ ...one, status: 204 })) : checks);
  };
  return promote({ release: revision, environment, dryRun, ...how }, { ...opened, smoke: pulled });
}

/** The test of a promotion, by itself. */
const smokeOf = async (process: Process, commands: CommandWorld, { heads: [, , { revision }] }: RoleWorld) => {
  const opened = await promotePorts({ ...process, ports: { ...process.ports, config: await commands.config() } });
  const smoke: typeof opened.smoke = async ({ images }) => {
    await pull(process, Object.values(images));
    return passed(process.ports.config.checks);
  };
  return smokePublishedRelease({ release: revision, dryRun, keep: false }, { ...opened, smoke });
};

const gatesOf = async (process: Process, commands: CommandWorld, { heads: [, , { revision }] }: RoleWorld) => {
  const ports = { ...process.ports, config: await commands.config(), clock: commands.clock };
  return gates({ release: revision, environment }, await promotePorts({ ...process, ports }));
};
/** It may ask no host, and says so: the rest is seen. */
const boardOf = async (process: Process, commands: CommandWorld) => {
  const ports = { ...process.ports, config: await commands.config(), clock: commands.clock };
  const judges = await promotePorts({ ...process, ports });
  const opened = await openBoard(commands);
  return lookAtBoard(environment, {
    ...opened,
    gates: (release, name) => gates({ release, environment: name }, judges),
  });
};
const pushOf = async (_: Process, commands: CommandWorld) =>
  pushPolicy({ environment, dryRun, reason: undefined }, await openPolicy(commands));
const showOf = async (_: Process, commands: CommandWorld) => showPolicy({ environment }, await openPolicy(commands));
const withoutGates = <Ports extends { readonly config: Pick<Config, "environments"> }>(ports: Ports): Ports => {
  const { prod } = ports.config.environments;
  if (prod === undefined) throw new Error("there is no prod");
  const bare = { ...prod, requiresPromotion: false };
  return { ...ports, config: { ...ports.config, environments: { ...ports.config.environments, prod: bare } } };
};
/** Prod wants approvals here, of whomever. */
const sayOf =
  (word: "approved" | "rejected", withdraw = false) =>
  async (process: Process, commands: CommandWorld, { heads: [{ revision }] }: RoleWorld) => {
    const config = withApprovals(await commands.config());
    const ports = await promotePorts({ ...process, ports: { ...process.ports, config, clock: commands.clock } });
    const comment = word === "rejected" && !withdraw ? "a test" : undefined;
    return approve({ release: revision, environment, word, comment, withdraw, dryRun }, ports);
  };
const everything: readonly Permission[] = [{ sid: "All", actions: { "*": "a test" }, resources: ["*"] }];

export function withApprovals(config: Config): Config {
  const { prod } = config.environments;
  if (prod === undefined) throw new Error("there is no prod");
  const approvals = { count: 1, notAuthor: true };
  const gates = { ...prod.gates, approvals };
  return { ...config, environments: { ...config.environments, prod: { ...prod, gates } } };
}
const historyOf = async (_: Process, commands: CommandWorld) => {
  const ports = await openHistory(commands);
  await history({ environment, limit: 40, before: undefined }, ports);
  await timeline({ environment, limit: 40 }, ports);
  return oneDeployment({ environment, number: 21 }, ports);
};
const frozen = ({ admin }: RoleWorld) =>
  admin(async (_, commands) =>
    freeze({ environment, dryRun, reason: "a test", lift: false }, await openFreeze(commands)),
  );
const liftOf = async (_: Process, commands: CommandWorld) =>
  freeze({ environment, dryRun, reason: undefined, lift: true }, await openFreeze(commands));
const freezeOf = async (_: Process, commands: CommandWorld) =>
  freeze({ environment, dryRun, reason: "a test", lift: false }, await openFreeze(commands));
/** A release that was promoted gets one more tag by another smoke test, and of both records the reply is lost. */
const promoteAgain = async (process: Process, commands: CommandWorld, { heads, settings }: RoleWorld) => {
  // What the first records are called is taken: of each the second name is written, and then read back.
  const lost = [1, 3].map((skip) => ({ operation: "PutParameter", kind: "drop-reply", skip }));
  await settings({ faults: lost });
  const how = { as: "v1.0.0", repeatSmoke: true };
  return promoteToProd(heads[1].revision, process, commands, how);
};

/** So that each verification has checks of its own. */
const verifyBy = async (place: number, commands: CommandWorld, { hosts }: RoleWorld) => {
  for (const host of hosts()) host.onAsk = () => ({ body: '{"checks":{"migrations":{"state":"all applied"}}}' });
  const opened = await openVerify(commands);
  const config = { ...opened.config, checks: requestsOfVerify(opened.config).slice(place, place + 1) };
  return verify({ environment, dryRun }, { ...opened, config });
};

/** Git is asked nothing of AWS. */
const metricsOf = async (_: Process, commands: CommandWorld) => {
  const source = { commitTimes: () => Promise.resolve([]) };
  return metrics({ environment, since: "30d" }, { ...(await openMetrics(commands)), source });
};

/** What a load measures has nothing to do with rights. So that each run has a record of its own, it is of another rate. */
const stressBy = async (rate: number, commands: CommandWorld, { hosts }: RoleWorld) => {
  const opened = await openStress(commands);
  const total = { requests: rate, errors: 0, p50Ms: 1, p90Ms: 2, p99Ms: 3, maxMs: 4 };
  const runLoad = measuring(total);
  const addresses = { hosts: new Map(hosts().map(({ id }) => [id, "http://127.0.0.1:1"])), urls: {} };
  return stress({ environment, dryRun, rate, durationMs: 1_000, sure: environment }, { ...opened, addresses, runLoad });
};

/** Ctrl-C, while the command runs in its container. */
const execAndStop = async (_: Process, commands: CommandWorld, { hosts }: RoleWorld) => {
  const stop = new AbortController();
  const ports = { ...(await openExec(commands)), signal: stop.signal };
  for (const host of hosts())
    host.onExec = () => {
      stop.abort(new ThreadsError("INTERRUPTED", { message: "interrupted by SIGINT" }));
      return new Promise(() => undefined);
    };
  const options = { environment, host: "i-00000000000000001", words: ["web", "sleep"], timeoutMs: 60_000, dryRun };
  return exec(options, ports).catch((error: unknown) => {
    if (
      error instanceof ThreadsError &&
      error.code === "INTERRUPTED" &&
      !/lacks/.test(error.message + error.details.join())
    )
      return error;
    throw error;
  });
};

/** Every command that a role is for, in a case that uses as much of it as there is. */
export const roleCommands: readonly RoleCommand[] = [
  {
    job: "publisher",
    line: "publish",
    run: async (process, _, { faults, config }) => {
      const own = await startProcess({ ...faults, config }, faults.commit(), 1);
      own.end();
      const { source, docker } = own.ports;
      return publish({ dryRun }, { ...process.ports, source, docker });
    },
  },
  { job: "publisher", line: "publish --adopt", prepare: beginElsewhere, run: adoptBegun },
  {
    job: "promoter",
    line: "promote",
    run: (process, commands, { heads }) => promoteToProd(heads[2].revision, process, commands),
  },
  { job: "promoter", line: "gates", run: gatesOf },
  { job: "promoter", line: "smoke --release", run: smokeOf },
  { job: "promoter", line: "promote --as, lost replies", run: promoteAgain },
  { job: "promoter", line: "freeze", run: freezeOf },
  { job: "promoter", line: "freeze --lift", prepare: frozen, run: liftOf },
  {
    job: "deployer",
    line: "deploy",
    run: (process, commands, { heads }) => deployTo(environment, heads[0].revision, process, commands),
  },
  {
    job: "deployer",
    line: "rollback",
    run: async (_, commands) =>
      rollback(
        { environment, dryRun, supersede: undefined },
        { ...(await openRollback(commands)), pulse: withoutPulse },
      ),
  },
  {
    job: "deployer",
    line: "converge",
    run: async (_, commands) =>
      converge(
        { environment, host: undefined, dryRun, supersede: undefined },
        { ...(await openRollback(commands)), pulse: withoutPulse },
      ),
  },
  { job: "deployer", line: "status", run: async (_, commands) => status({ environment }, await openStatus(commands)) },
  {
    job: "deployer",
    line: "logs",
    run: async (_, commands) => {
      const options = {
        environment,
        services: [],
        hosts: [],
        follow: false,
        since: undefined,
        grep: undefined,
        tail: 5,
        deployment: undefined,
      };
      return logs(options, await openLogs(commands, undefined));
    },
  },
  {
    job: "deployer",
    line: "exec",
    run: async (_, commands, { hosts }) => {
      // More than a list shows of it.
      for (const host of hosts()) host.onExec = () => ({ stdout: "x".repeat(9_000) });
      return exec(
        { environment, host: "i-00000000000000001", words: ["web", "ls"], timeoutMs: 60_000, dryRun },
        await openExec(commands),
      );
    },
  },
  {
    job: "deployer",
    line: "lock",
    prepare: (world) =>
      world.admin(async (process, commands) => {
        const { ledger } = await openLock(commands);
        const draft = {
          kind: "deploy" as const,
          number: 99,
          revision: world.heads[0].revision,
          by: { user: "ada", host: "x" },
        };
        return (ledger as Ledger).takeLease(environment, draft, () => false);
      }),
    run: async (_, commands) => lock({ environment, breaks: 99, force: true, dryRun }, await openLock(commands)),
  },
  { job: "deployer", line: "exec, Ctrl-C", run: execAndStop },
  { job: "deployer", line: "verify", run: (_, commands, world) => verifyBy(0, commands, world) },
  {
    job: "deployer",
    line: "verify, lost replies",
    prepare: (world) => world.admin((_, commands) => verifyBy(0, commands, world)),
    run: async (_, commands, world) => {
      await world.settings({ faults: [{ operation: "PutParameter", kind: "drop-reply", skip: 1 }] });
      return verifyBy(1, commands, world);
    },
  },
  { job: "deployer", line: "stress", run: (_, commands, world) => stressBy(10, commands, world) },
  {
    job: "deployer",
    line: "stress, lost replies",
    prepare: (world) => world.admin((_, commands) => stressBy(10, commands, world)),
    run: async (_, commands, world) => {
      await world.settings({ faults: [{ operation: "PutParameter", kind: "drop-reply", skip: 1 }] });
      return stressBy(20, commands, world);
    },
  },
  {
    job: "deployer",
    line: "deploy, lost replies",
    run: async (process, commands, { heads, settings }) => {
      // The first is the lease's, the second that of the deployment.
      const lost = [
        { operation: "PutParameter", kind: "drop-reply", skip: 1 },
        { operation: "SendCommand", kind: "drop-reply" },
      ];
      await settings({ faults: lost });
      return deployTo(environment, heads[0].revision, process, commands);
    },
  },
  { job: "deployer", line: "freeze", run: freezeOf },
  { job: "deployer", line: "freeze --lift", prepare: frozen, run: liftOf },
  { job: "deployer", line: "history", run: historyOf },
  {
    job: "archivist",
    line: "history --compact",
    run: async (_, commands) => compact({ environment, dryRun }, await openCompaction(commands)),
  },
  { job: "policymaker", line: "policy push", run: pushOf },
  {
    job: "policymaker",
    line: "policy push, again",
    prepare: ({ admin }) => admin(pushOf),
    // As a branch has it that asks for less.
    run: async (_, commands) =>
      pushPolicy({ environment, dryRun, reason: "a test" }, withoutGates(await openPolicy(commands))),
  },
  {
    job: "policymaker",
    line: "policy show",
    prepare: ({ admin }) => admin(pushOf),
    run: showOf,
  },
  { job: "approver", line: "gates", run: gatesOf },
  { job: "approver", line: "approve", run: sayOf("approved") },
  { job: "approver", line: "reject", run: sayOf("rejected") },
  {
    job: "approver",
    line: "reject --withdraw",
    // Somebody of the same role has rejected it.
    prepare: (world) =>
      world.as(
        world.roles.find(({ job }) => job === "approver")!,
        everything,
        (process, commands) => sayOf("rejected")(process, commands, world),
      ),
    run: sayOf("rejected", true),
  },
  {
    job: "reader",
    line: "doctor",
    run: async (_, commands) => doctor({ environment: undefined }, openDoctor(commands)),
  },
  { job: "reader", line: "gates", run: gatesOf },
  { job: "reader", line: "board", run: boardOf },
  { job: "reader", line: "policy show", prepare: ({ admin }) => admin(pushOf), run: showOf },
  { job: "reader", line: "history", run: historyOf },
  { job: "reader", line: "metrics", run: metricsOf },
  {
    job: "reader",
    line: "history of staging",
    run: async (_, commands) => {
      await timeline({ environment: "staging", limit: 40 }, await openHistory(commands));
      return oneDeployment({ environment: "staging", number: 1 }, await openHistory(commands));
    },
  },
  {
    job: "reader",
    line: "lock of staging",
    run: async (_, commands) =>
      lock({ environment: "staging", breaks: undefined, force: false, dryRun }, await openLock(commands)),
  },
  {
    job: "reader",
    line: "lock",
    run: async (_, commands) =>
      lock({ environment, breaks: undefined, force: false, dryRun }, await openLock(commands)),
  },
];
