import { whyOffline } from "../../fleet/hosts.ts";
import type { Member } from "../../fleet/target.ts";
import type { LogsReport } from "../../script/log-report.ts";
import { type AskPorts, refusalOf } from "./ask.ts";
import type { Wanted } from "./options.ts";
import type { LogLine } from "../../fleet/log-line.ts";

/** What a host is asked for. */
export interface Place {
  readonly environment: string;
  readonly services: readonly string[];
}

/** A host, and how far its containers have been read. */
export interface Track {
  readonly host: Member;
  /** What it is called where a host is named. */
  readonly name: string;
  /** Where its containers go on; empty before it has answered. */
  cursors: readonly string[];
  /** The last that it has answered; undefined where it never has. */
  report: LogsReport | undefined;
  /** Why there was no answer to the last question; undefined where there was one. */
  silence: string | undefined;
  /** It has answered, but shows nothing. */
  isUnready: boolean;
  /** Something of it was read. */
  wasRead: boolean;
}

export function trackOf(host: Member, name: string): Track {
  const silence = host.online ? undefined : `it is ${whyOffline(host)}`;
  return { host, name, cursors: [], report: undefined, silence, isUnready: false, wasRead: false };
}

/** Where those begin of which nothing was read yet. */
export type From = Pick<Wanted, "since" | "tail" | "grep">;

/** Reads on, a piece of each, and keeps where that ends. @returns what each has said, by the host's id */
export async function readOn(
  tracks: readonly Track[],
  from: From,
  place: Place,
  ports: AskPorts,
): Promise<ReadonlyMap<string, readonly LogLine[]>> {
  const { since, tail, grep } = from;
  const asked = tracks.map(({ host, cursors }) => ({ member: host, cursors }));
  const heard = await ports.memberLogs.read(asked, { services: place.services, since, tail, grep }, ports.stop);
  return new Map(
    tracks.map((track) => {
      const answer = heard.get(track.host.id) ?? { silence: "no answer" };
      return [track.host.id, "report" in answer ? keep(track, answer.report) : silent(track, answer.silence)];
    }),
  );
}

function silent(track: Track, silence: string): readonly LogLine[] {
  track.silence = silence;
  return [];
}

function keep(track: Track, report: LogsReport): readonly LogLine[] {
  const refusal = refusalOf(report);
  track.silence = refusal;
  track.isUnready = refusal !== undefined;
  if (refusal !== undefined) return [];
  track.report = report;
  track.wasRead = true;
  track.cursors = report.containers.flatMap(({ cursor }) => (cursor === "" ? [] : [cursor]));
  return report.lines.map(({ container, place, text }): LogLine => {
    const { service = null, name = null } = report.containers[container] ?? {};
    return { loggedAt: place, host: track.name, service, container: name, text };
  });
}

/** What of a host is missing although it answers. */
export function missingOf({ report }: Pick<Track, "report">): string {
  const without = (report?.containers ?? []).flatMap(({ name, state }) =>
    state === "unreadable"
      ? [`docker does not give the log of ${name}: its logging driver keeps nothing that can be read`]
      : state === "late"
        ? [`the log of ${name} could not be read to its end in 20 s`]
        : [],
  );
  return without.join("; ");
}
