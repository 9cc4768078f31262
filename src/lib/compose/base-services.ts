import type { OpenService } from "./raw-model.ts";
import { list } from "../text/words.ts";

export interface BaseFacts {
  /** The service that answers HTTP, and the migration: both belong to a release. */
  readonly entry: string;
  readonly migrate: string | undefined;
  /** Services whose image is not built here. */
  readonly elsewhere: readonly string[];
  /** What runtime.shared names. */
  readonly shared: readonly string[];
}

type Services = Readonly<Record<string, OpenService>>;

/**
 * Services that run once, for both slots: those that are not built here or that threads.yml shares, unless they need one
 * that every slot has of its own; and those of which a host cannot run two.
 * @param problems takes what is in contradiction with that. @returns their names, in the order of the model
 */
export function baseServices(services: Services, facts: BaseFacts, problems: string[]): string[] {
  const { entry, shared } = facts;
  const groups = tiedGroups(services).map((members) => groupOf(members, services, facts));
  let base = groups.filter(({ isCandidate }) => isCandidate);
  for (let before = groups.length; base.length < before;) {
    before = base.length;
    const names = new Set(base.flatMap(({ members }) => members));
    base = base.filter(({ isSingle, needs }) => isSingle || needs.every((name) => names.has(name)));
  }
  const names = new Set(base.flatMap(({ members }) => members));
  for (const name of shared.filter((one) => services[one] === undefined))
    problems.push(`has no service ${name}, but runtime.shared in threads.yml names it`);
  for (const name of shared.filter((one) => services[one] !== undefined && !names.has(one)))
    problems.push(whyNotShared(name, groups, names));
  for (const name of groups.find(({ members }) => members.includes(entry))?.members ?? []) {
    const why = singleReason(services[name]);
    if (why !== undefined) problems.push(`${name} ${why}, so that no second slot can have one: ${recreate}`);
  }
  return Object.keys(services).filter((name) => names.has(name));
}

const recreate = "change that, or use runtime.strategy: recreate";

/** Why a host cannot run two containers of a service; undefined where it can. */
export function singleReason(service: OpenService | undefined): string | undefined {
  const { network_mode: network, devices = [], privileged, pid, ipc } = service ?? {};
  if (network === "host") return "uses the host's network";
  if (devices.length > 0) return "uses a device of the host";
  if (String(privileged) === "true" && (pid === "host" || ipc === "host")) return "uses the host's processes";
  return undefined;
}

/** Services that cannot be in two projects, since one uses network, processes or volumes of another's container. */
interface Group {
  readonly members: readonly string[];
  readonly isCandidate: boolean;
  /** Whatever it needs. */
  readonly isSingle: boolean;
  /** Services outside of it. */
  readonly needs: readonly string[];
}

function groupOf(members: readonly string[], services: Services, facts: BaseFacts): Group {
  const { entry, migrate, elsewhere, shared } = facts;
  const isOwn = members.some((name) => name === entry || name === migrate);
  const isSingle = !isOwn && members.some((name) => singleReason(services[name]) !== undefined);
  // Whose container the others use decides for them.
  const roots = members.filter((name) => tiesOf(services[name]).length === 0);
  const isShared = roots.every((name) => elsewhere.includes(name) || shared.includes(name));
  const needs = members.flatMap((name) => Object.keys(services[name]?.depends_on ?? {}));
  return {
    members,
    isCandidate: !isOwn && (isSingle || isShared),
    isSingle,
    needs: needs.filter((name) => services[name] !== undefined && !members.includes(name)),
  };
}

function tiedGroups(services: Services): string[][] {
  const names = Object.keys(services);
  const groups = new Map(names.map((name) => [name, new Set([name])]));
  for (const name of names)
    for (const other of tiesOf(services[name])) {
      const both = new Set([...(groups.get(name) ?? []), ...(groups.get(other) ?? [])]);
      for (const member of both) groups.set(member, both);
    }
  return [...new Set(groups.values())].map((members) => [...members]);
}

function tiesOf(service: OpenService | undefined): string[] {
  const { network_mode: network = "", pid = "", ipc = "", volumes_from: from = [] } = service ?? {};
  const modes = [network, pid, ipc].flatMap((mode) => /^service:(.+)$/.exec(mode)?.[1] ?? []);
  return [...modes, ...from.filter((one) => !one.startsWith("container:")).map((one) => one.replace(/:r[ow]$/, ""))];
}

function whyNotShared(name: string, groups: readonly Group[], base: ReadonlySet<string>): string {
  const needs = groups.find(({ members }) => members.includes(name))?.needs ?? [];
  const own = needs.filter((one) => !base.has(one));
  const because = own.length === 0 ? "belongs to a service of the slots" : `needs ${list(own)}`;
  return `runtime.shared in threads.yml names ${name}, which ${because}: each slot has that of its own, so take ${name} out of runtime.shared`;
}
