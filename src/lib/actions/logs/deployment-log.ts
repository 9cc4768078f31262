import type { Clock } from "../../clock/clock.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Answer, Heard } from "../../fleet/answer.ts";
import type { DeploymentLogReport } from "../../script/log-report.ts";
import { list } from "../../text/words.ts";
import type { LogLine } from "../../fleet/log-line.ts";
import { type AskPorts, nothingHeard, refusalOf } from "./ask.ts";
import type { Place, Track } from "./track.ts";

export interface DeploymentLogPorts extends AskPorts {
  readonly clock: Pick<Clock, "sleep">;
}

interface Reading {
  readonly place: Place;
  readonly number: number;
  readonly grep: string | undefined;
  /** Until no host is at work on it any more, handing on what comes. */
  readonly follow: boolean;
  readonly show: ((lines: readonly LogLine[]) => void) | undefined;
  /** Told how many lines there are by now. */
  readonly onLines: (count: number) => void;
}

/** How far the log of a host has been read. */
interface Reader {
  readonly track: Track;
  offset: number;
  report: DeploymentLogReport | undefined;
}

/** A host writes into it for minutes; who watches wants to see it soon. */
const pauseMs = 2_000;

/**
 * The hosts' own log of a deployment, in pieces, host after host; what is missing is told in the tracks.
 * @throws ThreadsError NO_LOG (refused) where no host has it
 */
export async function readDeploymentLog(
  tracks: readonly Track[],
  reading: Reading,
  ports: DeploymentLogPorts,
): Promise<readonly LogLine[]> {
  const all = tracks.map((track): Reader => ({ track, offset: 0, report: undefined }));
  const lines = new Map<Reader, LogLine[]>(all.map((one) => [one, []]));
  let due = all.filter(({ track }) => track.host.online);
  for (let round = 0; due.length > 0; round += 1) {
    const isWaiting = round > 0 && due.every(({ offset, report }) => offset >= (report?.size ?? 0));
    if (isWaiting) await ports.clock.sleep(pauseMs, ports.stop);
    const heard = await readOn(due, reading, ports);
    if (round === 0) requireLog(all, heard, reading);
    for (const one of due) {
      const said = linesOf(one, heard.get(one.track.host.id));
      if (reading.show !== undefined && said.length > 0) reading.show(said);
      else lines.get(one)?.push(...said);
    }
    reading.onLines([...lines.values()].flat().length);
    due = due.filter((one) => goesOn(one, reading.follow));
  }
  return [...lines.values()].flat();
}

function readOn(
  due: readonly Reader[],
  { number, grep }: Reading,
  { memberLogs, stop }: DeploymentLogPorts,
): Promise<Heard<DeploymentLogReport>> {
  const asked = due.map(({ track, offset }) => ({ member: track.host, offset }));
  return memberLogs.readDeployment(asked, { number, grep }, stop);
}

function linesOf(one: Reader, answer: Answer<DeploymentLogReport> | undefined): LogLine[] {
  const { track } = one;
  const report = answer !== undefined && "report" in answer ? answer.report : undefined;
  track.silence = report === undefined ? (answer as { silence: string } | undefined)?.silence : refusalOf(report);
  track.isUnready = report !== undefined && track.silence !== undefined;
  if (report?.end !== "read") {
    one.report = undefined;
    return [];
  }
  one.report = report;
  track.wasRead = true;
  one.offset = report.offset;
  const place = { loggedAt: null, host: track.name, service: null, container: null };
  return report.lines.map(({ text }) => ({ ...place, text }));
}

/** A last line that is not whole is waited for as long as somebody writes. */
function goesOn({ report, offset }: Reader, isFollowed: boolean): boolean {
  if (report === undefined) return false;
  return report.working ? isFollowed || (offset < report.size && report.lines.length > 0) : offset < report.size;
}

function requireLog(all: readonly Reader[], heard: Heard<DeploymentLogReport>, { place, number }: Reading): void {
  const { environment } = place;
  const asked = all.filter(({ track }) => track.host.online);
  const answers = asked.map(({ track }) => ({ track, answer: heard.get(track.host.id) }));
  const ends = answers.map(({ answer }) => (answer !== undefined && "report" in answer ? answer.report.end : "silent"));
  if (ends.includes("read")) return;
  if (ends.every((end) => end === "none"))
    throw new ThreadsError("NO_LOG", {
      message: `${list(asked.map(({ track }) => track.name))} ${asked.length === 1 ? "has" : "have"} no log of deployment ${number}`,
      next: [`threads history -e ${environment}`],
      advice: ["a host keeps the logs of the deployments that it took part in, for 90 days"],
    });
  throw nothingHeard(
    environment,
    answers.flatMap(({ track, answer }) => {
      const report = answer !== undefined && "report" in answer ? answer.report : undefined;
      const says = report === undefined ? (answer as { silence: string } | undefined)?.silence : refusalOf(report);
      return says === undefined ? [] : [{ host: track.host, says, isSilent: report === undefined }];
    }),
  );
}
