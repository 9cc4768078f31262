import { Document, isMap, isScalar, isSeq } from "yaml";
import { labels } from "./commands.ts";
import { publisherOf, type ServiceModel, type StackModel } from "./stack-model.ts";

export interface StackLabels {
  readonly kind: "smoke" | "test";
  /** `<host>:<pid>`, see process/owner.ts. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** It stays when its run is over. */
  readonly keep?: boolean;
}

/** What `threads` wants of a stack, whatever its own files say. */
export interface Wanted {
  /** Of the stack: its networks and volumes are named after it. */
  readonly project: string;
  readonly labels: StackLabels;
  /** By service: the image that it is built as, or runs. */
  readonly images: Readonly<Record<string, string>>;
  /** What every image that is built here carries. */
  readonly sources: Sources;
  /** The one service that is asked from outside, and its port inside. No other one takes a port of this machine. */
  readonly entry?: { readonly service: string; readonly port: number } | undefined;
}

/** From what an image is built: labels that publish reads, and build arguments for a Dockerfile that has them. */
export interface Sources {
  /** Full sha, or the same with `-dirty`. */
  readonly revision: string;
  readonly tree: string;
}

export const imageLabels = { revision: "org.opencontainers.image.revision", tree: "org.threads.tree" } as const;

/**
 * A second compose file that puts into the stack what `threads` wants of it, so that the application's own file needs
 * to know nothing of it. `!override` and `!reset` came with Compose 2.24.
 */
export function stackOverride(model: StackModel, wanted: Wanted): string {
  const put = {
    labels: {
      [labels[wanted.labels.kind]]: "1",
      [labels.owner]: wanted.labels.owner,
      [labels.started]: String(Math.floor(wanted.labels.startedAt / 1000)),
      ...(wanted.labels.keep === true && { [labels.keep]: "1" }),
    },
  };
  // One that the files name may be there already, with somebody's data: it would be taken for this stack's, and go with it.
  const all = (names: readonly string[]): object =>
    Object.fromEntries(names.map((name) => [name, { ...put, name: `${wanted.project}_${name}` }]));
  const { entry } = wanted;
  const published = entry && { ...entry, service: publisherOf(model, entry.service) };
  const document = new Document(
    {
      services: Object.fromEntries(
        model.services.map((service) => [
          service.name,
          { ...put, ...serviceOverride(service, { ...wanted, entry: published }) },
        ]),
      ),
      networks: all(model.networks),
      volumes: all(model.volumes),
    },
    { aliasDuplicateObjects: false },
  );
  for (const { name } of model.services) replaceWhole(document, name);
  return document.toString({ lineWidth: 0 });
}

function serviceOverride(service: ServiceModel, { images, sources, entry }: Wanted): object {
  const image = images[service.name];
  const { revision, tree } = sources;
  const build = {
    labels: { [imageLabels.revision]: revision, [imageLabels.tree]: tree },
    args: { REVISION: revision, TREE: tree },
  };
  return {
    ...(image === undefined ? {} : { image }),
    ...(service.built ? { build } : {}),
    // One that is taken already would stop the stack; nobody looks for this one by its name.
    ...(service.named ? { container_name: null } : {}),
    ...portsOf(service, entry),
  };
}

function portsOf(service: ServiceModel, entry: Wanted["entry"]): { readonly ports?: readonly object[] } {
  if (service.name === entry?.service)
    return { ports: [{ target: entry.port, published: "0", host_ip: "127.0.0.1", protocol: "tcp", mode: "host" }] };
  return service.publishes ? { ports: [] } : {};
}

/** Compose adds up lists of two files, and keeps a name where the second one has none. */
function replaceWhole(document: Document, service: string): void {
  const own = document.getIn(["services", service]);
  if (!isMap(own)) return;
  const ports = own.get("ports", true);
  if (isSeq(ports)) ports.tag = "!override";
  const name: unknown = own.get("container_name", true);
  if (isScalar(name)) name.tag = "!reset";
}
