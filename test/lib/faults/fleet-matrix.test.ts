import { afterEach, beforeEach, expect, test } from "vitest";
import { deploy, type DeployOptions } from "../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../src/lib/actions/status/run.ts";
import type { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { standing } from "../../../src/lib/ledger/standing.ts";
import { Fleet, rewired, sha } from "../../fakes/fleet.ts";
import type { SimulatedHost } from "../../fakes/simulated-host.ts";

// Every fault at every host, in the steps that a simulated host can tell apart: before the script, in its middle, after its last
// change. Afterwards, or after what is advised, every host that can be reached runs one release, and all of them say so.

const words = ["one", "two", "three"];
type Ports = ReturnType<Fleet["ports"]>;

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(3);
  for (const word of words) fleet.publish(word);
  await put("one");
});
afterEach(() => fleet.close());

const options = { environment: "prod", dryRun: false, force: false, supersede: undefined };
const put = (word: string, ports = fleet.freshPorts(), change: Partial<DeployOptions> = {}): Promise<unknown> =>
  deploy({ ...options, release: sha(word), ...change }, ports);
const back = (): Promise<unknown> =>
  rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.freshPorts());

interface Fault {
  /** What goes wrong, at this host; the ports of the deployment that meets it may be others. */
  readonly strike: (host: SimulatedHost, ports: Ports, index: number) => Ports | void;
  /** How a person mends it, before anything is typed again. */
  readonly mend?: (host: SimulatedHost) => void;
  /** Whether the deployment comes through all the same. */
  readonly isHarmless?: boolean;
}

/** Somebody else comes, in the middle. */
let other: () => Promise<unknown>;

/** The client dies: whatever it sends or writes from then on never comes. */
function dies(ports: Ports, isDead: () => boolean): Ports {
  const gone = (): Promise<never> => Promise.reject(new Error("killed"));
  const { remote, ledger } = ports;
  return rewired(ports, {
    remote: { send: (script) => (isDead() ? gone() : remote.send(script)) },
    ledger: { ...ledger, finish: (...args) => (isDead() ? gone() : ledger.finish(...args)) },
  });
}

/** Calls this once, when the host is told to deploy. */
function once(host: SimulatedHost, then: () => void): void {
  host.onDeploy = () => {
    host.onDeploy = undefined;
    then();
  };
}

const gone: Fault["strike"] = (host) => {
  host.behaviours.push({ status: "TimedOut", got: "half way" });
  once(host, () => {
    fleet.ssm.hosts.delete(host.id);
    fleet.hosts.splice(fleet.hosts.indexOf(host), 1);
  });
};

const faults: Readonly<Record<string, Fault>> = {
  "unhealthy, and back by itself": { strike: (host) => void host.behaviours.push({ code: 15, serves: "old" }) },
  "unhealthy, and stuck": { strike: (host) => void host.behaviours.push({ code: 16, serves: "unknown" }) },
  "unhealthy, and stuck for good": {
    strike: (host) => void host.behaviours.push({ code: 16, serves: "unknown" }, { code: 16, serves: "unknown" }),
  },
  "a crash loop": {
    strike: (host) => {
      host.change = (line) => {
        const { action, containers } = line as { action: string; containers: object[] };
        return action === "deploy" ? { containers: containers.map((one) => ({ ...one, state: "restarting" })) } : {};
      };
    },
    mend: (host) => (host.change = () => ({})),
  },
  "a service that is missing": { strike: (host) => void host.behaviours.push({ without: "web" }) },
  "an image that is missing": { strike: (host) => void host.behaviours.push({ code: 13, serves: "old" }) },
  "a full disk": { strike: (host) => void host.behaviours.push({ code: 10, serves: "old", message: "no room" }) },
  "a dead daemon": {
    strike: (host) => once(host, () => (host.docker = false)),
    mend: (host) => (host.docker = true),
  },
  "a power cut": {
    strike: (host) => {
      host.behaviours.push({ status: "TimedOut", got: "half way" });
      once(host, () => (host.online = false));
    },
    mend: (host) => (host.online = true),
  },
  "a script that SSM never begins": {
    strike: (host) => void host.behaviours.push({ status: "DeliveryTimedOut", got: "nowhere" }),
  },
  "a silent agent, half way": { strike: (host) => void host.behaviours.push({ status: "TimedOut", got: "half way" }) },
  "a silent agent, all done": {
    strike: (host) => void host.behaviours.push({ status: "TimedOut", got: "done" }),
    isHarmless: true,
  },
  "a script that is killed": { strike: (host) => void host.behaviours.push({ status: "Failed", got: "half way" }) },
  "a host that says it is done and is not": { strike: (host) => void host.behaviours.push({ lies: "old" }) },
  "a reply that is lost": {
    strike: (_, ports, index) => {
      let sent = -1;
      const send: Ports["remote"]["send"] = (script) => {
        if (sent++ === index) fleet.ssm.fail("SendCommand", "lose-reply");
        return ports.remote.send(script);
      };
      return rewired(ports, { remote: { send } });
    },
    isHarmless: true,
  },
  "a second engineer": {
    strike: (host) =>
      once(host, () => {
        const ended = put("three").catch((error: unknown) => error);
        other = () => ended;
      }),
    isHarmless: true,
  },
  "Ctrl-C": { strike: (host) => once(host, () => fleet.press()) },
  "a client that is killed before": {
    strike: (_, ports, index) => {
      let sent = -1;
      return dies(ports, () => sent++ >= index);
    },
  },
  "a client that is killed meanwhile": {
    strike: (host, ports) => {
      let isDead = false;
      once(host, () => (isDead = true));
      return dies(ports, () => isDead);
    },
  },
  "a host that is gone for good": { strike: gone },
  "a host that is added": {
    strike: (host) => once(host, () => void fleet.addHost("i-0000000000000000a", "prod")),
    isHarmless: true,
  },
};

