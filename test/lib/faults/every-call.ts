import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { readRelease } from "../../../src/lib/registry/bundle.ts";
import { promotedTag } from "../../../src/lib/release/release.ts";
import type { Head } from "../../../src/lib/source/source.ts";
import type { Kind } from "./gate.ts";
import { type FaultWorld, type Process, startProcess } from "./world.ts";

/** What is interrupted at each of its calls. */
export interface Job {
  /** Before the first run, past the gate's faults. */
  prepare(head: Head): Promise<unknown>;
  /** One run of the command, in a process of its own. */
  run(process: Process, head: Head): Promise<unknown>;
  /** Tags that must name a whole release in the end. */
  tags(head: Head): readonly string[];
  /** What each image gets first, where that is not the last of those. */
  uploadOf?(world: FaultWorld, head: Head, service: string): string;
}

interface Trouble {
  readonly kind: Kind;
  readonly times: number;
  readonly title: string;
}

/** How each call goes wrong, in turn. `Infinity`: until the command gives up. */
export const faults: readonly Trouble[] = [
  { kind: "lost-reply", times: 1, title: "loses its reply after it took effect" },
  { kind: "lost-reply", times: Infinity, title: "loses every reply, however often it is tried" },
  { kind: "throttled", times: 7, title: "is throttled for longer than the SDK tries" },
  { kind: "throttled", times: Infinity, title: "is throttled without end" },
  { kind: "expired", times: 1, title: "meets an expired token" },
  { kind: "expired", times: Infinity, title: "meets a token that stays expired" },
  { kind: "reset", times: 1, title: "loses its connection" },
  { kind: "reset", times: Infinity, title: "never gets a connection" },
  { kind: "error-500", times: 1, title: "is answered 500" },
  { kind: "error-503", times: Infinity, title: "is answered 503 for ever" },
  { kind: "killed", times: 1, title: "is the last of a killed process" },
];

/** Those that a job without docker's login can meet: no SDK tries again with an expired token, so once and for ever are the same. */
export const withoutLogin = faults.filter(({ kind, times }) => kind !== "expired" || times === 1);

/** Those that teach the most, for all kinds of repositories. */
export const worst = faults.filter(({ kind, times }) => kind === "killed" || (kind === "lost-reply" && times > 1));

/** The calls of a run in which nothing goes wrong, read off the gate. */
export async function callsOf(world: FaultWorld, job: Job): Promise<readonly string[]> {
  const head = world.commit();
  await quietly(world, () => job.prepare(head));
  world.gate.open();
  await inProcess(world, head, job);
  return [...world.gate.calls];
}

