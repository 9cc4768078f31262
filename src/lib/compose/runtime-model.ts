import { imageVariable } from "../release/release.ts";
import { withDefaults } from "../text/variables.ts";
import { carrier, type CarrierFacts, type CommittedFile, unfit } from "./carried.ts";
import { composeFileFault } from "./file-fault.ts";
import { portable } from "./portable.ts";
import { portsTwice } from "./ports-twice.ts";
import { requiredKeys } from "./required-keys.ts";
import { schedulerProblems } from "./schedulers.ts";
import { type Ending, endingsOf } from "./stack-model.ts";
import { type Problem, sentence } from "./problem.ts";
import {
  type Kind,
  modelProject,
  type OpenService,
  type RawModel,
  type RawMount,
  type RawResource,
  type Resources,
} from "./raw-model.ts";
import { modelYaml } from "./yaml.ts";

/** What hosts run of a release: made once, when it is published, from whatever files describe it. */
export interface RuntimeModel {
  /** One compose file, in YAML: no builds, no profiles, images by variable; `${VAR}` of the application stands open. */
  readonly compose: string;
  /** The same as an object. */
  readonly model: Resources;
  /** Every service that runs; the migration is none. */
  readonly services: readonly RuntimeService[];
  /** References of images that are not built here, by service: to be pinned. */
  readonly elsewhere: Readonly<Record<string, string>>;
  /** Files below the root that it mounts, or reads variables from. */
  readonly carried: readonly CommittedFile[];
  /** Names that a host's environment file must have. */
  readonly requiredKeys: readonly string[];
  /** Services whose health check has a start_interval, but no start_period: docker ignores it unless their image has one. */
  readonly startIntervals: readonly string[];
  /** How each service runs an image of the release: what comes of that, only the image can tell. */
  readonly uses: readonly UseOfImage[];
}

/** How a service runs an image that is released. */
export interface UseOfImage extends Pick<OpenService, "command" | "entrypoint"> {
  readonly service: string;
  /** The released service whose image it is. */
  readonly image: string;
  /** Volumes of docker that it mounts; one without a name has no source. */
  readonly volumes: readonly Pick<RawMount, "source" | "target">[];
}

export interface RuntimeService {
  readonly name: string;
  /** How many containers; undefined where a variable of the host decides. */
  readonly replicas: number | undefined;
  readonly ending: Ending;
}

export interface RuntimeFacts extends CarrierFacts {
  /** Services that threads.yml releases. */
  readonly services: readonly string[];
  readonly migrate: string | undefined;
  /** Those of which an environment runs exactly one. */
  readonly singletons: readonly string[];
}

/**
 * publish: what would go wrong on hosts is refused. compare: it is published already, and was judged by the threads that did so:
 * what this one has learnt since makes no other bundle of it.
 */
export type Purpose = "publish" | "compare";

/**
 * Makes of a model what can stand alone on a host.
 * @param files how messages name the compose files
 * @throws ThreadsError COMPOSE_FILE with all that cannot travel, and what to do about it
 */
export function runtimeModel(
  raw: RawModel,
  facts: RuntimeFacts,
  files: string,
  purpose: Purpose = "publish",
): RuntimeModel {
  const { model, problems } = examine(raw, facts, purpose);
  const details = problems.map(sentence);
  if (details.length === 0) return model;
  throw composeFileFault(`${files} cannot run on a host as it is: ${details[0] ?? ""}`, "correct what it says", {
    details,
  });
}

/** All for which `runtimeModel` would refuse it. */
export function runtimeProblems(raw: RawModel, facts: RuntimeFacts): readonly Problem[] {
  return examine(raw, facts, "publish").problems;
}

function examine(
  raw: RawModel,
  facts: RuntimeFacts,
  purpose: Purpose,
): { model: RuntimeModel; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const unwise: Problem[] = [];
  const carry = carrier(facts, problems);
  const kept = running(raw, facts);
  for (const name of facts.services)
    if (raw.services[name] === undefined) problems.push({ says: `has no service ${name}, but threads.yml lists it` });
  if (facts.migrate !== undefined && raw.services[facts.migrate] === undefined)
    problems.push({ says: `has no service ${facts.migrate}, but runtime.migrate in threads.yml names it` });
  unwise.push(...schedulerProblems(kept, facts.singletons), ...portsTwice(kept), ...labelFiles(kept));
  const images = imagesOf(kept, facts.services, problems);
  const services = Object.fromEntries(
    Object.entries(kept).map(([name, service]) => [
      name,
      portable(service, { name, image: images.variables[name] ?? "", migrate: facts.migrate, carry }),
    ]),
  );
  const whole = { services, ...resources(raw, carry) };
  const carried = carry.files();
  const model = {
    compose: modelYaml(whole),
    model: whole,
    services: runtimeServices(kept, facts.migrate),
    elsewhere: images.elsewhere,
    carried,
    requiredKeys: requiredKeys(raw, whole, unwise),
    startIntervals: Object.entries(kept)
      .filter(([, { healthcheck = {} }]) => healthcheck.start_interval && !healthcheck.start_period)
      .map(([name]) => name),
    uses: usesOf(kept, images),
  };
  return { model, problems: [...problems, ...(purpose === "publish" ? unwise : []), ...unfit(carried)] };
}

