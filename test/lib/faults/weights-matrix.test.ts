import { afterEach, beforeEach, expect, test } from "vitest";
import { deploy, type DeployOptions } from "../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../src/lib/actions/status/run.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { standing } from "../../../src/lib/ledger/standing.ts";
import { Fleet, rewired, sha } from "../../fakes/fleet.ts";
import type { Behaviour } from "../../fakes/simulated-host.ts";

// Everything that goes wrong at every order of a deployment with weights: each part on each host, and its switch. Whichever way
// somebody goes on, every host ends on one release, which has all of its requests.

const words = ["one", "two"];
type Ports = ReturnType<Fleet["ports"]>;

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  for (const word of words) fleet.publish(word, true, word, true);
  await put("one", fleet.freshPorts(), { pace: {} });
});
afterEach(() => fleet.close());

const options = { environment: "prod", dryRun: false, force: false, supersede: undefined };
const put = (word: string | undefined, ports: Ports, change: Partial<DeployOptions> = {}): Promise<unknown> =>
  deploy({ ...options, release: word && sha(word), pace: { weights: [5, 25, 100] }, ...change }, ports);

interface Fault {
  /** What the host does with the order that meets it. */
  readonly behaviour?: Behaviour;
  /** The client dies: before it sends that order, or as soon as it has. */
  readonly dies?: "before" | "after";
  /** The host is started anew, with an edge that sends everything to what is on record. */
  readonly reboots?: boolean;
  /** Nobody has asked enough: it waits. */
  readonly perLook?: number;
}

const faults: Readonly<Record<string, Fault>> = {
  "a client that is killed before": { dies: "before" },
  "a client that is killed meanwhile": { dies: "after" },
  "a client that is killed while its host is half way": {
    dies: "after",
    behaviour: { status: "TimedOut", got: "half way" },
  },
  "a host that goes back by itself": { behaviour: { code: 15, serves: "old" } },
  "a host that is stuck": { behaviour: { code: 16, serves: "unknown" } },
  "a script that never begins": { behaviour: { status: "DeliveryTimedOut", got: "nowhere" } },
  "a script that is killed half way": { behaviour: { status: "TimedOut", got: "half way" } },
  "a last word that is lost": { behaviour: { status: "TimedOut", got: "done" } },
  "a host that says it is done and is not": { behaviour: { lies: "old" } },
  "a power cut": { dies: "after", reboots: true },
  "too few who ask": { perLook: 1 },
};

const orders = [0, 1, 2, 3, 4, 5];
const cases = Object.entries(faults).flatMap(([name, fault]) => orders.map((order) => ({ name, order, fault })));

/** The order of this index meets the fault: the two hosts by turns, at 5, at 25 and at all requests. */
async function meet(order: number, { behaviour, dies, reboots, perLook }: Fault): Promise<unknown> {
  const host = fleet.hosts[order % 2]!;
  const before = Array.from({ length: Math.floor(order / 2) }, () => ({}));
  if (behaviour !== undefined) host.behaviours.push(...before, behaviour);
  let sent = -1;
  let isDead = false;
  const ports = fleet.freshPorts();
  const gone = (): Promise<never> => Promise.reject(new Error("killed"));
  const send: Ports["remote"]["send"] = (script) => {
    if (/ (?:weigh|deploy) #/.test(script.label)) sent += 1;
    if (perLook !== undefined && sent === order) for (const one of fleet.hosts) one.weights.perLook = perLook;
    if (isDead || (dies === "before" && sent === order)) return gone();
    isDead = dies === "after" && sent === order;
    return ports.remote.send(script);
  };
  const finish: Ports["ledger"]["finish"] = (...args) =>
    dies !== undefined && sent >= order ? gone() : ports.ledger.finish(...args);
  const end = await put("two", rewired(ports, { remote: { send }, ledger: { ...ports.ledger, finish } })).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (reboots === true) host.weights.sends = 0;
  for (const one of fleet.hosts) one.log = { step: "weigh", quietSeconds: 300 };
  fleet.clock.advance(300_000);
  return end;
}

/** A refusal of this code says that there is nothing left to do. */
const unless =
  (code: string) =>
  (error: unknown): void => {
    if (!(error instanceof ThreadsError) || error.code !== code) throw error;
  };

const enough = (): void => fleet.hosts.forEach((host) => (host.weights.perLook = 4_000));

test.each(cases)("$name, at order $order: --resume", async ({ order, fault }) => {
  const end = await meet(order, fault);
  enough();
  await put(undefined, fleet.freshPorts(), { resume: true, pace: {} }).catch(unless("NOTHING_TO_RESUME"));
  expect(end).not.toMatchObject({ exitCode: 0 });
  await agree();
});

test.each(cases)("$name, at order $order: approved step by step", async ({ order, fault }) => {
  const end = await meet(order, fault);
  enough();
  // A person who sees what status shows, and approves the step behind it.
  const step = (await seen())?.weighed?.step ?? 3;
  if (step < 3)
    await put(undefined, fleet.freshPorts(), { approves: step + 1, pace: {} }).catch(unless("WEIGHTS_STEP"));
  else await put(undefined, fleet.freshPorts(), { resume: true, pace: {} }).catch(unless("NOTHING_TO_RESUME"));
  expect(end).not.toMatchObject({ exitCode: 0 });
  await agree();
});

test.each(cases)("$name, at order $order: a rollback", async ({ order, fault }) => {
  const end = await meet(order, fault);
  fleet.clock.advance(7_200_000);
  const { unsettled, current } = await stand();
  // Where it went back already, it would go one release too far.
  if (unsettled !== undefined || current?.revision !== sha("one"))
    await rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.freshPorts());
  expect(new Set(fleet.revisions(...words))).toEqual(new Set(["one"]));
  expect(end).not.toMatchObject({ exitCode: 0 });
  await agree();
});

const stand = async () => {
  const { deployments, serverTime } = await fleet.freshPorts().ledger.deploymentLog("prod");
  return standing(deployments, serverTime);
};
const seen = async () => (await status({ environment: "prod" }, fleet.freshPorts())).environments[0];

/** The hosts, their edges, the ledger and status say one thing. */
async function agree(): Promise<void> {
  const { current, unsettled, underWay } = await stand();
  expect({ unsettled, underWay }).toEqual({ unsettled: undefined, underWay: undefined });
  expect(new Set(fleet.hosts.map((host) => host.current?.revision))).toEqual(new Set([current?.revision]));
  expect(fleet.hosts.map(({ weights: { record, sends } }) => ({ record, sends }))).toEqual(
    fleet.hosts.map(() => ({ record: undefined, sends: 0 })),
  );
  expect(await seen()).toMatchObject({ outcome: "as-deployed", problems: [], weighed: null });
}
