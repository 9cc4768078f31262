import type { BoardPorts, ShowPorts } from "../actions/board/ports.ts";
import { gates } from "../actions/gates/run.ts";
import { timeline } from "../actions/history/timeline.ts";
import { status } from "../actions/status/run.ts";
import { untilFailed } from "../aws/until-failed.ts";
import { type Progress, silentProgress } from "../progress/progress.ts";
import { environmentUrls } from "./environment-urls.ts";
import { openGates } from "./gates.ts";
import { openStatus } from "./status.ts";
import type { World } from "./world.ts";

/** The ports of one look of `threads board`: the questions of other commands, which say nothing while they are asked. */
export async function openBoard(world: World): Promise<BoardPorts> {
  const quiet = { ...world, progress: quietly(world.progress) };
  const [own, urls] = await Promise.all([openStatus(quiet), environmentUrls(world)]);
  const { config, ledger, clock, signal } = own;
  // ECR is asked where something waits. Credentials that had expired at one look are renewed by another.
  const judged = untilFailed(() => openGates(quiet));
  return {
    config,
    ledger,
    urls,
    clock,
    signal,
    status: async (environment) => {
      const { environments } = await status({ environment }, own);
      return environments.find((one) => one.environment === environment) as (typeof environments)[number];
    },
    past: (environment) => timeline({ environment, limit: undefined }, { config, ledger }),
    gates: (release, environment) => judged((judges) => gates({ release, environment }, judges)),
  };
}

/** The same warning at each look is one. */
function quietly(progress: Progress): Progress {
  const told = new Set<string>();
  const warn = (text: string): void => {
    if (!told.has(text)) progress.warn(text);
    told.add(text);
  };
  return { ...silentProgress, warn };
}

/** What follows logs, and what answers browsers: loaded where a page is shown. */
export async function openBoardPage(world: World): Promise<Pick<ShowPorts, "follow" | "serve">> {
  const [{ logs }, { openLogs }, { openLocalServer }] = await Promise.all([
    import("../actions/logs/run.ts"),
    import("./logs.ts"),
    import("../process/local-server.ts"),
  ]);
  return {
    serve: openLocalServer,
    follow: async (environment, { show, missing, closed }) => {
      const all = { services: [], hosts: [], since: undefined, grep: undefined, tail: 100, deployment: undefined };
      const quiet = { ...world, progress: silentProgress };
      await logs({ environment, follow: true, ...all }, await openLogs(quiet, { show, missing, closed }));
    },
  };
}
