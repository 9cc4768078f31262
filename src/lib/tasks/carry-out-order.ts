import { unlessAborted } from "../clock/unless-aborted.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { judgeServices } from "../fleet/judge.ts";
import type { MemberOrder } from "../fleet/target.ts";
import { type MemberVerdict, unreached } from "../fleet/verdict.ts";
import { idleServices } from "../fleet/judge.ts";
import { hostCodes } from "../script/host-codes.ts";
import type { Timings } from "../script/summary.ts";
import { list } from "../text/words.ts";
import { goBack, stopRollouts, type WentBack } from "./go-back.ts";
import { lookAt } from "./look.ts";
import { hasMigrated, migrationOf } from "./migrate.ts";
import type { OrderPorts } from "./order-ports.ts";
import { type Prepared, prepare, type Refused } from "./prepare.ts";
import { register } from "./register.ts";
import { runOnce } from "./run-once.ts";
import { type Rest, switchServices } from "./switch.ts";
import type { ServiceEnd } from "./watch.ts";

/** So long, at most, what came up may take to be seen whole: ECS is eventually consistent. Milliseconds. */
const seenWithinMs = 60_000;

/** Brings the application to a release, or back from one, and watches it to its end. */
export async function carryOutOrder(order: MemberOrder, ports: OrderPorts): Promise<MemberVerdict> {
  const { detach } = ports;
  const left = { end: "left", code: 0, tail: [], warnings: [] } as const;
  if (detach.aborted) return { ...left, state: order.stands, says: "" };
  const rest: Rest = { says: "was left before anything was changed" };
  try {
    return await unlessAborted(detach, () =>
      order.action === "restore" ? restore(order, ports) : deploy(order, ports, rest),
    );
  } catch (error) {
    if (!detach.aborted) throw error;
    await rest.begin?.().catch(() => undefined);
    return { ...left, state: "unknown", says: order.action === "restore" ? "is going back without us" : rest.says };
  }
}

async function restore(order: MemberOrder, ports: OrderPorts): Promise<MemberVerdict> {
  const deadline = ports.clock.now() + order.limitMs;
  const { state, says, tail } = await goBack(order, { deadline, signal: ports.detach }, ports);
  const known = { tail, warnings: [], step: "restore" };
  if (state === "old") return { ...known, end: "done", state, code: 0, says: "" };
  return { ...known, end: "failed", state, code: hostCodes.stuck.exit, says: `${hostCodes.stuck.says}: ${says}` };
}

/** What an order is at, and what it has taken so far. */
interface Progressing {
  readonly order: MemberOrder;
  readonly deadline: number;
  readonly timings: Record<string, number>;
  readonly warnings: string[];
}

async function deploy(order: MemberOrder, ports: OrderPorts, rest: Rest): Promise<MemberVerdict> {
  const began = ports.clock.now();
  const at: Progressing = { order, deadline: began + order.limitMs, timings: {}, warnings: [] };
  const prepared = await timed(at, "prepare", ports, () => prepareOrRefuse(order, at.deadline, ports));
  if ("code" in prepared) return refusal(order, prepared);
  at.warnings.push(...prepared.warnings);
  ports.detach.throwIfAborted();
  rest.says = "its migration goes on without us, and nothing ends that but itself; its services were told nothing";
  const once = await timed(at, "migrate", ports, () => migrate(prepared, at, ports));
  if (once !== undefined) return once;
  ports.detach.throwIfAborted();
  rest.says = "goes on without us";
  return onceTold(at, () => change(prepared, at, { ...ports, rest }));
}

/** Services have been told something by now: what stops us from telling or seeing the rest is no refusal any more. */
async function onceTold(at: Progressing, work: () => Promise<MemberVerdict>): Promise<MemberVerdict> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.outcome === "interrupted") throw error;
    const { message, details: tail, advice } = error;
    const says = `was not brought to its end: ${message}`;
    return { ...told(at, "failed", hostCodes.stuck.exit), state: "unknown", says, step: "switch", tail, advice };
  }
}

async function change(
  prepared: Prepared,
  at: Progressing,
  { rest, ...ports }: OrderPorts & { readonly rest: Rest },
): Promise<MemberVerdict> {
  await stopRollouts(prepared.takenBack, { deadline: at.deadline, signal: ports.detach }, ports);
  const switched = await timed(at, "switch", ports, () => switchServices(prepared, { ...at, rest }, ports));
  at.warnings.push(...switched.ends.flatMap(({ warnings }) => warnings));
  const bad = switched.ends.find(({ end }) => end !== "done" && end !== "paused");
  if (switched.cancelled) return cancelled(at, ports);
  if (switched.superseded)
    return {
      ...told(at, "superseded", hostCodes.superseded.exit),
      state: "unknown",
      says: hostCodes.superseded.says,
    };
  if (bad !== undefined) return failed(bad, at, ports);
  const held = switched.ends.filter(({ end }) => end === "paused");
  if (held.length > 0) return paused(held, at);
  return timed(at, "verify", ports, () => verify(at, ports));
}

/** Nothing is at work: it may take two weeks until somebody answers. */
function paused(held: readonly ServiceEnd[], at: Progressing): MemberVerdict {
  const says = list(held.map(({ service, says: why }) => `${service} ${why}`));
  const [pauses, advice] = [held.flatMap((one) => one.pauses), held.flatMap((one) => one.advice)];
  return { ...told(at, "paused", 0), state: "both", says, step: "switch", pauses, advice };
}

async function timed<T>(at: Progressing, name: string, { clock }: OrderPorts, work: () => Promise<T>): Promise<T> {
  const began = clock.now();
  try {
    return await work();
  } finally {
    at.timings[name] = clock.now() - began;
  }
}

