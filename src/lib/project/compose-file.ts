import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { type PortMapping, portMapping } from "../text/port-mapping.ts";
import { withDefaults } from "../text/variables.ts";

/** A compose file as it is written, as far as it can be read without compose itself: neither `include` nor `extends` is followed. */
export interface ComposeFile {
  /** Relative to the folder that was looked at. */
  readonly path: string;
  readonly services: readonly ComposeService[];
  /** Networks and volumes that somebody else makes: `volume media`. */
  readonly external: readonly string[];
  /** Undefined, or why it cannot be read. */
  readonly fault: string | undefined;
}

export interface ComposeService {
  readonly name: string;
  /** Line of its name, from 1. */
  readonly line: number;
  readonly image: string | undefined;
  readonly built: boolean;
  /** All that `build` says, as one text: what says the same is one image. Empty where nothing is built. */
  readonly recipe: string;
  /** Folder that it is built from, as written; undefined where it is not, or where that is no folder. */
  readonly context: string | undefined;
  /** What is published, as it is written. */
  readonly mappings: readonly PortMapping[];
  /** The same as numbers; ranges and UDP are passed over. */
  readonly ports: readonly PublishedPort[];
  /** Ports that are open to other containers only. */
  readonly exposed: readonly number[];
  readonly dependsOn: readonly string[];
  /** The command of its health check, as one text. */
  readonly healthcheck: string;
  readonly command: string;
  readonly profiles: readonly string[];
  /** Files and folders below the compose file that it cannot do without, as written. */
  readonly needs: readonly string[];
  /** Files that it reads variables from, as written. */
  readonly envFiles: readonly string[];
}

interface PublishedPort {
  /** Inside the container. */
  readonly target: number;
  /** On the host; undefined where compose chooses. */
  readonly published: number | undefined;
}

type Raw = Readonly<Record<string, unknown>>;

/** Reads the text of a compose file. */
export function readComposeFile(path: string, text: string): ComposeFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line } = lines.linePos(broken.pos[0]);
    return {
      path,
      services: [],
      external: [],
      fault: `${path}:${line} ${broken.message.split("\n")[0]?.replace(/ at line.*$/, "") ?? ""}`,
    };
  }
  const model = asRaw(document.toJS());
  const node = document.get("services", true);
  const lineOf = (name: string): number => {
    const key = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === name)?.key : undefined;
    return isScalar(key) && key.range ? lines.linePos(key.range[0]).line : 1;
  };
  return { path, ...readModel(model, lineOf), fault: undefined };
}

/** @param model of a compose file as it is written, or as compose itself resolves it */
export function readModel(model: Raw, lineOf: (service: string) => number): Pick<ComposeFile, "services" | "external"> {
  const external = (["volumes", "networks"] as const).flatMap((kind) =>
    Object.entries(asRaw(model[kind]))
      .filter(([, one]) => asRaw(one)["external"] === true)
      .map(([name, one]) => `${kind.slice(0, -1)} ${scalar(asRaw(one)["name"]) || name}`),
  );
  const services = Object.entries(asRaw(model["services"])).map(([name, service]) =>
    readService(name, lineOf(name), asRaw(service)),
  );
  return { services, external };
}

function readService(name: string, line: number, raw: Raw): ComposeService {
  const dependsOn = raw["depends_on"];
  const mappings = asList(raw["ports"]).map(readMapping);
  return {
    name,
    line,
    image: typeof raw["image"] === "string" ? raw["image"] : undefined,
    built: raw["build"] !== undefined && raw["build"] !== null,
    recipe: JSON.stringify(raw["build"] ?? "").replace(/^""$/, ""),
    context: contextOf(raw["build"]),
    mappings,
    ports: mappings.flatMap(readPort),
    exposed: asList(raw["expose"]).map(Number).filter(Number.isInteger),
    dependsOn: Array.isArray(dependsOn) ? dependsOn.map(String) : Object.keys(asRaw(dependsOn)),
    healthcheck: words(asRaw(raw["healthcheck"])["test"]),
    command: words(raw["command"]),
    profiles: asList(raw["profiles"]).map(String),
    needs: asList(raw["volumes"]).flatMap(bindMount).filter(isBelow),
    envFiles: [raw["env_file"]].flat().map((entry) => scalar(entry) || scalar(asRaw(entry)["path"])),
  };
}

function contextOf(build: unknown): string | undefined {
  if (typeof build === "string") return build;
  const { context = "." } = asRaw(build);
  return build === undefined || build === null || typeof context !== "string" ? undefined : context;
}

/** `80`, `8080:80`, `127.0.0.1:8080:80/tcp`, `${PORT:-8080}:80`, or the long form. */
function readMapping(port: unknown): PortMapping {
  const long = asRaw(port);
  if (long["target"] === undefined) return portMapping(scalar(port));
  const [published, address, protocol] = ["published", "host_ip", "protocol"].map((key) => scalar(long[key]));
  return {
    target: scalar(long["target"]),
    ...(published !== "" && { published }),
    ...(address !== "" && { address }),
    ...(protocol !== "" && { protocol }),
  };
}

function readPort({ target, published = "", protocol = "tcp" }: PortMapping): PublishedPort[] {
  const [inside, outside] = [withDefaults(target), withDefaults(published)];
  if (protocol !== "tcp" || !/^\d+$/.test(inside)) return [];
  return [{ target: Number(inside), published: /^[1-9]\d*$/.test(outside) ? Number(outside) : undefined }];
}

/** `./conf:/etc/conf`, or the long form of a bind mount; docker would make an empty folder of what is not there. */
function bindMount(volume: unknown): string[] {
  const long = asRaw(volume);
  if (long["type"] === "bind") return [scalar(long["source"])];
  const [source = ""] = scalar(volume).split(":");
  return source.startsWith(".") ? [source] : [];
}

/** What a variable decides, or what lies elsewhere on the machine, is not the repository's to have. */
function isBelow(path: string): boolean {
  return path !== "" && !path.includes("$") && !path.startsWith("/") && !path.startsWith("~");
}

function scalar(value: unknown): string {
  return typeof value === "number" || typeof value === "string" ? String(value) : "";
}

function words(value: unknown): string {
  return Array.isArray(value) ? value.join(" ") : typeof value === "string" ? value : "";
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asRaw(value: unknown): Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Raw) : {};
}
