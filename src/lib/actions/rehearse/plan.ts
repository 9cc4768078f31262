import { type Budget, budgetText } from "../../config/budget.ts";
import type { Config } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { HostedEnvironment } from "../../fleet/hosts.ts";
import { type LoadRequests, loadRequests } from "../../fleet/load-requests.ts";
import type { Intent } from "../../ledger/ledger.ts";
import { contractsIn, changeBetween } from "../../release/migrations.ts";
import type { PublishedRelease } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import { count, list, span } from "../../text/words.ts";
import type { Rehearsed } from "./result.ts";

/** What was typed; threads.yml says the rest. */
export interface Typed {
  readonly rate?: number | undefined;
  readonly budget?: Budget | undefined;
  readonly lockMs?: number | undefined;
  readonly hosts?: number | undefined;
}

export interface RehearsalPlan {
  readonly environment: HostedEnvironment;
  readonly from: PublishedRelease;
  readonly to: PublishedRelease;
  /** The deployment that brought what runs now. */
  readonly current: Intent;
  readonly hosts: number;
  readonly rate: number;
  readonly budget: Budget;
  readonly lockMs: number;
  readonly asked: LoadRequests;
  readonly about: Rehearsed;
}

interface Facts {
  readonly typed: Typed;
  readonly environment: HostedEnvironment;
  readonly from: PublishedRelease;
  readonly to: PublishedRelease;
  readonly current: Intent;
  /** Bytes of memory that this machine has left. */
  readonly freeBytes: number;
}

type PlanConfig = Pick<Config, "checks" | "stress" | "runtime" | "sandbox" | "file">;

/** Requests a second: one machine plays hosts, database and those who ask. */
const usualRate = 20;
const usualLockMs = 1_000;
/** An engine of its own and an application in two slots want as much at least. */
const bytesPerHost = 768 * 2 ** 20;
/** What else a sandbox takes. */
const bytesBeside = 512 * 2 ** 20;
const mostHosts = 9;

/** Pure. @throws ThreadsError NOTHING_TO_ASK, NOTHING_TO_REHEARSE (refused) */
export function planRehearsal({ typed, freeBytes, ...facts }: Facts, config: PlanConfig): RehearsalPlan {
  const { environment, from, to, current } = facts;
  const { name } = environment;
  if (from.digest === to.digest)
    throw new ThreadsError("NOTHING_TO_REHEARSE", {
      message: `${name} runs ${shortRevision(to.release.revision)} already (deployment ${current.number})`,
      next: [`threads status -e ${name}`],
      advice: ["name the release that is to come"],
    });
  const { rate = usualRate, budget = usualBudget(config), lockMs = usualLockMs } = typed;
  const asked = loadRequests(config, { isHost: true });
  const hosts = hostsFor(typed.hosts, current.hosts.length, freeBytes);
  const strategy = to.release.edge === undefined ? "recreate" : "slots";
  const noRollback = closedWay({ from, to, name });
  const about: Rehearsed = {
    environment: name,
    from: { deployment: current.number, revision: from.release.revision, bundle: from.digest },
    to: { revision: to.release.revision, bundle: to.digest },
    hosts,
    strategy,
    rate,
    budget: budgetText(budget),
    lockMs,
    requests: asked.shares,
    steps: [],
    noRollback,
  };
  const plan = { environment, from, to, current, hosts: hosts.count, rate, budget, lockMs, asked };
  return { ...plan, about: { ...about, steps: stepsOf(about, config) } };
}

/** Latencies are those of another place than this machine: of what threads.yml asks of a load, errors alone. */
function usualBudget({ stress }: PlanConfig): Budget {
  const errors = stress.budget.filter((limit) => limit.of === "errors");
  return errors.length > 0 ? errors : [{ of: "errors", most: 0, unit: "requests" }];
}

function hostsFor(typed: number | undefined, there: number, freeBytes: number): Rehearsed["hosts"] {
  if (typed !== undefined) return { count: typed, there, says: typed === there ? "" : "--hosts says so" };
  const room = Math.max(1, Math.floor((freeBytes - bytesBeside) / bytesPerHost));
  const fits = Math.min(there, room, mostHosts);
  if (fits === there) return { count: fits, there, says: "" };
  const free = `${(freeBytes / 2 ** 30).toFixed(1)} GiB`;
  const says = room < mostHosts ? `more do not fit into the ${free} that are free here` : "a sandbox has no more";
  return { count: Math.max(1, fits), there, says };
}

/** Behind a migration that contracts `threads rollback` does not go. */
function closedWay({ from, to, name }: Pick<Facts, "from" | "to"> & { readonly name: string }): string {
  const change = changeBetween(from.release.migrations, to.release.migrations);
  const contracts = contractsIn(change?.added ?? []);
  if (contracts.length === 0) return "";
  const verb = contracts.length === 1 ? "contracts" : "contract";
  return `${list(contracts)} ${verb}: ${name} would not be rolled back either`;
}

function stepsOf(about: Rehearsed, { sandbox, runtime }: PlanConfig): readonly string[] {
  const { environment, from, to, hosts, rate, noRollback } = about;
  const beside = sandbox.services.length === 0 ? "" : ` and ${list(sandbox.services)}`;
  const migrate = runtime.migrate === undefined ? "" : `, ${runtime.migrate} on the first host`;
  return [
    `bring up a sandbox of its own, with ${count(hosts.count, "host")}${beside}`,
    `copy ${shortRevision(from.revision)} and ${shortRevision(to.revision)} there, byte for byte`,
    `deploy ${shortRevision(from.revision)}, which ${environment} runs (#${from.deployment})`,
    `ask for ${count(rate, "request")} a second from then on`,
    `deploy ${shortRevision(to.revision)}${migrate}`,
    noRollback === "" ? "roll it back" : `roll nothing back: ${noRollback}`,
    `remove the sandbox`,
  ];
}

/** `2 of 12 hosts: more do not fit …`. */
export function hostsText({ count: some, there, says }: Rehearsed["hosts"]): string {
  return says === "" ? count(some, "host") : `${some} of ${count(there, "host")}: ${says}`;
}

/** Limits as they are written, that of locks among them. */
export function limitsText({ budget, lockMs }: Pick<Rehearsed, "budget" | "lockMs">): string {
  return `${budget}, no lock for more than ${span(lockMs)}`;
}

/** The command as it is typed. */
export function rehearseLine(environment: string, revision: string, typed: Typed = {}): string {
  const { rate, budget, lockMs, hosts } = typed;
  const flags = [
    ...(rate === undefined ? [] : [` --rate ${rate}`]),
    ...(budget === undefined ? [] : [` --budget ${budgetText(budget)}`]),
    ...(lockMs === undefined ? [] : [` --lock ${lockMs / 1000}s`]),
    ...(hosts === undefined ? [] : [` --hosts ${hosts}`]),
  ];
  return `threads rehearse ${revision} -e ${environment}${flags.join("")}`;
}
