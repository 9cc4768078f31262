import { randomBytes } from "node:crypto";
import { ThreadsError } from "../errors/threads-error.ts";
import { type Author, authorText, withRoom } from "./author.ts";
import { dated } from "../text/words.ts";
import { encodeRecord, notARecord, recordFits, recordIn } from "./record.ts";
import { type FreezeRecord, freezeShape } from "./shapes.ts";
import { createParameter, deleteParameter, findParameters, type Stored, type StorePorts } from "./store.ts";

/** Nothing is promoted or deployed to a frozen environment; going back is always allowed. */
export interface Freeze {
  readonly reason: string;
  readonly by: Author;
  /** ISO 8601, by the server's clock. */
  readonly since: string;
  /** Tells one's own write from another's, and this freeze from a later one. */
  readonly nonce: string;
}

export interface FreezeDraft {
  readonly reason: string;
  readonly by: Author;
  /** ISO 8601. */
  readonly at: string;
}

/** The stop cord of an environment: `/<app>/<environment>/freeze`. */
export interface Freezes {
  frozen(environment: string): Promise<Freeze | undefined>;
  /** Create-if-absent; the same person with the same reason again is `present`. @throws ThreadsError ALREADY_FROZEN (conflict) */
  freeze(
    environment: string,
    draft: FreezeDraft,
  ): Promise<{ readonly outcome: "created" | "present"; readonly freeze: Freeze }>;
  /** What `freeze` would find, with nothing written: the same freeze, or none. @throws ThreadsError as it does */
  wouldFreeze(environment: string, draft: FreezeDraft): Promise<Freeze | undefined>;
  /** Takes the freeze away and keeps who did it under `/<app>/<environment>/freezes/<nonce>`. @returns what was lifted */
  lift(environment: string, by: Author, at: string): Promise<Freeze | undefined>;
}

export function freezeName(app: string, environment: string): string {
  return `/${app}/${environment}/freeze`;
}

/** The freezes in Parameter Store. */
export function parameterFreezes(ports: StorePorts): Freezes {
  const frozen = async (environment: string): Promise<Freeze | undefined> => {
    const name = freezeName(ports.app, environment);
    return decodeFreeze(name, (await findParameters([name], ports)).found.get(name), ports.version);
  };
  return {
    frozen,
    freeze: async (environment, draft) => {
      const name = freezeName(ports.app, environment);
      const { record, text } = newRecord(environment, draft);
      const outcome = await createParameter(name, text, ports);
      // Once it is written it is on, whether it can be read back or not.
      const reading = frozen(environment);
      const there = await (outcome === "created" ? reading.catch(() => undefined) : reading);
      if (there === undefined || there.nonce === record.nonce)
        return { outcome: "created", freeze: there ?? asFreeze(record) };
      if (outcome === "exists" && isSame(there, draft)) return { outcome: "present", freeze: there };
      throw alreadyFrozen(environment, there);
    },
    wouldFreeze: async (environment, draft) => {
      newRecord(environment, draft);
      const there = await frozen(environment);
      if (there !== undefined && !isSame(there, draft)) throw alreadyFrozen(environment, there);
      return there;
    },
    lift: async (environment, by, at) => {
      const there = await frozen(environment);
      if (there === undefined) return undefined;
      const kept = `/${ports.app}/${environment}/freezes/${there.nonce}`;
      const whole = lifted(there, by, at);
      // An older threads took reasons that leave no room here; a record must not keep a freeze on.
      const record = recordFits(whole) ? whole : lifted({ ...there, reason: there.reason.slice(0, 500) }, by, at);
      await createParameter(kept, encodeRecord(record, "the lifted freeze", {}), ports);
      await deleteParameter(freezeName(ports.app, environment), ports);
      return there;
    },
  };
}

/** Two who call themselves alike are two where AWS has two names for them. */
function isSame(there: Freeze, { by, reason }: FreezeDraft): boolean {
  const { principal = by.principal } = there.by;
  return principal === (by.principal ?? principal) && there.by.user === by.user && there.reason === reason;
}

/** @throws ThreadsError RECORD_TOO_LARGE */
function newRecord(environment: string, draft: FreezeDraft): { readonly record: FreezeRecord; readonly text: string } {
  const record: FreezeRecord = { schema: 1, ...draft, nonce: randomBytes(8).toString("hex") };
  const shorter = { advice: ["say the reason in fewer words"] };
  // What could not be kept once it is lifted is not begun.
  encodeRecord(lifted(asFreeze(record), longestAuthor, draft.at), `the freeze of ${environment}`, shorter);
  return { record, text: encodeRecord(record, `the freeze of ${environment}`, shorter) };
}

/** Room that whoever lifts a freeze may need: names as they are cut, the address of a run. */
const longestAuthor = withRoom({ user: "u".repeat(64), host: "h".repeat(64), runUrl: "r".repeat(250) });

function lifted(freeze: Freeze, liftedBy: Author, liftedAt: string): object {
  return { schema: 1, freeze, liftedBy, liftedAt };
}

/** @returns undefined where there is no such parameter. @throws ThreadsError LEDGER_UNREADABLE */
export function decodeFreeze(name: string, stored: Stored | undefined, version: string): Freeze | undefined {
  if (stored === undefined) return undefined;
  const { data } = freezeShape.safeParse(recordIn(name, stored.text, version));
  if (data === undefined) throw notARecord(name);
  return asFreeze(data, stored.writtenAt);
}

function asFreeze({ reason, by, at, nonce }: FreezeRecord, writtenAt?: string): Freeze {
  return { reason, by, since: writtenAt ?? at, nonce };
}

/** Refuses what a freeze forbids. @param hasWayBack whether a rollback would find something @throws ThreadsError FROZEN (refused) */
export function requireThawed(environment: string, freeze: Freeze | undefined, hasWayBack: boolean): void {
  if (freeze === undefined) return;
  throw new ThreadsError("FROZEN", {
    outcome: "refused",
    message: freezeText(environment, freeze),
    next: [`threads freeze -e ${environment} --lift`, ...(hasWayBack ? [`threads rollback -e ${environment}`] : [])],
    advice: hasWayBack ? ["a freeze allows a rollback"] : [],
  });
}

/** Who froze it, since when and why, in a sentence. */
export function freezeText(environment: string, { by, since, reason }: Freeze): string {
  return `${environment} is frozen by ${authorText(by)} since ${dated(since)}: ${reason}`;
}

function alreadyFrozen(environment: string, there: Freeze): ThreadsError {
  return new ThreadsError("ALREADY_FROZEN", {
    message: freezeText(environment, there),
    next: [`threads freeze -e ${environment} --lift`],
  });
}
