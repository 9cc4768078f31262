import { unlessAborted } from "../../clock/unless-aborted.ts";
import type { EnvironmentStatus } from "../../fleet/status-result.ts";
import { boardOf, environmentBefore, unseen } from "./environments.ts";
import { readCandidate, readHosts, readLedger } from "./parts.ts";
import type { BoardPorts } from "./ports.ts";
import type { BoardEnvironment, BoardResult } from "./result.ts";

/** Whoever looks. */
interface Eyes {
  /** Resolves as soon as somebody does. @throws the signal's reason */
  present(signal: AbortSignal): Promise<void>;
  /** Told whenever a part was read. */
  tell(board: BoardResult): void;
}

/** A look is a command to all hosts, a dozen calls around it, and one more for each of them: SSM takes a few a second. */
const everyMs = 10_000;
const perHostMs = 200;
/** What no host tells is read again where hosts tell something new, and at least so often. */
const slowEveryMs = 60_000;

/**
 * Reads each part of each environment again and again while somebody looks; none waits for another, which may take minutes
 * where AWS is silent. @returns never. @throws the signal's reason, and what is no failure of the outside
 */
export async function watchBoard(names: readonly string[], eyes: Eyes, ports: BoardPorts): Promise<never> {
  const { clock, signal } = ports;
  const known = new Map(names.map((name) => [name, unseen(name, ports)]));
  const broken = Promise.withResolvers<never>();
  const set = (name: string, part: Partial<BoardEnvironment>): void => {
    known.set(name, { ...of(name), ...part });
    eyes.tell(boardOf([...known.values()], ports));
  };
  const of = (name: string): BoardEnvironment => known.get(name) ?? unseen(name, ports);
  const ledgers = () => new Map([...known].map(([name, { ledger }]) => [name, ledger]));
  const ahead = atOnceOnly(async (name) => {
    const candidate = await readCandidate(name, { before: of(name).candidate, ledgers: ledgers() }, ports);
    set(name, { candidate });
  }, broken.reject);
  const triedAt = new Map<string, number>();
  const slowly = atOnceOnly(async (name) => {
    triedAt.set(name, clock.now());
    set(name, { ledger: await readLedger(name, of(name).ledger, ports) });
    const release = of(name).ledger.value?.release?.revision ?? null;
    const waiting = (one: BoardEnvironment): boolean =>
      environmentBefore(one.environment, ports.config) === name &&
      one.candidate?.readAt != null &&
      one.candidate.value?.revision !== release;
    for (const next of [name, ...[...known.values()].filter(waiting).map(({ environment }) => environment)])
      ahead(next);
  }, broken.reject);
  const watch = async (name: string): Promise<never> => {
    for (;;) {
      await eyes.present(signal);
      // Also of what could not be read: whoever is refused at each look would be asking all the time.
      if (clock.now() - (triedAt.get(name) ?? -Infinity) >= slowEveryMs) slowly(name);
      const before = of(name).hosts;
      const hosts = await readHosts(name, before, ports);
      set(name, { hosts });
      if (before.readAt !== null && newsOf(before.value) !== newsOf(hosts.value)) slowly(name);
      const all = [...known.values()].flatMap((one) => one.hosts.value?.hosts ?? []).length;
      await clock.sleep(everyMs + all * perHostMs, signal);
    }
  };
  // Where there is nothing to ask, that is to be seen all the same.
  if (names.length === 0) eyes.tell(boardOf([], ports));
  return unlessAborted(signal, () => Promise.race([...names.map(watch), broken.promise]));
}

/** What of the ledger hosts are shown beside: where that is the same, there is nothing new in it. */
function newsOf(status: EnvironmentStatus | null): string {
  if (status === null) return "";
  const { release, latest, freeze, hold, lease } = status;
  return JSON.stringify([release, latest?.number, latest?.result, freeze, hold, lease?.nonce]);
}

/** Work for each name that is not begun while it is under way: then it is done once more. */
function atOnceOnly(work: (name: string) => Promise<void>, failed: (error: unknown) => void): (name: string) => void {
  const again = new Map<string, boolean>();
  const run = async (name: string): Promise<void> => {
    do {
      again.set(name, false);
      await work(name);
    } while (again.get(name) === true);
    again.delete(name);
  };
  return (name) => {
    if (again.has(name)) again.set(name, true);
    else run(name).catch(failed);
  };
}
