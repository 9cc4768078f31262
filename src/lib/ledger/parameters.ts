import { randomBytes } from "node:crypto";
import { once } from "../aws/once.ts";
import type { Next } from "../errors/next.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Progress } from "../progress/progress.ts";
import type { Approvals } from "./approvals.ts";
import { authorText } from "./author.ts";
import { readDeploymentLog, readOn } from "./deployment-log.ts";
import { requireIntent, requireOutcome } from "./deployment.ts";
import { type DeploymentNames, deploymentNames } from "./deployment-names.ts";
import { parameterEvidence } from "./evidence.ts";
import { parameterExecs } from "./execs.ts";
import { parameterFreezes } from "./freeze.ts";
import { parameterLeases } from "./lease.ts";
import { noteHead } from "./head.ts";
import type { DeploymentLog, Intent, IntentDraft, Ledger, DeploymentOutcome } from "./ledger.ts";
import type { PastRecords } from "./past-records.ts";
import type { Policies } from "./policy.ts";
import { parameterPromotions } from "./promotions.ts";
import { createRecord, requireRoom, wholeRecords } from "./long-record.ts";
import { firstFitting, recordFits } from "./record.ts";
import type { SignedBook } from "./first-signed.ts";
import { readPolicy, readRuling } from "./ruling.ts";
import { saysStanding } from "./standing.ts";
import { readParameter, type StorePorts } from "./store.ts";

export interface LedgerPorts extends StorePorts {
  /** Hears of parameters that are passed over, each once. */
  readonly progress: Pick<Progress, "warn">;
}

/** The ledger in Parameter Store: `/<app>/<environment>/deployments/000001` and `…/000001/outcome`. */
export function parameterLedger(ports: LedgerPorts): Ledger {
  const warned = new Set<string>();
  const warn = async (reading: Promise<DeploymentLog>): Promise<DeploymentLog> => {
    const deploymentLog = await reading;
    for (const name of deploymentLog.unreadable) {
      if (!warned.has(name)) ports.progress.warn(`the ledger's parameter ${name} is not a record; it is passed over`);
      warned.add(name);
    }
    return deploymentLog;
  };
  return {
    ...parameterLeases(ports),
    ...parameterFreezes(ports),
    ...parameterEvidence(ports),
    ...parameterPromotions(ports),
    ...parameterExecs(ports),
    ...lazyApprovals(ports),
    ...lazySigned(ports),
    ...lazyPolicies(ports),
    ruling: (environment) => readRuling(environment, ports),
    policy: (environment) => readPolicy(environment, ports),
    ...lazyPastRecords(ports),
    deploymentLog: (environment, howFar = saysStanding) => warn(readDeploymentLog({ environment, howFar }, ports)),
    readOn: (environment, deploymentLog, howFar) => warn(readOn({ environment, deploymentLog, howFar }, ports)),
    begin: (environment, number, draft) => begin({ number, draft, environment }, ports),
    finish: (environment, outcome) => finish({ environment, outcome }, ports),
  };
}

/** Only `history` asks for them: no other command loads what reads them. */
function lazyPastRecords(ports: StorePorts): PastRecords {
  const open = once(async () => (await import("./past-records.ts")).parameterPastRecords(ports));
  return {
    promotionsTo: async (environment) => (await open()).promotionsTo(environment),
    promotionsOf: async (environment, bundle) => (await open()).promotionsOf(environment, bundle),
    liftedFreezes: async (environment) => (await open()).liftedFreezes(environment),
    execs: async (environment) => (await open()).execs(environment),
    approvalsTo: async (environment) => (await open()).approvalsTo(environment),
  };
}

/** Only where an environment asks for them they are asked for. */
function lazyApprovals(ports: StorePorts): Approvals {
  const open = once(async () => (await import("./approvals.ts")).parameterApprovals(ports));
  return {
    approvals: async (environment, revision) => (await open()).approvals(environment, revision),
    approve: async (draft, number) => (await open()).approve(draft, number),
    wouldApprove: async (draft) => (await open()).wouldApprove(draft),
  };
}

/** Only a gate signature asks for it. */
function lazySigned(ports: StorePorts): SignedBook {
  const open = once(async () => (await import("./first-signed.ts")).parameterSigned(ports));
  return {
    firstSigned: async (environment) => (await open()).firstSigned(environment),
    recordFirstSigned: async (environment, first) => (await open()).recordFirstSigned(environment, first),
  };
}

/** Only `threads policy` changes one. */
function lazyPolicies(ports: StorePorts): Omit<Policies, "ruling" | "policy"> {
  const open = once(async () => (await import("./policies.ts")).parameterPolicies(ports));
  return {
    pushPolicy: async (draft) => (await open()).pushPolicy(draft),
    wouldPush: async (draft) => (await open()).wouldPush(draft),
    policyWriter: async (environment) => (await open()).policyWriter(environment),
  };
}

