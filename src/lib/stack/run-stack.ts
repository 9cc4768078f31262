import { relative } from "node:path";
import type { Container } from "../compose/containers.ts";
import type { Compose } from "../compose/docker-compose.ts";
import { type Expected, expectedOf } from "../compose/expected.ts";
import { ignoredStartIntervals } from "../compose/health-hint.ts";
import { publisherOf, type StackModel } from "../compose/stack-model.ts";
import { newProjectName } from "../compose/project-name.ts";
import { candidate, candidatesOf, type OpenStack, throwAway, type ThrowAwayPorts } from "../compose/throw-away.ts";
import { judge, whatChanged } from "../compose/verdict.ts";
import { checksOfSmoke } from "../config/checks-for.ts";
import type { Config } from "../config/config.ts";
import type { LocalImage } from "../docker/image.ts";
import type { CheckResult, RunIn } from "../probe/check.ts";
import { runChecks } from "../probe/checks.ts";
import type { HttpGet } from "../probe/http-get.ts";
import { type Step, step } from "../progress/progress.ts";
import type { Migration } from "../release/migrations.ts";
import { imageVariable } from "../release/release.ts";
import { applicationEnvironment } from "./environment.ts";
import {
  checkFailure,
  imageMismatch,
  modelFault,
  portNotPublished,
  servicesAsked,
  servicesDiffer,
  smokeLine,
} from "./faults.ts";
import { pullMissing } from "./pull-missing.ts";
import type { RanImage, StackReport } from "./result.ts";

export interface RunStackOptions {
  /** What the images carry as REVISION, and X-Release must say. */
  readonly revision: string;
  readonly tree: string;
  /** Build from the working tree; otherwise `images` are run, pulled where they are missing. */
  readonly build: boolean;
  /** Reference by service, with digest; needed for every service of the release where nothing is built. */
  readonly images?: Readonly<Record<string, string>>;
  /** Folder with the registry login for pulls (DOCKER_CONFIG). */
  readonly dockerConfig?: string;
  /** The stack stays, for a person to look at. */
  readonly keep?: boolean;
  /** Called while the stack still runs, once everything has passed. */
  readonly passed?: (images: readonly RanImage[]) => Promise<void>;
}

export interface RunStackPorts extends ThrowAwayPorts {
  readonly config: Pick<Config, "app" | "root" | "file" | "services" | "smoke" | "checks" | "runtime">;
  readonly compose: Compose;
  readonly get: HttpGet;
}

/**
 * Runs the smoke stack once and checks it from outside; nothing of it is left, whatever happens.
 * @throws ThreadsError checks where it does not come up or a check fails; refused, usage where it could not begin
 */
export async function runStack(options: RunStackOptions, ports: RunStackPorts): Promise<StackReport> {
  const { app, services, smoke, checks, file } = ports.config;
  const project = newProjectName(app, "smoke");
  const references = referencesOf(options, { app, services, project, file });
  const environment = await applicationEnvironment(ports);
  const done = await throwAway(
    {
      kind: "smoke",
      project,
      app,
      composeFiles: smoke.compose,
      named: [...services, smoke.entry.service, ...servicesAsked(checks)],
      environment,
      variables: {
        ...Object.fromEntries(Object.entries(references).map(([service, image]) => [imageVariable(service), image])),
        REVISION: options.revision,
        TREE: options.tree,
        HTTP_PORT: "0",
      },
      secrets: (smoke.env?.generate ?? []).map((key) => environment.get(key) ?? "").filter((value) => value !== ""),
      images: (model) => imagesOf(model, references, options),
      sources: { revision: options.revision, tree: options.tree },
      entry: smoke.entry,
      keep: options.keep === true,
    },
    ports,
    (open) => work({ ...options, environment }, open, ports),
  );
  const { durations, url, ...report } = done.value;
  const kept = done.kept ? { project, url } : null;
  return { project, ...report, kept, durations: { ...durations, downMs: done.downMs }, leftovers: done.leftovers };
}

/** For files that take images by variable: what each service of the release is built as, or is given as. */
function referencesOf(
  options: RunStackOptions,
  names: Pick<Config, "app" | "services" | "file"> & { readonly project: string },
): Record<string, string> {
  return Object.fromEntries(
    names.services.map((service) => {
      if (options.build) return [service, candidate(names.app, service, names.project)];
      const given = options.images?.[service];
      if (given === undefined) throw servicesDiffer(service, options.revision, names.file);
      return [service, given];
    }),
  );
}