const cases = Object.entries(faults).flatMap(([name, fault]) => [0, 1, 2].map((index) => ({ name, index, fault })));

const named = (isHarmless: boolean) => cases.filter(({ fault }) => (fault.isHarmless === true) === isHarmless);

test.each(named(true))("$name, at host $index: it comes through", async ({ index, fault }) => {
  other = () => Promise.resolve({ code: "DEPLOYMENT_UNDER_WAY", exitCode: 4 });
  expect(await meet(index, fault)).toBeUndefined();
  expect(await other()).toMatchObject({ code: "DEPLOYMENT_UNDER_WAY", exitCode: 4 });
  expect(new Set(fleet.revisions(...words))).toEqual(new Set(["two"]));
  await agree();
});

test.each(named(false))("$name, at host $index: one release everywhere in the end", async ({ index, fault }) => {
  const end = await meet(index, fault);
  // Nobody may take for a success what has not come to every host.
  expect(end instanceof Error || (await isWhole("two"))).toBe(true);
  expect(end).not.toMatchObject({ exitCode: 0 });
  await goOn();
  await agree();
});

// The middle one has a host on either side of it.
test.each(named(false).filter(({ index }) => index === 1))(
  "$name: a rollback brings one release, too",
  async ({ index, fault }) => {
    await meet(index, fault);
    fleet.clock.advance(7_200_000);
    // Where all are back already, it would go one release too far.
    if (!(await isWhole("one"))) await back();
    expect(new Set(fleet.revisions(...words))).toEqual(new Set(["one"]));
    await agree();
  },
);

/** Deploys `two`, and mends what broke it. @returns what it ended with; undefined where well */
async function meet(index: number, { strike, mend }: Fault): Promise<unknown> {
  const host = fleet.hosts[index]!;
  const ports = fleet.ports();
  const struck = strike(host, ports, index) ?? ports;
  const end = await put("two", struck).then(
    () => undefined,
    (error: unknown) => error,
  );
  mend?.(host);
  host.onDeploy = undefined;
  return end;
}

/** What a person types: --resume, once the deployer is known to be dead; where that has ended there is nothing to do. */
async function goOn(): Promise<void> {
  for (const host of fleet.hosts) host.log = { step: "record", quietSeconds: 300 };
  fleet.clock.advance(300_000);
  await put("", fleet.freshPorts(), { release: undefined, resume: true }).catch((error: unknown) => {
    if ((error as ThreadsError).code !== "NOTHING_TO_RESUME") throw error;
  });
}

const isWhole = async (word: string): Promise<boolean> => {
  const { deployments, serverTime } = await fleet.ports().ledger.deploymentLog("prod");
  const { unsettled } = standing(deployments, serverTime);
  return unsettled === undefined && fleet.revisions(...words).every((one) => one === word);
};

/** The hosts, the ledger and status say one thing. */
async function agree(): Promise<void> {
  const { deployments, serverTime } = await fleet.freshPorts().ledger.deploymentLog("prod");
  const { current, unsettled, underWay } = standing(deployments, serverTime);
  expect({ unsettled, underWay }).toEqual({ unsettled: undefined, underWay: undefined });
  expect(new Set(fleet.hosts.map((host) => host.current?.revision))).toEqual(new Set([current?.revision]));
  const [prod] = (await status({ environment: "prod" }, fleet.freshPorts())).environments;
  expect(prod).toMatchObject({ outcome: "as-deployed", problems: [] });
}
