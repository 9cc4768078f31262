import type { Front } from "./fronts.ts";
import {
  isOwn,
  type Kind,
  networksOf,
  type OpenService,
  type RawAttachment,
  type RawPort,
  type RawResource,
  type Resources,
} from "./raw-model.ts";

/** How a model is taken apart. */
export interface Parts {
  /** Services that run once. */
  readonly base: readonly string[];
  readonly fronts: readonly Front[];
  readonly app: string;
  /** Named volumes of which each slot has its own. */
  readonly perSlot: readonly string[];
}

/** The compose file of one slot: everything but the base, nothing in it of which a host has only one. */
export function slotModel(model: Resources, parts: Parts): Resources {
  const { base, app, perSlot } = parts;
  const own = Object.entries(model.services).filter(([name]) => !base.includes(name));
  const services = Object.fromEntries(own.map(([name, service]) => [name, slotService(name, service, parts)]));
  return {
    services,
    ...used(services, {
      ...without(model, ["services"]),
      ...mapped("networks", model, (_key, network) => (isOwn(network) ? without(network, ["ipam"]) : network)),
      ...mapped("volumes", model, (key, volume) => (perSlot.includes(key) ? volume : named(app, key, volume))),
    }),
  };
}

/** The compose file of what runs once, on the volumes that the slots have too. */
export function baseModel(model: Resources, { base, app }: Parts): Resources {
  const services = Object.fromEntries(
    Object.entries(model.services)
      .filter(([name]) => base.includes(name))
      .map(([name, service]) => [name, withoutNeeds(service, (other) => !base.includes(other))]),
  );
  return {
    services,
    ...used(services, {
      ...without(model, ["services"]),
      ...mapped("volumes", model, (key, volume) => named(app, key, volume)),
    }),
  };
}

function slotService(name: string, service: OpenService, { base, fronts }: Parts): OpenService {
  const alone = withoutNeeds(service, (other) => base.includes(other));
  const ports = fronts.flatMap((front, at) => (front.service === name ? [loopback(front, at + 1)] : []));
  return {
    ...without(alone, ["ports", "networks", "restart"]),
    ...(alone.networks && { networks: withoutAddresses(alone.networks) }),
    // Docker starts one that is to run always with the machine, even if it was stopped: both slots would be up.
    ...(alone.restart !== undefined && { restart: alone.restart === "always" ? "unless-stopped" : alone.restart }),
    ...(ports.length > 0 && { ports }),
  };
}

/** Only the edge of the same host comes here; which port it is differs between the slots. */
function loopback({ target, mode }: Front, number: number): RawPort {
  return { target, published: `\${THREADS_FRONT_${number}}`, host_ip: "127.0.0.1", protocol: "tcp", mode };
}

/** Takes out what a service says of those that are in another project. */
function withoutNeeds(service: OpenService, isAway: (name: string) => boolean): OpenService {
  const nameOf = (link: string): string => link.split(":")[0] ?? "";
  const needs = Object.entries(service.depends_on ?? {}).filter(([name]) => !isAway(name));
  const lists = (["links", "external_links"] as const).map(
    (key) => [key, service[key]?.filter((link) => !isAway(nameOf(link))) ?? []] as const,
  );
  return {
    ...without(service, ["depends_on", "links", "external_links"]),
    ...(needs.length > 0 && { depends_on: Object.fromEntries(needs) }),
    ...Object.fromEntries(lists.filter(([, links]) => links.length > 0)),
  };
}

/** An address belongs to one container. */
function withoutAddresses(networks: NonNullable<OpenService["networks"]>): NonNullable<OpenService["networks"]> {
  const addresses = ["ipv4_address", "ipv6_address", "link_local_ips", "mac_address"] as const;
  const free = (one: RawAttachment | null): RawAttachment | null => (one === null ? null : without(one, addresses));
  return Object.fromEntries(Object.entries(networks).map(([name, one]) => [name, free(one)]));
}

/** The name that compose gives it in a project called as the application. */
function named(app: string, key: string, volume: RawResource): RawResource {
  return isOwn(volume) ? { name: `${app}_${key}`, ...volume } : volume;
}

function mapped(
  kind: Kind,
  model: Resources,
  change: (key: string, resource: RawResource) => RawResource,
): Partial<Resources> {
  const all = model[kind];
  if (all === undefined) return {};
  return { [kind]: Object.fromEntries(Object.entries(all).map(([key, one]) => [key, change(key, one)])) };
}

/** Networks and volumes that these services have; compose itself leaves out configs and secrets that nobody has. */
function used(services: Resources["services"], resources: Omit<Resources, "services">): Omit<Resources, "services"> {
  const all = Object.values(services);
  const sources = new Set(all.flatMap(({ volumes = [] }) => volumes.flatMap(({ source }) => source ?? [])));
  const isOpen = [...sources].some((source) => source.includes("$"));
  const isUsed: Partial<Record<Kind, (key: string) => boolean>> = {
    networks: (key) => all.some((service) => key in networksOf(service)),
    volumes: (key) => isOpen || sources.has(key),
  };
  const kept = Object.entries(resources).map(([kind, some]) => {
    const keep = isUsed[kind as Kind] ?? (() => true);
    return [kind, Object.fromEntries(Object.entries(some).filter(([key]) => keep(key)))] as const;
  });
  return Object.fromEntries(kept.filter(([, some]) => Object.keys(some).length > 0));
}

function without<T extends object, Key extends keyof T>(value: T, keys: readonly Key[]): Omit<T, Key> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key as Key))) as Omit<T, Key>;
}