/** Whatever stops us here, nothing was changed by then. */
async function prepareOrRefuse(order: MemberOrder, deadline: number, ports: OrderPorts): Promise<Prepared | Refused> {
  try {
    const prepared = await prepare(order, deadline, ports);
    if ("code" in prepared) return prepared;
    const wanted = await Promise.all(
      prepared.wanted.map(async (one) => {
        if (one.definition !== undefined || one.register === undefined) return one;
        ports.tell(`registering ${one.register.family}`);
        return { ...one, definition: await register(one.register, ports) };
      }),
    );
    return { ...prepared, wanted };
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.outcome === "interrupted") throw error;
    return { code: hostCodes.notReady.exit, says: error.message, tail: error.details, advice: error.advice };
  }
}

function refusal(order: MemberOrder, { code, says, tail, advice }: Refused): MemberVerdict {
  const end = code === hostCodes.superseded.exit ? "superseded" : "failed";
  return { ...unreached(order.stands, says), end, code, tail, advice, step: "preflight" };
}

async function migrate(prepared: Prepared, at: Progressing, ports: OrderPorts): Promise<MemberVerdict | undefined> {
  const { order, deadline } = at;
  const { migrate: name } = order;
  if (name === undefined || hasMigrated(prepared, order)) return undefined;
  const definition = migrationOf(prepared, name)?.definition;
  if (definition === undefined)
    return refusal(order, {
      code: hostCodes.notReady.exit,
      says: `the release has no task for ${name}`,
      tail: [],
      advice: [],
    });
  ports.tell(`running ${name}`);
  const ran = await runOnce({ definition, name, order, deadline }, ports);
  if (ports.cancelNow.aborted) return { ...told(at, "cancelled", 0), state: order.stands, says: ran.says };
  if (ran.ok) return undefined;
  const { exit, says } = hostCodes.notMigrated;
  return {
    ...told(at, "failed", exit),
    state: order.stands,
    says: `${says}: ${ran.says}`,
    step: "migrate",
    tail: ran.tail,
    advice: [...ran.advice, logText(ports)],
  };
}

function logText({ environment }: OrderPorts): string {
  return `\`threads logs -e ${environment.name} --since 1h\` shows what its tasks have said`;
}

function told({ timings, warnings }: Progressing, end: MemberVerdict["end"], code: number) {
  return { end, code, tail: [] as readonly string[], warnings, timings: timings as Timings };
}

async function cancelled(at: Progressing, ports: OrderPorts): Promise<MemberVerdict> {
  const back = await goBackFrom(at, ports);
  const says =
    back.state === "old"
      ? `was cancelled and ${back.hadNothing ? "runs nothing, as before" : "is back on what it ran before"}`
      : `was cancelled and ${back.says}`;
  return { ...told(at, "cancelled", 0), state: back.state, says, tail: back.tail };
}

/** One service that fails takes the others back with it: all of them run one release. What somebody else has changed is left to a person. */
async function failed(
  { service, end, says, tail, advice, deployment }: ServiceEnd,
  at: Progressing,
  ports: OrderPorts,
): Promise<MemberVerdict> {
  const known = {
    step: "switch",
    tail: [...tail, ...(deployment === undefined ? [] : [`service deployment ${deployment}`])],
    advice: [...advice, logText(ports)],
  };
  const what = `${service} ${says}`;
  const { stuck } = hostCodes;
  if (end === "taken")
    return { ...told(at, "failed", stuck.exit), ...known, state: "unknown", says: `${stuck.says}: ${what}` };
  const back = broughtBack(await goBackFrom(at, ports), what, at);
  return { ...back, ...known, tail: [...known.tail, ...back.tail] };
}

function broughtBack({ state, hadNothing, says, tail }: WentBack, what: string, at: Progressing): MemberVerdict {
  if (state === "old") {
    const { exit, says: wentBack } = hostCodes.broughtBack;
    const isBack = hadNothing ? "failed, and its services are taken away again" : wentBack;
    return { ...told(at, "failed", exit), state, says: `${isBack}: ${what}`, tail };
  }
  const { exit, says: isStuck } = hostCodes.stuck;
  return { ...told(at, "failed", exit), state, says: `${isStuck}: ${what}; ${says}`, tail };
}

/** Going back matters more than being quick: it has as much time as the order had. */
async function goBackFrom({ order }: Progressing, ports: OrderPorts): Promise<WentBack> {
  ports.tell("going back");
  try {
    return await goBack(order, { deadline: ports.clock.now() + order.limitMs, signal: ports.detach }, ports);
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.outcome === "interrupted") throw error;
    return { state: "unknown", hadNothing: false, says: `did not come back: ${error.message}`, tail: error.details };
  }
}

/** What runs then is read from the tasks themselves, image by image. */
async function verify(at: Progressing, ports: OrderPorts): Promise<MemberVerdict> {
  const { order } = at;
  const { clock, config, application } = ports;
  const until = clock.now() + seenWithinMs;
  const expectation = { release: order.intent, absent: idleServices(config.runtime, order.host, [order.host]) };
  for (;;) {
    const summary = await lookAt(application, { ...ports, now: () => clock.now() });
    const wrong = judgeServices(summary, expectation).filter(({ verdict }) => verdict !== "ok");
    if (wrong.length === 0) return { ...told(at, "done", 0), state: "new", says: "" };
    if (clock.now() >= until) {
      const what = `the release is not complete: ${list(wrong.map((one) => `${one.service} ${one.says}`))}`;
      return { ...broughtBack(await goBackFrom(at, ports), what, at), step: "verify" };
    }
    ports.tell("waiting until all of it is seen");
    await clock.sleep(5_000, AbortSignal.any([ports.detach]));
  }
}
