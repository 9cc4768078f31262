import type { Clock } from "../../clock/clock.ts";
import type { Config, EnvironmentConfig } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { deployableEnvironment, offlineText, registeredHosts } from "../../fleet/hosts.ts";
import { addressOf, namedHost } from "../../fleet/named-host.ts";
import type { MemberLogs, MemberLogsOf } from "../../fleet/member-logs.ts";
import type { Member, Sight, TargetOf } from "../../fleet/target.ts";
import { type Progress, step } from "../../progress/progress.ts";
import { count, list } from "../../text/words.ts";
import type { AskPorts } from "./ask.ts";
import { readDeploymentLog } from "./deployment-log.ts";
import { follow } from "./follow.ts";
import { type LogsOptions, logsLine, searchesLastHour, wantedOf } from "./options.ts";
import { furthest, lookedText, report } from "./report.ts";
import type { LogLine } from "../../fleet/log-line.ts";
import type { LogsResult } from "./result.ts";
import { type Track, trackOf } from "./track.ts";
import { beginOf, readWindow } from "./window.ts";

export interface LogsPorts {
  readonly config: Config;
  readonly targetOf: TargetOf<Sight>;
  readonly logsOf: MemberLogsOf;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Aborted when nobody reads what is shown any more; undefined where all of it is kept for the result. */
  readonly closed: AbortSignal | undefined;
  /** Hands lines on as they come; undefined where all of them are kept for the result. */
  readonly show: ((lines: readonly LogLine[]) => void) | undefined;
  /** Told again and again, while it is followed, what is missing just then, a sentence for each host. */
  readonly missing?: ((says: readonly string[]) => void) | undefined;
}

/**
 * Shows what the containers of an environment say, merged over its hosts, or the hosts' own log of a deployment. Reads only.
 * @throws ThreadsError USAGE, UNKNOWN_HOST, UNKNOWN_SERVICE (usage), NO_HOSTS, HOST_OFFLINE, NOT_RUNNING, NO_LOG … (refused)
 */
export async function logs(options: LogsOptions, ports: LogsPorts): Promise<LogsResult> {
  const { config, signal, closed } = ports;
  const environment = deployableEnvironment(config, options.environment, (name) =>
    logsLine(options, { environment: name }),
  );
  const stop = closed === undefined ? signal : AbortSignal.any([signal, closed]);
  const memberLogs = await ports.logsOf(environment);
  const work: Work = { options, environment, ports: { ...ports, memberLogs, stop }, tracks: [] };
  try {
    const lines = await read(work);
    const kept = ports.show === undefined ? lines : undefined;
    const isEmpty = lines.length === 0;
    return report({ ...work, lines: kept, isEmpty, whenEmpty: memberLogs.whenEmpty, outcome: "read" });
  } catch (error) {
    if (closed?.aborted !== true && !(options.follow && signal.aborted)) throw error;
    return report({
      ...work,
      lines: undefined,
      isEmpty: false,
      whenEmpty: memberLogs.whenEmpty,
      outcome: closed?.aborted === true ? "read" : "followed",
    });
  }
}

interface Work {
  readonly options: LogsOptions;
  readonly environment: EnvironmentConfig;
  readonly ports: LogsPorts & AskPorts & { readonly memberLogs: MemberLogs };
  tracks: Track[];
  /** How far back was looked, where that is not as far as was wanted: a sentence. */
  looked?: string | undefined;
}

/** @returns what was read, as far as it was not followed */
async function read(work: Work): Promise<readonly LogLine[]> {
  const { options, ports } = work;
  const { config, clock, progress } = ports;
  const wanted = wantedOf(options, clock.now());
  const found = await findHosts(work);
  work.tracks = found.map(({ host, name }) => trackOf(host, name));
  const place = { environment: options.environment, services: options.services };
  if (searchesLastHour(options)) progress.note("the last hour is searched; --since looks further back");
  if (options.deployment !== undefined) return readLog(work, options.deployment, place);
  const title = `Read what ${options.services.length === 0 ? "is said" : `${list(options.services)} said`} on ${namesOf(work.tracks)}`;
  const lines = await step(progress, title, async (own) => {
    const onLines = (number: number): void => own.update(count(number, "line"));
    return readWindow(work.tracks, { options, wanted, place, known: config.services, onLines }, ports);
  });
  ports.show?.(lines);
  const looked = lookedText(work.tracks, { isEmpty: lines.length === 0, now: clock.now() });
  if (!options.follow || ports.show === undefined) {
    work.looked = looked;
    return lines;
  }
  if (looked !== undefined) progress.note(`${looked}; --since ${furthest} looks further`);
  const since = beginOf(work.tracks);
  return follow(
    work.tracks,
    { place, grep: wanted.grep, since },
    { ...ports, show: ports.show, findHosts: () => findHosts(work) },
  );
}

