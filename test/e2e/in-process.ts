import { systemClock } from "../../src/lib/clock/clock.ts";
import { dockerCompose } from "../../src/lib/compose/docker-compose.ts";
import { loadConfig } from "../../src/lib/config/load.ts";
import { findLeftovers } from "../../src/lib/compose/leftovers.ts";
import { dockerArchive } from "../../src/lib/docker/archive.ts";
import { temporaryRoot } from "../../src/lib/docker/private-folder.ts";
import { copyOut } from "../../src/lib/docker/copy-out.ts";
import { dockerRun } from "../../src/lib/docker/run.ts";
import { httpGet } from "../../src/lib/probe/http-get.ts";
import { systemProcesses } from "../../src/lib/process/execa.ts";
import { ownerIsAlive } from "../../src/lib/process/owner.ts";
import { type Progress, silentProgress } from "../../src/lib/progress/progress.ts";
import { bringReports } from "../../src/lib/suites/reports.ts";
import { gitSource } from "../../src/lib/source/git.ts";
import type { SmokePorts } from "../../src/lib/actions/smoke/run.ts";
import type { TestPorts } from "../../src/lib/actions/test/run.ts";

export interface InProcess {
  readonly ports: SmokePorts & TestPorts;
  readonly lines: string[];
  readonly warnings: string[];
}

/** The real ports for a project in `root`; what is told is kept. */
export function inProcess(root: string, env: Record<string, string | undefined> = process.env): InProcess {
  const lines: string[] = [];
  const warnings: string[] = [];
  const progress: Progress = {
    ...silentProgress,
    note: (text) => lines.push(text),
    warn: (text) => warnings.push(text),
    line: (text) => lines.push(text),
  };
  const source = gitSource({ processes: systemProcesses, root });
  const signal = new AbortController().signal;
  const compose = dockerCompose({ processes: systemProcesses, clock: systemClock, env });
  const given = { compose, docker: dockerRun({ processes: systemProcesses }), temporary: temporaryRoot(), signal };
  const ports: InProcess["ports"] = {
    config: loadConfig({ start: root, file: undefined, env }),
    compose,
    leftovers: (listed) => findLeftovers({ ...given, alive: ownerIsAlive, now: Date.now() }, listed),
    source,
    archive: dockerArchive({ processes: systemProcesses }),
    ignored: (paths: readonly string[]) => source.ignored(paths),
    get: httpGet,
    reports: bringReports((what) => copyOut(what, { processes: systemProcesses, signal })),
    clock: systemClock,
    progress,
    signal,
    env,
    cancelNow: new AbortController().signal,
  };
  return { ports, lines, warnings };
}
