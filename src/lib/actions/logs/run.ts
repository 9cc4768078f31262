import type { Clock } from "../../clock/clock.ts";
import type { Config } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { type HostedEnvironment, hostedEnvironment, offlineText, registeredHosts } from "../../fleet/hosts.ts";
import { addressOf, namedHost } from "../../fleet/named-host.ts";
import { type Progress, step } from "../../progress/progress.ts";
import type { LogGroup } from "../../remote/log-group.ts";
import type { Host, Remote } from "../../remote/remote.ts";
import { count, list } from "../../text/words.ts";
import type { AskPorts } from "./ask.ts";
import { readDeploymentLog } from "./deployment-log.ts";
import { follow } from "./follow.ts";
import { type LogsOptions, logsLine, searchesLastHour, wantedOf } from "./options.ts";
import { report } from "./report.ts";
import type { LogLine, LogsResult } from "./result.ts";
import { type Track, trackOf } from "./track.ts";
import { beginOf, readWindow } from "./window.ts";

export interface LogsPorts {
  readonly config: Config;
  readonly remote: Remote;
  /** Opened where threads.yml names a log group. */
  readonly logGroup: () => Promise<LogGroup>;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Aborted when nobody reads what is shown any more; undefined where all of it is kept for the result. */
  readonly closed: AbortSignal | undefined;
  /** Hands lines on as they come; undefined where all of them are kept for the result. */
  readonly show: ((lines: readonly LogLine[]) => void) | undefined;
}

/**
 * Shows what the containers of an environment say, merged over its hosts, or the hosts' own log of a deployment. Reads only.
 * @throws ThreadsError USAGE, UNKNOWN_HOST, UNKNOWN_SERVICE (usage), NO_HOSTS, HOST_OFFLINE, NOT_RUNNING, NO_LOG … (refused)
 */
export async function logs(options: LogsOptions, ports: LogsPorts): Promise<LogsResult> {
  const { config, signal, closed } = ports;
  const environment = hostedEnvironment(config, options.environment, (name) =>
    logsLine(options, { environment: name }),
  );
  const stop = closed === undefined ? signal : AbortSignal.any([signal, closed]);
  const work: Work = { options, environment, ports: { ...ports, stop }, tracks: [] };
  try {
    const lines = await read(work);
    const kept = ports.show === undefined ? lines : undefined;
    return report({ ...work, lines: kept, isEmpty: lines.length === 0, outcome: "read" });
  } catch (error) {
    if (closed?.aborted !== true && !(options.follow && signal.aborted)) throw error;
    return report({
      ...work,
      lines: undefined,
      isEmpty: false,
      outcome: closed?.aborted === true ? "read" : "followed",
    });
  }
}

interface Work {
  readonly options: LogsOptions;
  readonly environment: HostedEnvironment;
  readonly ports: LogsPorts & AskPorts;
  tracks: Track[];
}

/** @returns what was read, as far as it was not followed */
async function read(work: Work): Promise<readonly LogLine[]> {
  const { options, ports } = work;
  const { config, clock, progress } = ports;
  const wanted = wantedOf(options, clock.now());
  const found = await findHosts(work);
  work.tracks = found.map(({ host, name }) => trackOf(host, name));
  const place = {
    app: config.app,
    environment: options.environment,
    services: options.services,
    envFile: config.runtime.envFile,
  };
  if (searchesLastHour(options)) progress.note("the last hour is searched; --since looks further back");
  if (options.deployment !== undefined) return readLog(work, options.deployment, place);
  const title = `Read what ${options.services.length === 0 ? "is said" : `${list(options.services)} said`} on ${namesOf(work.tracks)}`;
  const lines = await step(progress, title, async (own) => {
    const onLines = (number: number): void => own.update(count(number, "line"));
    return readWindow(work.tracks, { options, wanted, place, known: config.services, onLines }, ports);
  });
  ports.show?.(lines);
  if (!options.follow || ports.show === undefined) return lines;
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
  const { logGroup: group, ...others } = environment.hosts;
  // Of what grep knows beside it, a regular expression of ours knows nothing.
  if (group === undefined || options.grep?.includes("[[") === true) return undefined;
  const { readOutLog, whyUnread } = await import("./read-out-log.ts");
  const { grep, follow: isFollowed, hosts } = options;
  const wanted = { app: ports.config.app, environment: environment.name, group, number, grep, follow: isFollowed };
  const read = async (onLines: (total: number) => void): Promise<readonly LogLine[] | undefined> => {
    try {
      const show = isFollowed ? ports.show : undefined;
      const only = hosts.length > 0;
      return await readOutLog(
        tracks,
        { ...wanted, only, show, onLines },
        { ...ports, logGroup: await ports.logGroup() },
      );
    } catch (error) {
      ports.progress.warn(`${group} is not read, and the hosts are asked instead: ${whyUnread(error)}`);
      return undefined;
    }
  };
  const title = `Read the log of deployment ${number} in ${group}`;
  const lines = isFollowed
    ? await read(() => undefined)
    : await step(ports.progress, title, (own) => read((total) => own.update(count(total, "line"))));
  if (lines === undefined)
    ports.progress.note(
      `${group} has nothing of deployment ${number}: hosts of ${others.tag}=${others.value} are asked`,
    );
  else if (!isFollowed) ports.show?.(lines);
  return lines;
}

function namesOf(tracks: readonly Track[]): string {
  const names = tracks.filter(({ host }) => host.online).map(({ name }) => name);
  return names.length > 3 ? count(names.length, "host") : list(names);
}

/** Those that are wanted, each with what it is called. @throws ThreadsError NO_HOSTS, HOST_OFFLINE (refused), UNKNOWN_HOST (usage) */
async function findHosts({ options, environment, ports }: Work): Promise<{ host: Host; name: string }[]> {
  const all = await registeredHosts(environment, ports.remote);
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