interface Beginning {
  readonly number: number;
  readonly draft: IntentDraft;
  readonly environment: string;
}

interface Ending {
  readonly environment: string;
  readonly outcome: DeploymentOutcome;
}

async function begin({ number, draft, environment }: Beginning, ports: StorePorts): Promise<Intent> {
  const { version } = ports;
  const names = deploymentNames(ports.app, environment);
  const name = names.intent(number);
  const intent = fitting({ schema: 1, version, ...draft, number, nonce: randomBytes(8).toString("hex") });
  const way = fewerHosts(environment);
  await requireRoom(intent, `the record of deployment ${number}`, { way });
  // Once hosts are switched it is too late to find out that what became of them cannot be written.
  await requireRoom(longestOutcome(intent), `the outcome of deployment ${number}`, { way, grows: true });
  if ((await put(intent, { names, number }, ports)) === "created") return intent;
  const there = requireIntent(name, await readRecord(name, ports), { number, version });
  // An SDK retry after a lost reply meets one's own record.
  if (there.nonce === intent.nonce) return intent;
  throw new ThreadsError("DEPLOYMENT_TAKEN", {
    message: `${authorText(there.by)} began deployment ${number} of ${environment} at the same moment`,
    next: [`threads status -e ${environment}`],
  });
}

/** That it begins must be written down; what it means for a way back is worth less. */
function fitting<T extends Intent>(intent: T): T {
  const { contracts: _, ...short } = intent;
  return recordFits(short) ? firstFitting([intent, short as T]) : intent;
}

/** The head tells of a number that another has taken, too: whoever could not see that record sees it the next time. */
async function put(
  intent: Intent,
  { names, number }: { readonly names: DeploymentNames; readonly number: number },
  ports: StorePorts,
): Promise<"created" | "exists"> {
  const [created] = await Promise.all([
    createRecord(names.intent(number), intent, ports),
    noteHead(names, number, ports),
  ]);
  return created;
}

function longestOutcome({
  version,
  number,
  nonce,
  hosts,
  leftOut = [],
  startedAt,
  by: { principal = "" },
}: Intent & { readonly version: string }): DeploymentOutcome {
  const states = [...hosts, ...leftOut].map((id) => ({ id, state: "untouched" as const }));
  return { schema: 1, version, number, nonce, principal, result: "interrupted", hosts: states, finishedAt: startedAt };
}

function fewerHosts(environment: string): Partial<Next> {
  return { advice: [`split the hosts of ${environment} in threads.yml into environments with a tag each`] };
}

/**
 * That hosts are switched must be written down; with which environment is worth less, why they were not less still, and what
 * was measured least. Where the hosts alone have no room in a parameter there are parts, for all but what was measured.
 */
function formOf(whole: DeploymentOutcome): DeploymentOutcome {
  const { rounds: _, ...merged } = whole;
  const { timings: __, ...rest } = merged;
  const hosts = whole.hosts.map(({ id, state }) => ({ id, state }));
  const last = whole.weighed?.slice(-1).map((one) => ({ ...one, says: one.says.slice(0, 200) }));
  const unmeasured = { ...rest, hosts, ...(last === undefined ? {} : { weighed: last }) };
  const { cause: ___, ...unexplained } = unmeasured;
  const { environment: ____, weighed: _____, pauses: ______, ...bare } = unexplained;
  return recordFits(bare) ? firstFitting([whole, merged, unmeasured, unexplained, bare]) : { ...merged, hosts };
}

/** The text of a record that is known to exist. */
async function readRecord(name: string, ports: StorePorts): Promise<string> {
  const there = { text: await readParameter(name, ports), writtenAt: undefined };
  return (await wholeRecords(new Map([[name, there]]), ports)).get(name)?.text ?? "";
}

async function finish({ environment, outcome }: Ending, ports: StorePorts): Promise<void> {
  const { version } = ports;
  const { number } = outcome;
  const name = deploymentNames(ports.app, environment).outcome(number);
  const record = formOf({ ...outcome, version });
  await requireRoom(record, `the outcome of deployment ${number}`, { way: fewerHosts(environment) });
  if ((await createRecord(name, record, ports)) === "created") return;
  const there = requireOutcome(name, await readRecord(name, ports), { number, version });
  if (there.nonce === outcome.nonce && there.result === outcome.result) return;
  throw new ThreadsError("OUTCOME_TAKEN", {
    message: `deployment ${outcome.number} has an outcome already (${there.result}), so ${outcome.result} was not written`,
    next: [`threads status -e ${environment}`],
  });
}
