import { list } from "../text/words.ts";
import type { Config } from "../config/config.ts";
import { edgeName } from "../release/release.ts";
import { type BaseFacts, baseServices, singleReason } from "./base-services.ts";
import { composeFileFault } from "./file-fault.ts";
import { type Front, frontsOf } from "./fronts.ts";
import { linksOf } from "./links.ts";
import { isOwn, networksOf, type Resources } from "./raw-model.ts";
import { baseModel, slotModel } from "./slot-model.ts";
import { modelYaml } from "./yaml.ts";

export interface SlotFacts extends Omit<BaseFacts, "entry"> {
  readonly app: string;
  /** The service that answers HTTP, and its port inside the container. */
  readonly entry: { readonly service: string; readonly port: number };
  /** Named volumes of which each slot has its own. */
  readonly perSlot: readonly string[];
  readonly previous: "stopped" | "warm";
  /** Ports inside of containers that the edge hands on as TCP. */
  readonly tcp: readonly number[];
  /** Whether the edge is told by the PROXY protocol who asks. */
  readonly proxyProtocol: boolean;
  /** How messages name the compose files. */
  readonly files: string;
}

/** What threads.yml says of it. */
export function slotFacts(
  { app, smoke, runtime }: Pick<Config, "app" | "smoke" | "runtime">,
  more: Pick<SlotFacts, "elsewhere" | "files">,
): SlotFacts {
  const { migrate, shared, perSlot, previous, edge } = runtime;
  const { tcp, proxyProtocol } = edge;
  return { app, entry: smoke.entry, migrate, shared, perSlot, previous, tcp, proxyProtocol, ...more };
}

/** What a host needs to run a model in two slots behind an edge. */
export interface SlotFiles {
  /** By name in the bundle. */
  readonly files: Readonly<Record<string, string>>;
  /** What a person should know of it. */
  readonly warnings: readonly string[];
}

/**
 * Takes a model apart: what each slot has of its own, what runs once beside both, and the ports in front of them.
 * @throws ThreadsError COMPOSE_FILE with all that cannot be doubled, and what to do about it
 */
export function slotFiles(model: Resources, facts: SlotFacts): SlotFiles {
  const { base, fronts, problems } = examine(model, facts);
  if (problems.length > 0)
    throw composeFileFault(
      `${facts.files} cannot run in slots as it is: ${problems[0] ?? ""}`,
      "correct what it says",
      {
        details: problems,
      },
    );
  const parts = { base, fronts, app: facts.app, perSlot: facts.perSlot };
  return {
    files: {
      "model/slot.yml": modelYaml(slotModel(model, parts)),
      ...(base.length === 0 ? {} : { "model/base.yml": modelYaml(baseModel(model, parts)) }),
      "model/links": linksOf(model, base).map(lineOf).join(""),
      "model/fronts.yml": modelYaml(frontsModel(fronts)),
      "model/fronts": fronts
        .map(({ service, target, protocol }, at) => lineOf([at + 1, service, target, protocol]))
        .join(""),
      "model/strategy": lineOf(["slots", facts.previous, ...(facts.proxyProtocol ? ["proxy"] : [])]),
    },
    warnings: [
      ...onceAnyhow(model, base, facts),
      ...twiceAnyhow(model, base, facts),
      ...fixedAddresses(model, base),
      ...sharedNetworks(model, base),
    ],
  };
}

/** All for which `slotFiles` would refuse it. */
export function slotProblems(model: Resources, facts: SlotFacts): readonly string[] {
  return examine(model, facts).problems;
}

function examine(model: Resources, facts: SlotFacts) {
  const problems: string[] = [];
  const { services } = model;
  const base = baseServices(services, { ...facts, entry: facts.entry.service }, problems);
  const slot = Object.fromEntries(Object.entries(services).filter(([name]) => !base.includes(name)));
  const fronts = frontsOf(slot, { ...facts.entry, tcp: facts.tcp }, problems);
  problems.push(...wrongVolumes(model, base, facts), ...takenNames(model));
  return { base, fronts, problems };
}

function lineOf(words: readonly (string | number)[]): string {
  return `${words.join(" ")}\n`;
}

/** Nothing runs of it: compose tells by it, on a host, what the variables in the ports stand for. */
function frontsModel(fronts: readonly Front[]): object {
  return { services: { fronts: { image: "none", command: fronts.map(({ published }) => published) } } };
}

function wrongVolumes(
  { services, volumes = {} }: Resources,
  base: readonly string[],
  { perSlot }: SlotFacts,
): string[] {
  return perSlot.flatMap((volume) => {
    const named = "runtime.per_slot in threads.yml names";
    const there = volumes[volume];
    if (there === undefined) return [`has no volume ${volume}, but ${named} it`];
    if (!isOwn(there)) return [`${named} ${volume}, which has a name or is external, and so is the same for all`];
    const users = base.filter((service) => services[service]?.volumes?.some(({ source }) => source === volume));
    return users.length === 0
      ? []
      : [`${named} ${volume}, which ${list(users)} has too, and that runs once for both slots`];
  });
}

function takenNames({ services }: Resources): string[] {
  return services[edgeName] !== undefined
    ? [
        `has a service ${edgeName}, whose image would have the repository of the proxy in front of the slots: name it differently`,
      ]
    : [];
}

/** A service of ours that is not switched like the others. */
function onceAnyhow({ services }: Resources, base: readonly string[], { elsewhere, shared }: SlotFacts): string[] {
  return base.flatMap((name) => {
    if (elsewhere.includes(name) || shared.includes(name)) return [];
    const why = singleReason(services[name]) ?? "uses the container of one that runs once";
    return [`${name} ${why}: it runs once, and is replaced with each release`];
  });
}

/** A database that is dragged into the slots would have two servers on one set of files. */
function twiceAnyhow({ services, volumes = {} }: Resources, base: readonly string[], facts: SlotFacts): string[] {
  return facts.elsewhere
    .filter((name) => services[name] !== undefined && !base.includes(name))
    .flatMap((name) => {
      const sources = services[name]?.volumes?.flatMap(({ source = "" }) => source) ?? [];
      const same = sources.filter((source) => volumes[source] !== undefined && !facts.perSlot.includes(source));
      if (same.length === 0) return [];
      return [
        `${name} is not built here, yet needs what each slot has of its own: both slots have one, on the same ${list(same)}`,
      ];
    });
}

/** Whoever has written such an address down somewhere will not find the service there. */
function fixedAddresses({ services }: Resources, base: readonly string[]): string[] {
  return Object.entries(services)
    .filter(([name]) => !base.includes(name))
    .flatMap(([name, service]) =>
      Object.values(networksOf(service)).flatMap((on) =>
        [on?.ipv4_address ?? [], on?.ipv6_address ?? []]
          .flat()
          .map(
            (address) =>
              `${name} has the address ${address}, which only one slot could have: let others find it by its name`,
          ),
      ),
    );
}

/** Slots share no network of their own, or `web` of one would answer for `web` of the other. */
function sharedNetworks({ services, networks = {} }: Resources, base: readonly string[]): string[] {
  const slot = Object.entries(services).filter(([name]) => !base.includes(name));
  return Object.entries(networks).flatMap(([network, resource]) => {
    const on = slot.filter(([, service]) => network in networksOf(service)).map(([name]) => name);
    if (isOwn(resource) || on.length === 0) return [];
    return [`network ${network} is the same for both slots: on it ${list(on)} of one slot may answer for the other's`];
  });
}
