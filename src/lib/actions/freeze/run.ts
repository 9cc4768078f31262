import type { Clock } from "../../clock/clock.ts";
import type { Config } from "../../config/config.ts";
import { environmentOf } from "../../config/environment.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { type Author, authorText, shownAuthor } from "../../ledger/author.ts";
import type { Freeze, FreezeDraft } from "../../ledger/freeze.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { standing } from "../../ledger/standing.ts";
import type { Progress } from "../../progress/progress.ts";
import { quote } from "../../script/shell-words.ts";
import type { FreezeResult } from "./result.ts";

export interface FreezeOptions {
  readonly environment: string;
  readonly reason: string | undefined;
  readonly lift: boolean;
  readonly dryRun?: boolean;
}

export interface FreezePorts {
  readonly config: Pick<Config, "environments">;
  readonly ledger: Pick<Ledger, "freeze" | "wouldFreeze" | "frozen" | "lift" | "deploymentLog">;
  readonly progress: Pick<Progress, "warn">;
  readonly author: Author;
  readonly clock: Pick<Clock, "now">;
}

/** Keeps an environment as it is, or lets it go. @throws ThreadsError ALREADY_FROZEN (conflict), NO_REASON, UNKNOWN_ENVIRONMENT (usage) */
export async function freeze(options: FreezeOptions, ports: FreezePorts): Promise<FreezeResult> {
  const type = (name: string): string => [`threads freeze -e ${name}`, ...flagsOf(options)].join(" ");
  const { name, hosts } = environmentOf(ports.config, options.environment, type);
  // Which release comes next after a freeze, nobody has said.
  if (options.lift) return lift(name, hosts === undefined ? [] : [`threads status -e ${name}`], options, ports);
  const draft = { reason: requireReason(options.reason, name), by: ports.author, at: nowOf(ports) };
  const { outcome, on } = await put(name, draft, options, ports);
  // Only now: what begins later meets the freeze.
  const running = await underWay(name, ports.ledger);
  if (running !== undefined) ports.progress.warn(running);
  return {
    environment: name,
    outcome,
    frozen: on !== undefined,
    freeze: on === undefined ? null : shown(on),
    next: [outcome === "planned" ? type(name) : `threads freeze -e ${name} --lift`],
    advice: [],
  };
}

interface Put {
  readonly outcome: FreezeResult["outcome"];
  /** The freeze that is on. */
  readonly on: Freeze | undefined;
}

async function put(
  name: string,
  draft: FreezeDraft,
  { dryRun = false }: FreezeOptions,
  { ledger }: FreezePorts,
): Promise<Put> {
  if (dryRun) {
    const there = await ledger.wouldFreeze(name, draft);
    return { outcome: there === undefined ? "planned" : "already-frozen", on: there };
  }
  const { outcome, freeze: on } = await ledger.freeze(name, draft);
  return { outcome: outcome === "created" ? "frozen" : "already-frozen", on };
}

async function lift(
  name: string,
  look: readonly string[],
  { dryRun = false }: FreezeOptions,
  ports: FreezePorts,
): Promise<FreezeResult> {
  const { ledger, author } = ports;
  const found = await (dryRun ? ledger.frozen(name) : ledger.lift(name, author, nowOf(ports)));
  const wouldLift = dryRun && found !== undefined;
  return {
    environment: name,
    outcome: found === undefined ? "not-frozen" : dryRun ? "planned" : "lifted",
    frozen: wouldLift,
    freeze: found === undefined ? null : shown(found),
    next: found === undefined ? [] : wouldLift ? [`threads freeze -e ${name} --lift`] : look,
    advice: [],
  };
}

function nowOf({ clock }: FreezePorts): string {
  return new Date(clock.now()).toISOString();
}

/** What is at work there all the same, in a sentence. The freeze is on: that this cannot be told is no failure of it. */
async function underWay(environment: string, ledger: Pick<Ledger, "deploymentLog">): Promise<string | undefined> {
  try {
    const { deployments, serverTime } = await ledger.deploymentLog(environment);
    const { underWay: intent } = standing(deployments, serverTime);
    if (intent === undefined) return undefined;
    const who = `${intent.number} by ${authorText(intent.by)} is under way`;
    return intent.kind === "rollback"
      ? `rollback ${who}; a freeze does not stop it`
      : `deployment ${who}; it stops before its next host`;
  } catch (error) {
    if (!(error instanceof ThreadsError)) throw error;
    return `whether a deployment is under way is not known: ${error.message}`;
  }
}

function flagsOf({ lift, reason }: FreezeOptions): string[] {
  if (lift) return ["--lift"];
  return reason === undefined ? [] : ["--reason", quote(reason)];
}

function requireReason(reason: string | undefined, environment: string): string {
  const text = reason?.trim() ?? "";
  if (text !== "") return text;
  throw new ThreadsError("NO_REASON", {
    message: "a freeze needs a reason: everybody who is stopped by it reads it",
    next: ["threads freeze --help"],
    advice: [`say why: threads freeze -e ${environment} --reason "…"`],
  });
}

function shown({ reason, by, since }: Freeze): NonNullable<FreezeResult["freeze"]> {
  return { reason, by: shownAuthor(by), frozenAt: since };
}
