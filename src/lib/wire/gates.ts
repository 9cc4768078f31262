import type { GatesPorts } from "../actions/gates/run.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { ecrPushes } from "../registry/ecr/pushes.ts";
import { ecrScans } from "../registry/ecr/scan-findings.ts";
import type { ReadAhead } from "../provenance/provenance.ts";
import { openRegistry, type OpenRegistry } from "../registry/open.ts";
import { gitSource } from "../source/git.ts";
import { gitLineage, type Lineage } from "../source/lineage.ts";
import type { Source } from "../source/source.ts";
import { openLedger } from "./ledger.ts";
import { lazySignatures } from "./signatures.ts";
import { openProvenance } from "./provenance.ts";
import type { World } from "./world.ts";

/** The part of the world that gates are judged by. */
export type GatesWorld = Pick<
  World,
  "config" | "aws" | "clock" | "progress" | "signal" | "processes" | "env" | "runtime"
>;

/** Whole ports, of which a gate needs a part: a promotion has them too. */
export interface OpenGates extends Omit<GatesPorts, keyof OpenRegistry>, OpenRegistry {
  readonly source: Source;
  readonly lineage: Lineage;
  readonly ledger: Ledger;
  readonly readAhead: ReadAhead;
}

/** The ports of `threads gates`. Nothing is asked beyond what openRegistry settles. */
export async function openGates(world: GatesWorld): Promise<OpenGates> {
  const { clock, progress, signal, processes, env } = world;
  const { config, aws, ledger, identify } = await openLedger(world, signal);
  const opened = await openRegistry({ config, aws, clock, signal, identify });
  const git = { processes, root: config.root };
  const source = gitSource(git);
  return {
    ...opened,
    config,
    source,
    ...openProvenance({ config, source, registry: opened.registry, aws }, world),
    lineage: gitLineage(git),
    // Where no gate asks GitHub, what asks it is not loaded.
    checks: {
      checksOf: async (revision) => {
        const { githubChecks } = await import("../source/github-checks.ts");
        return githubChecks({ ...git, env, signal }).checksOf(revision);
      },
    },
    signatures: lazySignatures({ processes, env, root: config.root, signal, ...opened.registry }),
    // Where no window names a calendar, what asks for it is not loaded.
    calendars: {
      stateOf: async (names) => {
        const { changeCalendars } = await import("../remote/change-calendar.ts");
        return changeCalendars({ aws, clock, signal }).stateOf(names);
      },
    },
    pushes: ecrPushes({ ...opened, aws, clock, signal }),
    scans: ecrScans({ ...opened, aws, clock, signal }),
    ledger,
    progress,
  };
}
