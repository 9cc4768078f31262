import type { DoctorPorts } from "../actions/doctor/ports.ts";
import { saysNeeded } from "../actions/doctor/protected.ts";
import { readFileSync } from "node:fs";
import { once } from "../aws/once.ts";
import { dockerCompose } from "../compose/docker-compose.ts";
import { publishedNames } from "../config/published-names.ts";
import { originsOf } from "../config/origins.ts";
import { checkBuildx, checkEngine } from "../docker/engine.ts";
import { liveEcs } from "../ecs/live/read.ts";
import { documentsOf } from "../hosts/documents.ts";
import { countParameters } from "../ledger/count-parameters.ts";
import { resolveStack } from "../project/resolve-stack.ts";
import { ecrRepositorySettings } from "../registry/ecr/repository-settings.ts";
import { ecrLifecycle } from "../registry/lifecycle/source.ts";
import { openPlace, openRegistry } from "../registry/open.ts";
import { findDocument, writeDocument } from "../remote/documents.ts";
import { hasLogGroup } from "../remote/has-log-group.ts";
import { logGroup } from "../remote/log-group.ts";
import { ssmRemote } from "../remote/ssm.ts";
import { gitSource } from "../source/git.ts";
import { openLedger } from "./ledger.ts";
import type { World } from "./world.ts";

/** The ports of `threads doctor`: nothing is opened before a check asks for it, so that what is missing hides nothing else. */
export function openDoctor(world: Omit<World, "cancelNow" | "detach">): DoctorPorts {
  const { runtime, env, clock, progress, signal, processes } = world;
  // What is passed over is a finding here.
  const ledger = once(() => openLedger({ ...world, progress: { warn: () => undefined } }, signal));
  const registry = once(async () => {
    const [config, aws] = await Promise.all([world.config(), world.aws()]);
    return { ...(await openRegistry({ config, aws, clock, signal })), aws };
  });
  const source = once(async () => gitSource({ processes, root: (await world.config()).root }));
  const settings = once(async () => ecrRepositorySettings({ ...(await registry()), clock, signal }));
  return {
    runtime,
    env,
    clock,
    progress,
    config: () => world.config(),
    lines: linesOf,
    stack: async (files) => {
      const openModel = (named: readonly string[]) => dockerCompose({ processes, clock, env }).openModel(named, signal);
      return resolveStack(files, (await world.config()).root, { openModel, signal });
    },
    head: async () => (await source()).head(),
    committed: async () => (await source()).files("HEAD"),
    engine: async () => checkEngine({ processes, signal }),
    buildx: async () => checkBuildx({ processes, signal }),
    leftovers: async () => (await import("./leftovers.ts")).leftovers({ clock, signal, processes, env }),
    repo: async () => (await registry()).repo,
    identity: async () => (await registry()).checkAccount(),
    repositories: async () => {
      const [config, { repo }] = await Promise.all([world.config(), registry()]);
      return [...new Set(publishedNames(config).map((name) => repo.repositoryFor(name)))];
    },
    settings: onceEach(async (repository) => (await settings())(repository)),
    lifecycle: async () => ecrLifecycle({ ...(await registry()), clock, signal }),
    ecs: async () => liveEcs({ aws: await world.aws(), clock, signal }),
    documents: async (environment) => {
      const [config, aws] = await Promise.all([world.config(), world.aws()]);
      const { address } = await openPlace({ config, aws, clock, signal });
      return documentsOf({ config, environment, registryHost: address.host, region: aws.region });
    },
    findDocument: async (document) => findDocument(document, { aws: await world.aws(), clock, signal }),
    writeDocument: async (document, isThere) =>
      writeDocument(document, isThere, { aws: await world.aws(), clock, signal }),
    logGroup: async () => logGroup({ aws: await world.aws(), clock, signal }),
    hasLogGroup: async (name) => hasLogGroup(name, { aws: await world.aws(), clock, signal }),
    hosts: async (tag) => ssmRemote({ aws: await world.aws(), clock, signal }).hosts(tag),
    deploymentLog: onceEach(async (name) => (await ledger()).ledger.deploymentLog(name, saysNeeded)),
    policy: async (name) => (await ledger()).ledger.policy(name),
    parameters: async (most) => countParameters(most, { aws: await world.aws(), clock, signal }),
  };
}

function linesOf({ file }: Parameters<DoctorPorts["lines"]>[0]): ReturnType<DoctorPorts["lines"]> {
  const origins = originsOf(readFileSync(file, "utf8"));
  return (key) => origins.find((one) => one.key === key || key.startsWith(`${one.key}.`))?.line ?? null;
}

/** Several checks want the same answer: it is asked for once. */
function onceEach<T>(ask: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (name) => {
    const answer = answers.get(name) ?? ask(name);
    answers.set(name, answer);
    return answer;
  };
}
