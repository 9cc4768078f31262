/** What a compose file says, as far as running it for a while needs it. */
export interface StackModel {
  readonly services: readonly ServiceModel[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

export interface ServiceModel {
  readonly name: string;
  readonly image: string | undefined;
  readonly built: boolean;
  /** What is built, as text: two services with the same are one image. Empty where nothing is. */
  readonly recipe: string;
  readonly dependsOn: readonly string[];
  readonly ending: Ending;
  /** How many containers there are of it; 0 where the file switches it off. */
  readonly replicas: number;
  /** Its container has a name of its own, of which an engine has only one. */
  readonly named: boolean;
  readonly publishes: boolean;
  /** The service whose network it is in, and which alone can publish ports there; undefined where it has its own. */
  readonly networkOf: string | undefined;
}

/** must: another service waits for it to end with 0. may: with 0 it is not started again, and nobody waits. never: it has to keep running. */
export type Ending = "must" | "may" | "never";

/** A service as `docker compose config` prints it, as far as it is read. */
export interface RawService {
  readonly image?: string;
  readonly build?: unknown;
  readonly depends_on?: Readonly<Record<string, { readonly condition?: string }>>;
  readonly restart?: string;
  readonly scale?: number | string;
  readonly deploy?: { readonly replicas?: number | string };
  readonly container_name?: string;
  readonly ports?: readonly unknown[];
  readonly network_mode?: string;
}

/** @param text what `docker compose config --format json` prints */
export function parseModel(text: string): StackModel {
  const raw = JSON.parse(text) as {
    services?: Record<string, RawService>;
    networks?: Record<string, { external?: boolean }>;
    volumes?: Record<string, { external?: boolean }>;
  };
  const services = Object.entries(raw.services ?? {});
  const endings = endingsOf(raw.services ?? {});
  const own = (all: Record<string, { external?: boolean }> = {}): string[] =>
    Object.keys(all).filter((name) => all[name]?.external !== true);
  return {
    services: services.map(([name, service]) => ({
      name,
      image: service.image,
      built: (service.build ?? null) !== null,
      recipe: (service.build ?? null) === null ? "" : JSON.stringify(service.build),
      dependsOn: Object.keys(service.depends_on ?? {}),
      ending: endings[name] ?? "never",
      replicas: Number(service.scale ?? service.deploy?.replicas ?? 1),
      named: service.container_name !== undefined,
      publishes: (service.ports ?? []).length > 0,
      networkOf: /^service:(.+)$/.exec(service.network_mode ?? "")?.[1],
    })),
    networks: own(raw.networks),
    volumes: own(raw.volumes),
  };
}

/** Some of the services of a model. @param text what `docker compose config --format json` prints */
export function servicesIn(text: string, names: readonly string[]): Readonly<Record<string, RawService>> {
  const { services = {} } = JSON.parse(text) as { services?: Record<string, RawService> };
  return Object.fromEntries(Object.entries(services).filter(([name]) => names.length === 0 || names.includes(name)));
}

/** Which services end by themselves: a policy that the file does not give says nothing, since compose has none by default. */
export function endingsOf(services: Readonly<Record<string, RawService>>): Record<string, Ending> {
  const awaited = new Set(
    Object.values(services).flatMap((service) =>
      Object.entries(service.depends_on ?? {})
        .filter(([, { condition }]) => condition === "service_completed_successfully")
        .map(([name]) => name),
    ),
  );
  const ending = (name: string, { restart = "" }: RawService): Ending =>
    awaited.has(name) ? "must" : /^(no|on-failure)/.test(restart) ? "may" : "never";
  return Object.fromEntries(Object.entries(services).map(([name, service]) => [name, ending(name, service)]));
}

/** The service that publishes the ports of another one: itself, or the one whose network that is in. */
export function publisherOf({ services }: Pick<StackModel, "services">, service: string): string {
  const seen = new Set<string>();
  for (let at = service; ;) {
    const next = services.find(({ name }) => name === at)?.networkOf;
    if (next === undefined || seen.has(next)) return at;
    seen.add(next);
    at = next;
  }
}

/** Everything that a service needs before it, itself left out. */
export function dependenciesOf(model: StackModel, service: string): string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    for (const next of model.services.find((one) => one.name === name)?.dependsOn ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(service);
  found.delete(service);
  return [...found];
}
