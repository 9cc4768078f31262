import { isOwn, networksOf, type OpenService, type Resources } from "./raw-model.ts";

/**
 * By which networks the slots reach what runs once, a line each: network, service, other names. Networks that are the same for
 * all need none, and so do those on which no slot has anybody.
 */
export function linksOf({ services, networks = {} }: Resources, base: readonly string[]): string[][] {
  const slot = Object.entries(services).flatMap(([name, service]) => (base.includes(name) ? [] : [service]));
  const isNeeded = (network: string): boolean =>
    isOwn(networks[network] ?? {}) && slot.some((service) => network in networksOf(service));
  return Object.entries(services)
    .filter(([name]) => base.includes(name))
    .flatMap(([name, service]) => {
      const linked = slot.flatMap((one) => linkAliases(one, name));
      return Object.entries(networksOf(service))
        .filter(([network]) => isNeeded(network))
        .map(([network, attachment]) => [network, name, ...new Set([...(attachment?.aliases ?? []), ...linked])]);
    });
}

/** `links: [db:database]` gave it another name. */
function linkAliases({ links = [] }: OpenService, name: string): string[] {
  return links.flatMap((link) => {
    const [service, alias = name] = link.split(":");
    return service === name && alias !== name ? [alias] : [];
  });
}
