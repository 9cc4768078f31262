import { join } from "node:path";
import type { Stage, StageWanted } from "../actions/rehearse/ports.ts";
import type { Config } from "../config/config.ts";
import { engineSocket } from "../docker/address.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { EcrRepo } from "../image/ecr-repo.ts";
import { ownerIsAlive, thisOwner } from "../process/owner.ts";
import type { FetchBlob } from "../registry/oci/fetch-images.ts";
import type { Registry } from "../registry/registry.ts";
import { down } from "../sandbox/down.ts";
import { hostSteps } from "../sandbox/host-steps.ts";
import { watchLocks } from "../sandbox/lock-watch.ts";
import { watchMemory } from "../sandbox/memory-watch.ts";
import { packageFiles } from "../sandbox/package-root.ts";
import { beginRehearsal, endRehearsal, type Rehearsal, rehearsalsIn } from "../sandbox/rehearsals.ts";
import { knownState, type SandboxPorts } from "../sandbox/sandbox.ts";
import type { SandboxState } from "../sandbox/state.ts";
import { up } from "../sandbox/up.ts";
import type { UpResult } from "../sandbox/up-result.ts";
import { copyReleases, lying } from "./copy-releases.ts";
import { openDeployment } from "./deployment.ts";
import { openRollback } from "./rollback.ts";
import { openSandbox } from "./sandbox.ts";
import { stageConfig, stageWorld } from "./stage-world.ts";
import type { World } from "./world.ts";

/** Where the releases are that the stage is to have. */
interface Theirs {
  readonly config: Config;
  readonly repo: EcrRepo;
  readonly registry: Registry;
  readonly fetchBlob: FetchBlob;
}

/** Brings a sandbox up beside the checkout's own, with the images of the releases. Where that fails nothing of it stays. */
export async function openStage(wanted: StageWanted, theirs: Theirs, world: World): Promise<Stage> {
  const { repo, registry, fetchBlob } = theirs;
  const { environment, hosts, releases } = wanted;
  const { root } = theirs.config;
  const opened = await openSandbox(world);
  await removeLeftovers(root, opened);
  const rehearsal = beginRehearsal(root, thisOwner());
  const config = stageConfig(theirs.config, wanted);
  const pins = releases.flatMap((published) => Object.values(lying(published, config.registry.bundle)));
  const repositories = [...new Set(pins.map((pin) => pin.repository))];
  const ports: SandboxPorts = { ...opened, config: { ...config, root: rehearsal.root }, repositories };
  const close = (): Promise<void> => remove(rehearsal, root, ports);
  try {
    const counts = [{ env: environment.name, count: hosts }];
    const there = await up({ hosts: counts, env: world.env, files: packageFiles(import.meta.url) }, ports);
    const state = knownState(rehearsal.root);
    const inside = stageWorld({ config, repo, state }, world);
    await copyReleases({ releases, folder: join(rehearsal.root, "copies"), registry, fetchBlob, to: inside });
    return { ...actsOn({ environment: environment.name, config, state }, inside), places: placesOf(there), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Those of rehearsals that were killed. */
async function removeLeftovers(checkout: string, ports: SandboxPorts): Promise<void> {
  for (const left of rehearsalsIn(checkout).filter(({ owner }) => !ownerIsAlive(owner))) {
    ports.progress.note(`Removing what a rehearsal has left that was killed (${left.id})`);
    await remove(left, checkout, { ...ports, config: { ...ports.config, root: left.root } });
  }
}

async function remove(rehearsal: Rehearsal, checkout: string, ports: SandboxPorts): Promise<void> {
  await down({ purge: true }, ports);
  endRehearsal(checkout, rehearsal);
}

interface Standing {
  readonly environment: string;
  readonly config: Config;
  readonly state: SandboxState;
}

/** The commands themselves, and eyes on the hosts beside them. */
function actsOn({ environment, config, state }: Standing, inside: World): Omit<Stage, "places" | "close"> {
  const { processes, clock, env, progress } = inside;
  const common = { environment, dryRun: false, supersede: undefined };
  return {
    deploy: async (release) => {
      const { deploy } = await import("../actions/deploy/run.ts");
      const options = { ...common, release, force: false, unverified: true, allowOlder: true };
      return deploy(options, await openDeployment(inside));
    },
    rollback: async () => {
      const { rollback } = await import("../actions/rollback/run.ts");
      return rollback(common, await openRollback(inside));
    },
    stepsOf: (number) => hostSteps(number, state, { processes }),
    watch: () => {
      const memory = watchMemory({ state, socket: engineSocket(env) }, { processes, clock });
      const hasPostgres = config.sandbox.services.includes("postgres");
      const locks = hasPostgres ? watchLocks({ app: config.app, environment, state }, { processes }) : undefined;
      const unseen = (error: Error): null => {
        progress.warn(`${error.message}: who has to wait tells of them alone`);
        return null;
      };
      return {
        stop: async () => ({ locks: (await locks?.stop().catch(unseen)) ?? null, memory: await memory.stop() }),
      };
    },
  };
}

/** @throws ThreadsError NO_URL (refused) */
function placesOf({ hosts }: UpResult): Stage["places"] {
  const places = hosts.flatMap(({ name, url }) => (url === null ? [] : [{ host: name, url }]));
  if (places.length === hosts.length) return places;
  throw new ThreadsError("NO_URL", {
    message:
      "the hosts of a sandbox answer to themselves only: the compose file publishes its port on an address of the host",
    advice: ["publish the port without an address to have it asked from this machine"],
  });
}
