import { ssmCalls } from "../aws/ssm-calls.ts";
import { unlessAborted } from "../clock/unless-aborted.ts";
import { countCommands, listInvocations } from "./looks.ts";
import type { SsmPorts } from "./ports.ts";
import type { SentCommand, WaitOptions } from "./remote.ts";
import { isDue, note, type Seen, tell, unseen, type Waiter, type Watch } from "./watches.ts";

const firstPauseMs = 250;
const longestPauseMs = 2_100;
/** Of a command that is looked at alone its end is known soon, for as long as it has lasted: a part of that goes by. */
const growth = { alone: 1.1, several: 1.6 } as const;
/** Where many hosts are looked at, and little of what was seen is new. */
const quietPauseMs = 5_000;
/** So small a part of them: a few that last long are not worth looking as often as for all others. */
const littlePart = 1 / 250;

/**
 * Looks at all commands that are waited for, together: one by its hosts, several by one list that counts how many hosts of
 * each have ended, and then at the hosts of those alone that are over or have their first failure. So a thousand hosts are
 * one call a look. The counts only say when to look: what became of a host is read from its own invocation.
 */
export class Lookout {
  readonly #ports: SsmPorts;
  readonly #watches = new Map<string, Watch>();
  #pause = firstPauseMs;
  /** Ends the pause, and all looking. */
  #wake = new AbortController();
  #halt: AbortController | undefined;

  constructor(ports: SsmPorts) {
    this.#ports = ports;
  }

  /** @returns what was seen of a command's hosts, once each has ended or is given up. @throws what stops us from looking */
  async watch(command: SentCommand, options: WaitOptions): Promise<Seen> {
    const signal = options.signal ?? new AbortController().signal;
    let leave = (): void => undefined;
    const joined = (): Promise<Seen> =>
      new Promise((end, fail) => {
        const waiter = {
          command,
          options,
          paused: 0,
          told: new Map<string, string>(),
          unclaimed: new Set<string>(),
          end,
          fail,
        };
        leave = () => this.#leave(waiter);
        this.#join(waiter);
      });
    try {
      return await unlessAborted(signal, joined);
    } finally {
      leave();
    }
  }

  #join(waiter: Waiter): void {
    const { id } = waiter.command;
    const watch = this.#watches.get(id) ?? unseen();
    this.#watches.set(id, watch);
    watch.waiters.add(waiter);
    if (this.#pause > firstPauseMs) this.#wake.abort();
    this.#pause = firstPauseMs;
    if (this.#halt !== undefined) return;
    this.#halt = new AbortController();
    void this.#lookOn(this.#halt.signal);
  }

  #leave(waiter: Waiter): void {
    const watch = this.#watches.get(waiter.command.id);
    watch?.waiters.delete(waiter);
    if (watch?.waiters.size === 0) this.#watches.delete(waiter.command.id);
    if (this.#watches.size > 0) return;
    this.#halt?.abort();
    this.#halt = undefined;
  }

  /** Until nobody waits any more. */
  async #lookOn(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    // Whoever is about to wait as well is looked for at once.
    await Promise.resolve();
    while (!signal.aborted) {
      const began = clock.now();
      const isNews = await this.#look(signal);
      for (const watch of this.#watches.values()) tell(watch, clock.now());
      if (!signal.aborted) await this.#rest({ signal, isNews, tookMs: clock.now() - began });
    }
  }

  async #rest(look: {
    readonly signal: AbortSignal;
    readonly isNews: boolean;
    readonly tookMs: number;
  }): Promise<void> {
    // What a look itself has taken is a part of the pause, but never all of it; and clocks are put back.
    const slept = Math.max(this.#pause - Math.max(0, look.tookMs), this.#pause / 4);
    const wake = (this.#wake = new AbortController());
    await this.#ports.clock.sleep(slept, AbortSignal.any([look.signal, wake.signal])).catch(() => undefined);
    if (wake.signal.aborted) return;
    for (const { waiters } of this.#watches.values()) for (const waiter of waiters) waiter.paused += slept;
    const isAlone = this.#watches.size === 1;
    const most = isAlone || look.isNews ? longestPauseMs : quietPauseMs;
    this.#pause = Math.min(this.#pause * (isAlone ? growth.alone : growth.several), most);
  }

  /** @returns whether so much is new that more is to come soon */
  async #look(signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#ports;
    const call = ssmCalls({ ...this.#ports, signal });
    const all = [...this.#watches].map(([id, watch]) => ({ id, watch, waiters: [...watch.waiters] }));
    const fail = (waiters: readonly Waiter[], error: unknown): void => {
      for (const waiter of waiters) waiter.fail(error);
    };
    try {
      const sent = all.flatMap(({ waiters: [waiter] }) => waiter?.command ?? []);
      const counts = sent.length > 1 ? await countCommands(sent, call) : undefined;
      const news = all.map(async ({ id, watch, waiters }) => {
        const ended = note(watch, counts?.get(id));
        watch.isSeen = counts === undefined || isDue(watch, clock.now());
        if (!watch.isSeen) return ended;
        const found = await listInvocations(id, call).catch((error: unknown) => fail(waiters, error));
        for (const one of found ?? []) watch.seen.set(one.InstanceId ?? "", one);
        // Without counts nobody knows what is new.
        return counts === undefined ? Infinity : ended;
      });
      const ended = (await Promise.all(news)).reduce((sum, one) => sum + one, 0);
      const of = all.reduce((sum, { watch }) => sum + (watch.count?.of ?? 0), 0);
      return ended > 0 && ended >= of * littlePart;
    } catch (error) {
      fail(
        all.flatMap(({ waiters }) => waiters),
        error,
      );
      return true;
    }
  }
}
