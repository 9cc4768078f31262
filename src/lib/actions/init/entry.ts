import type { ComposeService } from "../../project/compose-file.ts";

/** A service that may be the one that answers HTTP. */
export interface Entry {
  readonly service: ComposeService;
  /** Inside the container. */
  readonly port: number;
  readonly because: string;
}

const fronts = /nginx|proxy|gateway|ingress|caddy|traefik|haproxy|envoy|front|edge|lb\b/;
const webs = /web|app|site|api|server|http|ui/;
const dataImages =
  /(?:^|\/)(?:postgres|postgis|mysql|mariadb|mongo|redis|valkey|memcached|rabbitmq|kafka|zookeeper|elasticsearch|opensearch|minio|mailhog|mailpit|adminer|pgadmin|clickhouse)/;

/** Where databases and brokers listen: whatever an image is called, this is no HTTP. */
const dataPorts = new Set([1433, 1521, 1883, 2181, 3306, 4222, 5432, 5672, 6379, 7687, 9042, 9092, 11211, 27017]);

/** Databases, brokers and their consoles: no application. */
export function isData({ name, image, built, ports, exposed }: ComposeService): boolean {
  if (built) return false;
  const all = [...ports.map(({ target }) => target), ...exposed];
  return dataImages.test(image ?? name) || (all.length > 0 && all.every((port) => dataPorts.has(port)));
}

/** Run once for each release, before anything is switched. */
export function isMigration(name: string): boolean {
  return /^(?:db[._-])?migrat(?:e|ion|ions|or)$|[._-]migrate$/.test(name);
}

/** What ticks must tick once. */
export function isSingle(name: string): boolean {
  return /beat|scheduler|cron|clock/.test(name);
}

/** Services that publish or expose a port, the likeliest first: what stands in front, then what is called web. */
export function entriesOf(services: readonly ComposeService[]): Entry[] {
  const needed = new Set(services.flatMap(({ dependsOn }) => dependsOn));
  const rank = ({ name, image, ports }: ComposeService): number =>
    (ports.length > 0 ? 0 : 8) +
    (fronts.test(`${name} ${image ?? ""}`) ? 0 : webs.test(name) ? 1 : 2) +
    (needed.has(name) ? 3 : 0);
  return services
    .filter((service) => !isData(service) && service.profiles.length === 0)
    .flatMap((service) => entryOf(service) ?? [])
    .toSorted((a, b) => rank(a.service) - rank(b.service));
}

const usualPorts = [80, 8080, 8000, 3000, 5000];

function entryOf(service: ComposeService): Entry | undefined {
  const { ports, exposed, name } = service;
  const likely = (numbers: readonly number[]): number | undefined =>
    usualPorts.find((port) => numbers.includes(port)) ?? numbers.find((port) => port !== 443);
  const target = likely(ports.map((port) => port.target));
  if (target !== undefined) return { service, port: target, because: `${name} publishes its port ${target}` };
  const inside = likely(exposed);
  if (inside === undefined) return undefined;
  return { service, port: inside, because: `${name} exposes its port ${inside}` };
}