/** What runs: the images of the release; where it is built, an image that comes from elsewhere stays what the file says. */
function imagesOf(
  model: StackModel,
  references: Readonly<Record<string, string>>,
  { build, images = {} }: RunStackOptions,
): Record<string, string> {
  const own = model.services.map(({ name, built, image }): [string, string | undefined] => {
    const reference = references[name];
    if (!build) return [name, reference ?? images[name]];
    return [name, reference !== undefined && !built ? image : reference];
  });
  return Object.fromEntries(own.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

type Working = Omit<StackReport, "project" | "leftovers" | "durations" | "kept"> & {
  /** Where it answers. */
  readonly url: string;
  readonly durations: Omit<StackReport["durations"], "downMs">;
};

type Work = RunStackOptions & { readonly environment: ReadonlyMap<string, string> };

async function work(options: Work, open: OpenStack, ports: RunStackPorts): Promise<Working> {
  const { clock, config, progress, signal } = ports;
  const { stack, model, images: references } = open;
  const fault = modelFault(model, config, filesOf(config));
  if (fault !== undefined) throw fault;
  const begun = clock.now();
  // Of a release that is given nothing is built; what only helps to try it may be.
  const toBuild = candidatesOf(model, open.images).map(({ name }) => name);
  if (!options.build) await step(progress, "Pull the images", () => pullMissing(references, options, ports));
  if (toBuild.length > 0)
    await step(progress, "Build the images", (shown) =>
      ports.compose.build(stack, { app: config.app, services: toBuild }, { signal, onLine: show(shown) }),
    );
  const ready = clock.now();
  const listing = options.build ? listOf(options, references, ports) : Promise.resolve(undefined);
  const expected = expectedOf(model);
  const watched = { signal, timeoutMs: config.smoke.timeoutMs };
  const starting = step(progress, "Start the stack", (shown) =>
    ports.compose.start(stack, expected, { ...watched, onLine: show(shown), onWaiting: (text) => shown.update(text) }),
  );
  // The list is made meanwhile, which is mostly waiting; its image is in use until then, so nothing is taken down before.
  await Promise.allSettled([starting, listing]);
  const containers = await starting;
  const started = clock.now();
  for (const text of ignoredStartIntervals(containers)) progress.warn(text);
  const migrations = await listing;
  const url = addressOf(containers, model, ports);
  const checks = await step(progress, "Check it from outside", () => check(options, { url, containers }, ports));
  const images = await lookAgain({ ...options, references, project: stack.name, containers, expected }, ports);
  await options.passed?.(images);
  const durations = { buildMs: ready - begun, upMs: started - ready, checksMs: clock.now() - started };
  return { images, checks, durations, migrations, url };
}

/** What the image that was just built says of its migrations. A promotion never comes to it. */
async function listOf(
  { environment }: Work,
  images: OpenStack["images"],
  ports: RunStackPorts,
): Promise<readonly Migration[] | undefined> {
  const image = images[ports.config.runtime.migrations?.service ?? ""];
  if (image === undefined) return undefined;
  return (await import("./list-migrations.ts")).listMigrations({ image, environment }, ports);
}

function show(shown: Step): (line: string) => void {
  return (line) => (line.trim() === "" ? undefined : shown.update(line.trim()));
}

function filesOf({ root, smoke }: RunStackPorts["config"]): string {
  return [smoke.compose]
    .flat()
    .map((file) => relative(root, file))
    .join(", ");
}

function addressOf(containers: readonly Container[], model: StackModel, { config, compose }: RunStackPorts): string {
  const { entry } = config.smoke;
  const publisher = publisherOf(model, entry.service);
  const port = containers.find((container) => container.service === publisher)?.ports[`${entry.port}/tcp`];
  if (port === undefined) throw portNotPublished(entry);
  return `http://${compose.host}:${port}`;
}

async function check(
  options: RunStackOptions,
  { url, containers }: { readonly url: string; readonly containers: readonly Container[] },
  ports: RunStackPorts,
): Promise<CheckResult[]> {
  const { timeoutMs } = ports.config.smoke;
  const checks = checksOfSmoke(ports.config);
  const exec: RunIn = async (service, command, limitMs) => {
    const container = containers.find((one) => one.service === service);
    // Compose would read all of its files again only to find it.
    if (container === undefined) return { exitCode: -1, output: `${service} has no container` };
    return ports.compose.exec(container, { command, timeoutMs: limitMs, signal: ports.signal });
  };
  const results = await runChecks({ base: url, checks, revision: options.revision, timeoutMs }, { ...ports, exec });
  if (results.every((result) => result.ok)) return results;
  const shown = containers.filter((container) => ports.config.services.includes(container.service));
  const logs = await Promise.all(
    shown.map(async (one) => ({ service: one.service, lines: await ports.compose.logs(one, 8) })),
  );
  throw checkFailure(results, logs, smokeLine(options));
}

/** The stack that answered must still be the one that was started, and made of the images that were meant. */
async function lookAgain(
  seen: RunStackOptions & {
    readonly references: Readonly<Record<string, string>>;
    readonly project: string;
    readonly containers: readonly Container[];
    readonly expected: Expected;
  },
  ports: RunStackPorts,
): Promise<RanImage[]> {
  const { compose, signal, config } = ports;
  const own = config.services.flatMap((service) => seen.containers.filter((one) => one.service === service));
  const ids = [...new Set(own.map((container) => container.imageId))];
  const [now, images] = await Promise.all([compose.containers(seen.project, signal), compose.images(ids, signal)]);
  const verdict = judge(now, seen.expected);
  const changed = verdict.kind === "failed" ? verdict : whatChanged(seen.containers, now);
  if (changed !== undefined) throw await compose.failure(changed);
  const ran = own.map((container) => ranImage(container, images));
  const wrong = imageMismatch(ran, images, { ...seen, app: config.app });
  if (wrong !== undefined) throw wrong;
  return ran;
}

function ranImage(container: Container, images: readonly LocalImage[]): RanImage {
  return {
    service: container.service,
    id: container.imageId,
    reference: container.image,
    digests: images.find((image) => image.id === container.imageId)?.repoDigests ?? [],
  };
}
