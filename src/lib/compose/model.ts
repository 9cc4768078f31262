import { labels } from "./commands.ts";

/** What a compose file says, as far as running it for a while needs it. */
export interface StackModel {
  readonly services: readonly ServiceModel[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

interface ServiceModel {
  readonly name: string;
  readonly image: string | undefined;
  readonly built: boolean;
  readonly dependsOn: readonly string[];
  /** Another service waits for it to end with 0; everything else must keep running. */
  readonly oneShot: boolean;
}

interface RawService {
  readonly image?: string;
  readonly build?: unknown;
  readonly depends_on?: Readonly<Record<string, { readonly condition?: string }>>;
}

/** @param text what `docker compose config --format json` prints */
export function parseModel(text: string): StackModel {
  const raw = JSON.parse(text) as {
    services?: Record<string, RawService>;
    networks?: Record<string, { external?: boolean }>;
    volumes?: Record<string, { external?: boolean }>;
  };
  const services = Object.entries(raw.services ?? {});
  const awaited = new Set(
    services.flatMap(([, service]) =>
      Object.entries(service.depends_on ?? {})
        .filter(([, { condition }]) => condition === "service_completed_successfully")
        .map(([name]) => name),
    ),
  );
  const own = (all: Record<string, { external?: boolean }> = {}): string[] =>
    Object.keys(all).filter((name) => all[name]?.external !== true);
  return {
    services: services.map(([name, service]) => ({
      name,
      image: service.image,
      built: service.build !== undefined && service.build !== null,
      dependsOn: Object.keys(service.depends_on ?? {}),
      oneShot: awaited.has(name),
    })),
    networks: own(raw.networks),
    volumes: own(raw.volumes),
  };
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

export interface StackLabels {
  readonly kind: "smoke" | "test";
  /** `<host>:<pid>`, see process/owner.ts. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** A second compose file (JSON is YAML) that labels all of the first one's containers, networks and volumes. */
export function labelOverride(model: StackModel, stack: StackLabels): string {
  const put = {
    labels: {
      [labels[stack.kind]]: "1",
      [labels.owner]: stack.owner,
      [labels.started]: String(Math.floor(stack.startedAt / 1000)),
    },
  };
  const all = (names: readonly string[]): Record<string, typeof put> => Object.fromEntries(names.map((n) => [n, put]));
  return JSON.stringify({
    services: all(model.services.map((service) => service.name)),
    networks: all(model.networks),
    volumes: all(model.volumes),
  });
}
