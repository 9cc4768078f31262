import { passes } from "../../aws/passes.ts";
import type { Clock } from "../../clock/clock.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Progress } from "../../progress/progress.ts";
import type { Member } from "../../fleet/target.ts";
import type { AskPorts } from "./ask.ts";
import { mergeLines } from "./merge.ts";
import type { LogLine } from "../../fleet/log-line.ts";
import { missingOf, type Place, readOn, type Track, trackOf } from "./track.ts";

export interface FollowPorts extends AskPorts {
  readonly clock: Clock;
  readonly progress: Pick<Progress, "warn" | "note">;
  readonly show: (lines: readonly LogLine[]) => void;
  /** Told after each look what is missing just then, a sentence for each host: for who shows that in one place. */
  readonly missing?: ((says: readonly string[]) => void) | undefined;
  /** The hosts that are wanted, as they are now, each with what it is called. */
  readonly findHosts: () => Promise<readonly { readonly host: Member; readonly name: string }[]>;
}

/** A look is some calls of SSM for each host: after one that found something the next comes soon, else later and later. */
const soonMs = 1_000;
const latestMs = 5_000;
/** Where there is more than one answer had room for. */
const behindMs = 250;
/** What a look costs the account's quota, for each host. */
const perHostMs = 100;
/** So often it is looked whether hosts have come, gone, or come back. */
const hostsEveryMs = 30_000;

interface Following {
  readonly place: Place;
  readonly grep: string | undefined;
  /** Where containers begin of which nothing was read. */
  readonly since: string | undefined;
}

/**
 * Shows what is said from where the tracks are on, until `stop`: rejects with its reason, once all that was read is shown.
 * @param tracks kept as they are by then: hosts come and go
 */
export async function follow(tracks: Track[], { place, grep, since }: Following, ports: FollowPorts): Promise<never> {
  const { clock, show, stop } = ports;
  const merge = mergeLines();
  const told = new Map<string, string>();
  let foundAt = clock.now();
  let pauseMs = soonMs;
  try {
    for (;;) {
      await clock.sleep(Math.max(pauseMs, tracks.length * perHostMs), stop);
      if (clock.now() - foundAt >= hostsEveryMs) {
        await renewFrom(ports, tracks, told);
        foundAt = clock.now();
      }
      const due = tracks.filter(({ silence }) => silence === undefined);
      const heard = await readOn(due, { since, grep, tail: undefined }, place, ports);
      for (const track of due) {
        const { host, silence, report } = track;
        if (silence === undefined && report !== undefined) merge.add(host.id, heard.get(host.id) ?? [], report.upTo);
        else merge.forget(host.id);
      }
      tellTroubles(tracks, told, ports.progress);
      ports.missing?.(tracks.map(troubleOf).filter((text) => text !== ""));
      const lines = merge.release();
      if (lines.length > 0) show(lines);
      const isBehind = due.some(({ report, silence }) => silence === undefined && (report?.left ?? 0) > 0);
      const isQuiet = lines.length === 0;
      pauseMs = isBehind ? behindMs : isQuiet ? Math.min(Math.max(pauseMs, soonMs) * 1.5, latestMs) : soonMs;
    }
  } finally {
    const rest = merge.flush();
    if (rest.length > 0) show(rest);
  }
}

/** None may be heard of for a while: those that were there are read on, and what has been lost by then the next look tells. */
async function renewFrom(
  { findHosts, progress }: Pick<FollowPorts, "findHosts" | "progress">,
  tracks: Track[],
  told: Map<string, string>,
): Promise<void> {
  const nobody = "";
  try {
    renew(tracks, await findHosts());
    if (told.delete(nobody)) progress.note("it is known again what there is to follow");
  } catch (error) {
    if (!isMomentary(error)) throw error;
    if (!told.has(nobody)) progress.warn(`nobody says whether what is followed is there still: ${error.message}`);
    told.set(nobody, error.message);
  }
}

function isMomentary(error: unknown): error is ThreadsError {
  return passes(error) || (error instanceof ThreadsError && ["HOST_OFFLINE", "NO_HOSTS"].includes(error.code));
}

/** Hosts that were silent are asked again; what they have said meanwhile is still there. */
function renew(tracks: Track[], found: Awaited<ReturnType<FollowPorts["findHosts"]>>): void {
  const known = new Map(tracks.map((track) => [track.host.id, track]));
  const now = found.map(({ host, name }): Track => {
    const fresh = trackOf(host, name);
    const track = known.get(host.id) ?? fresh;
    track.silence = fresh.silence;
    return track;
  });
  tracks.splice(0, tracks.length, ...now);
}

/** Once for each thing, and again when it has been well in between. */
function tellTroubles(
  tracks: readonly Track[],
  told: Map<string, string>,
  progress: Pick<Progress, "warn" | "note">,
): void {
  for (const track of tracks) {
    const { host, name } = track;
    const says = troubleOf(track);
    const before = told.get(host.id) ?? "";
    if (says === before) continue;
    told.set(host.id, says);
    if (says === "") progress.note(`${name} is heard again`);
    else progress.warn(says);
  }
}

/** What of a host is missing, as a sentence; empty where nothing is. */
function troubleOf({ name, silence, report }: Track): string {
  if (silence !== undefined) return `${name} is not heard: ${silence}`;
  const missing = missingOf({ report });
  return missing === "" ? "" : `${name}: ${missing}`;
}