/** No host has them: compose reads them there, and older ones do not. */
function labelFiles(services: RawModel["services"]): Problem[] {
  return Object.entries(services).flatMap(([service, { label_file: files = [] }]) =>
    [files].flat().map((file) => ({
      service,
      says: `reads labels from ${file}, which does not travel in a release: write them below \`labels\``,
    })),
  );
}

/** Images of a model that are not built here, by service; as far as it can be told, whatever else is wrong. */
export function elsewhereIn(
  raw: RawModel,
  facts: Pick<RuntimeFacts, "services" | "migrate">,
): RuntimeModel["elsewhere"] {
  return imagesOf(running(raw, facts), facts.services, []).elsewhere;
}

/** What threads.yml names runs; what else sits behind a profile stays out. */
function running(
  raw: RawModel,
  { services, migrate }: Pick<RuntimeFacts, "services" | "migrate">,
): RawModel["services"] {
  const named = (name: string): boolean => services.includes(name) || name === migrate;
  return Object.fromEntries(
    Object.entries(raw.services).filter(([name, { profiles = [] }]) => profiles.length === 0 || named(name)),
  );
}

interface Images {
  /** By service, what stands behind `image:`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly elsewhere: Readonly<Record<string, string>>;
  /** By service, the released one whose image it runs. */
  readonly released: Readonly<Record<string, string>>;
}

/** Images of the release by their variable; of a service that shares one with it, that one's; all others are from elsewhere. */
function imagesOf(
  services: Readonly<Record<string, OpenService>>,
  released: readonly string[],
  problems: Problem[],
): Images {
  const variable = (service: string): string => `\${${imageVariable(service)}}`;
  const elsewhere: Record<string, string> = {};
  const ours: Record<string, string> = {};
  const entries = Object.entries(services).map(([name, service]): [string, string] => {
    const twin = released.includes(name) ? name : released.find((one) => isSame(service, services[one], one));
    if (twin !== undefined) {
      ours[name] = twin;
      return [name, variable(twin)];
    }
    if (service.build !== undefined && service.build !== null)
      problems.push({ service: name, says: `builds an image of its own: list ${name} in services of threads.yml` });
    const reference = withDefaults(service.image ?? "");
    if (reference.includes("$"))
      problems.push({
        service: name,
        says: `has the image ${service.image ?? ""}: write it out, since it is pinned when it is published`,
      });
    elsewhere[name] = reference;
    return [name, variable(name)];
  });
  return { variables: Object.fromEntries(entries), elsewhere, released: ours };
}

function usesOf(services: Readonly<Record<string, OpenService>>, { released }: Images): UseOfImage[] {
  return Object.entries(released).map(([name, image]) => {
    const { command, entrypoint, volumes = [] } = services[name] ?? {};
    const named = volumes.filter(({ type }) => type === "volume");
    return {
      service: name,
      image,
      volumes: named.map(({ source, target }) => ({ ...(source && { source }), ...(target && { target }) })),
      ...(command !== undefined && { command }),
      ...(entrypoint !== undefined && { entrypoint }),
    };
  });
}

/** Whether a service runs the image of a released one: by its variable, its name, or the same build. */
function isSame(service: OpenService, other: OpenService | undefined, name: string): boolean {
  if (new RegExp(`^\\$\\{?${imageVariable(name)}\\b`).test(service.image ?? "")) return true;
  if (other === undefined) return false;
  if (service.build !== undefined && service.build !== null)
    return JSON.stringify(service.build) === JSON.stringify(other.build);
  return service.image !== undefined && service.image === other.image;
}

/** Networks, volumes, configs and secrets without the names that compose has made of the project's. */
function resources(raw: RawModel, carry: ReturnType<typeof carrier>): Omit<Resources, "services"> {
  const kinds: readonly Kind[] = ["networks", "volumes", "configs", "secrets"];
  const own = (kind: Kind, key: string, { name, ...rest }: RawResource): RawResource => ({
    ...(name === undefined || name === `${modelProject}_${key}` ? {} : { name }),
    ...carry.resource(kind, key, rest),
  });
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      const all = Object.entries(raw[kind] ?? {}).map(([key, value]) => [key, own(kind, key, value)] as const);
      return all.length === 0 ? [] : [[kind, Object.fromEntries(all)]];
    }),
  );
}

function runtimeServices(
  services: Readonly<Record<string, OpenService>>,
  migrate: string | undefined,
): RuntimeService[] {
  const endings = endingsOf(services);
  const running = Object.entries(services).filter(([name]) => name !== migrate);
  return running.map(([name, { scale, deploy }]) => {
    const replicas = Number(scale ?? deploy?.replicas ?? 1);
    return { name, replicas: Number.isNaN(replicas) ? undefined : replicas, ending: endings[name] ?? "never" };
  });
}