async function readLog(work: Work, number: number, place: Parameters<typeof readDeploymentLog>[1]["place"]) {
  const { options, ports, tracks } = work;
  const written = await readWritten(work, number);
  if (written !== undefined) return written;
  const { grep, follow: isFollowed } = options;
  const reading = { place, number, grep, follow: isFollowed };
  const quiet = (): void => undefined;
  // Beside what is shown as it comes, nothing is redrawn.
  if (isFollowed) return readDeploymentLog(tracks, { ...reading, show: ports.show, onLines: quiet }, ports);
  const lines = await step(ports.progress, `Read the log of deployment ${number} on ${namesOf(tracks)}`, (own) => {
    const onLines = (total: number): void => own.update(count(total, "line"));
    return readDeploymentLog(tracks, { ...reading, show: undefined, onLines }, ports);
  });
  ports.show?.(lines);
  return lines;
}

/**
 * The same as hosts have written it into CloudWatch Logs, where threads.yml names a log group: then no host is asked.
 * @returns undefined where it cannot be read there, which is told
 */
async function readWritten(
  { options, environment, ports, tracks }: Work,
  number: number,
): Promise<readonly LogLine[] | undefined> {
  const { kept } = ports.memberLogs;
  if (kept === undefined) return undefined;
  const { readOutLog, whyUnread } = await import("./read-out-log.ts");
  const { grep, follow: isFollowed, hosts } = options;
  const wanted = { number, grep, follow: isFollowed };
  const read = async (onLines: (total: number) => void): Promise<readonly LogLine[] | undefined> => {
    try {
      const show = isFollowed ? ports.show : undefined;
      const only = hosts.length > 0;
      const lines = await readOutLog(tracks, { ...wanted, only, show, onLines }, { ...ports, kept });
      if (lines === undefined)
        ports.progress.note(
          `${kept.name} has nothing of deployment ${number}: the hosts of ${environment.name} are asked`,
        );
      return lines;
    } catch (error) {
      ports.progress.warn(`${kept.name} is not read, and the hosts are asked instead: ${whyUnread(error)}`);
      return undefined;
    }
  };
  const title = `Read the log of deployment ${number} in ${kept.name}`;
  const lines = isFollowed
    ? await read(() => undefined)
    : await step(ports.progress, title, (own) => read((total) => own.update(count(total, "line"))));
  if (lines !== undefined && !isFollowed) ports.show?.(lines);
  return lines;
}

function namesOf(tracks: readonly Track[]): string {
  const names = tracks.filter(({ host }) => host.online).map(({ name }) => name);
  return names.length > 3 ? count(names.length, "host") : list(names);
}

/** Those that are wanted, each with what it is called. @throws ThreadsError NO_HOSTS, HOST_OFFLINE (refused), UNKNOWN_HOST (usage) */
async function findHosts({ options, environment, ports }: Work): Promise<{ host: Member; name: string }[]> {
  const all = await registeredHosts(environment, await ports.targetOf(environment));
  const { name } = environment;
  const named = options.hosts.map((host) =>
    namedHost(all, {
      host,
      environment: name,
      type: (other) => logsLine(options, { hosts: options.hosts.map((one) => (one === host ? other : one)) }),
    }),
  );
  const chosen = named.length === 0 ? all : all.filter((host) => named.includes(host));
  if (chosen.every(({ online }) => !online))
    throw new ThreadsError("HOST_OFFLINE", {
      message: `in ${name}, ${offlineText(chosen) ?? ""}`,
      next: [`threads status -e ${name}`],
    });
  return chosen.map((host) => ({ host, name: addressOf(host, all) }));
}