/** @returns what gets a tag, in order, in a run in which nothing goes wrong. */
export async function orderOfTags(
  world: FaultWorld,
  job: Job,
): Promise<readonly ("image" | "bundle" | "upload" | "begun")[]> {
  const writes = (await callsOf(world, job)).filter((call) => /^PutImage .*:|^PUT .*\/manifests\//.test(call));
  return writes.map((call) => {
    if (/upload-/.test(call)) return "upload";
    return /begun-/.test(call) ? "begun" : /[/:-]bundle/.test(call) ? "bundle" : "image";
  });
}

/** For each call: a fresh release, a run in which the call goes wrong, a second run in which nothing does. @returns what was not as it must be. */
export async function breakEveryCall(
  world: FaultWorld,
  job: Job,
  fault: { readonly kind: Kind; readonly times: number },
): Promise<string[]> {
  const problems: string[] = [];
  const before = new Map<string, string>();
  const calls = (await callsOf(world, job)).filter((name) => matters(name, fault));
  if (calls.length === 0) return ["there is no call that this could befall"];
  for (const call of calls) {
    const head = world.commit();
    const say = (what: string): void => void problems.push(`${call}: ${what}`);
    await quietly(world, () => job.prepare(head));
    world.gate.afterChange = async (changed) => {
      for (const wrong of await partial(world, head)) say(`after ${changed}: ${wrong}`);
    };
    const first = await inProcess(world, head, job, { ...fault, call });
    if (!world.gate.met) say("was not met");
    if (first !== undefined) say(`first run: ${first}`);
    const second = await inProcess(world, head, job);
    if (second !== undefined) say(`second run: ${second}`);
    for (const wrong of await stateOf(world, head, job.tags(head))) say(wrong);
    for (const [name, digest] of await tagsOf(world, head)) before.set(name, digest);
  }
  // All at once, so that they travel together.
  const since = await Promise.all([...before.keys()].map(async (name) => [name, await tagged(world, name)] as const));
  const moved = since.filter(([name, now]) => now !== before.get(name));
  return [...problems, ...moved.map(([name, now]) => `${name} was ${before.get(name) ?? ""} and is ${now ?? "gone"}`)];
}

/**
 * `docker push` makes each request once here, so that once and without end are the same, but for its login, which is renewed;
 * and no SDK tries again with an expired token.
 */
function matters(call: string, { kind, times }: { readonly kind: Kind; readonly times: number }): boolean {
  return times !== Infinity || call.includes("/v2/") === (kind === "expired");
}

async function quietly(world: FaultWorld, run: () => Promise<unknown>): Promise<void> {
  world.gate.open();
  world.gate.afterChange = () => Promise.resolve();
  await run();
}

/** @returns what was wrong with how it ended: a refusal in words is well where a fault was injected, a bug never is. */
async function inProcess(
  world: FaultWorld,
  head: Head,
  job: Job,
  fault?: { readonly call: string; readonly kind: Kind; readonly times: number },
): Promise<string | undefined> {
  const process = await startProcess(world, head);
  const killed = new Error("killed");
  world.gate.open({ fault, killed: () => process.stop.abort(killed) });
  try {
    await job.run(process, head);
    return undefined;
  } catch (error) {
    if (fault !== undefined && error === killed) return undefined;
    if (fault !== undefined && error instanceof ThreadsError && error.exitCode > 1)
      return await wrongEnd(
        error,
        world,
        (name) =>
          (name === world.config.registry.bundle ? undefined : job.uploadOf?.(world, head, name)) ??
          job.tags(head).at(-1) ??
          "",
      );
    return String(error instanceof ThreadsError ? `${error.code} ${error.message}` : (error as Error).stack);
  } finally {
    process.end();
  }
}

/** An exit code of 3 promises that nothing was changed; once something may have been, it is 7, with how far it came and the way on. */
async function wrongEnd(
  error: ThreadsError,
  world: FaultWorld,
  labelOf: (name: string) => string,
): Promise<string | undefined> {
  const { exitCode, code, next, details } = error;
  const [first] = world.gate.writes;
  if (exitCode !== (first === undefined ? 3 : 7))
    return `${code} with exit code ${String(exitCode)} after ${first ?? "no write"}`;
  if (first === undefined) return undefined;
  const told = (state: string): string[] =>
    details.flatMap((line) => (line.startsWith(`${state}: `) ? line.slice(state.length + 2).split(", ") : []));
  if (next[0]?.startsWith("threads p") !== true || [...told("done"), ...told("in doubt")].length === 0)
    return `${code} does not tell how to go on: ${[...details, ...next].join("; ")}`;
  const given = new Set<string>();
  for (const name of [...world.config.services, world.config.registry.bundle])
    if ((await tagged(world, nameIn(world, name, labelOf(name)))) !== undefined) given.add(name);
  const isGiven = (part: string): boolean => given.has(part === "the bundle" ? world.config.registry.bundle : part);
  const lies = [
    ...told("done").filter((part) => !isGiven(part) && !/^the (?:evidence|record|tag)/.test(part)),
    ...told("not done").filter(isGiven),
  ];
  return lies.length === 0 ? undefined : `${code} is wrong about ${lies.join(", ")}: ${details.join("; ")}`;
}

/** What deploy would see of the release now: nothing, or all of it. */
async function partial(world: FaultWorld, head: Head): Promise<string[]> {
  const found = await Promise.all(tagsToSee(head).map((tag) => wrongWith(world, tag)));
  return found.flat();
}

const tagsToSee = ({ revision }: Head): string[] => [revision, promotedTag("prod", revision)];

async function wrongWith({ truth, config, repo }: FaultWorld, label: string): Promise<string[]> {
  const { bundle } = config.registry;
  const published = await readRelease(truth, repo.repositoryFor(bundle), repo.tagFor(bundle, label));
  if (published === undefined) return [];
  const images = Object.entries(published.release.images);
  const wrong = await Promise.all(
    images.map(async ([service, { repository, digest }]) => {
      const tag = repo.tagFor(service, label);
      const [byDigest, byTag] = await Promise.all([truth.find(repository, digest), truth.find(repository, tag)]);
      if (byDigest === undefined) return [`${label} is visible without ${service}`];
      return byTag?.digest === digest ? [] : [`${label} of ${service} is ${byTag?.digest ?? "missing"}`];
    }),
  );
  const missing = config.services.filter((service) => published.release.images[service] === undefined);
  return [...wrong.flat(), ...missing.map((service) => `${label} is visible and pins no ${service}`)];
}

/** @returns what is wrong with a release: tags that are not there, or that name a part. */
export async function stateOf(world: FaultWorld, head: Head, tags: readonly string[]): Promise<string[]> {
  const absent = await Promise.all(
    tags.map(async (tag) => {
      const bundle = await tagged(world, nameIn(world, world.config.registry.bundle, tag));
      return bundle === undefined ? [`${tag} is not there in the end`] : [];
    }),
  );
  return [...absent.flat(), ...(await partial(world, head))];
}

/** `repository:tag` with the digest, of everything that the release tagged. */
async function tagsOf(world: FaultWorld, head: Head): Promise<[string, string][]> {
  const services = [...world.config.services, world.config.registry.bundle];
  const names = services.flatMap((service) => tagsToSee(head).map((label) => nameIn(world, service, label)));
  const digests = await Promise.all(names.map((name) => tagged(world, name)));
  return names.flatMap((name, index) => (digests[index] === undefined ? [] : [[name, digests[index]]]));
}

async function tagged({ truth }: FaultWorld, name: string): Promise<string | undefined> {
  const [repository = "", tag = ""] = name.split(":");
  return (await truth.find(repository, tag))?.digest;
}

const nameIn = ({ repo }: FaultWorld, service: string, label: string): string =>
  `${repo.repositoryFor(service)}:${repo.tagFor(service, label)}`;
