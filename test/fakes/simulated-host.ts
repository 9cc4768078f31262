import { hostCodes } from "../../src/lib/script/host-codes.ts";
import type { Served as ServedByEdge } from "../../src/lib/script/slot-counts.ts";
import type { MadeEnvironment } from "../../src/lib/script/summary.ts";
import { answerAsk, type Reply } from "./simulated-ask.ts";
import { answerExec, commandIn, type ExecEnd } from "./simulated-exec.ts";
import { answerLogs, simulatedLogs } from "./simulated-logs.ts";
import { answerStats } from "./simulated-stats.ts";
import { leaveWeights, simulatedWeights, tellWeights, weigh } from "./simulated-weights.ts";
import type { FakeHost, HostReply } from "./ssm-protocol.ts";

interface Current {
  readonly number: number;
  readonly revision: string;
  readonly bundle: string;
  readonly slot?: "blue" | "green" | null;
  readonly at: string;
}

export interface SimulatedContainer {
  service: string;
  digest: string;
  state: string;
  health: string;
  exitCode?: number;
  restarts?: number;
}

/** What runs on a host and what it has on record. */
interface Served {
  readonly current: Current | undefined;
  readonly containers: readonly SimulatedContainer[];
  readonly environment?: MadeEnvironment | undefined;
}

type Now = "new" | "old" | "both" | "unknown";
type Arguments = Readonly<Record<string, string | undefined>>;

/** Succeeds with something to tell, or without a service that it should run. */
interface Success {
  readonly warnings?: readonly string[];
  readonly without?: string;
}

/** What a host is to do with a deployment, or with going back, instead of simply succeeding. */
export type Behaviour =
  /** Fails with this code of host-codes.ts, and serves this afterwards; half a switch where that is unknown. */
  | { readonly code: number; readonly serves: Now; readonly message?: string; readonly log?: string }
  /** Says that it is done, and does this other thing. */
  | { readonly lies: Now }
  | Success
  /** Ends for SSM with this status: before its first line, half way, or when all was done but for the last line. */
  | { readonly status: string; readonly got: "nowhere" | "half way" | "done" }
  /** Says its last word, and SSM ends it with this status all the same. */
  | { readonly status: string; readonly word: true }
  /** At work, half way through the switch, until this resolves; then it succeeds. */
  | { readonly until: Promise<unknown> }
  | { readonly garbage: string };

/**
 * A host that understands the arguments of our scripts and answers as they do, without running them: with the lock, the
 * fence and the records of deploy.sh. The scripts themselves are tested in test/host and on real hosts in test/e2e.
 */
export class SimulatedHost implements FakeHost {
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
  online = true;
  /** Somebody holds its lock. */
  busy = false;
  /** What its log says of the newest deployment: what the script has come to, and how long ago. */
  log: { readonly step: string; readonly quietSeconds: number | null } = { step: "", quietSeconds: null };
  /** Its daemon answers. */
  docker = true;
  current: Current | undefined;
  containers: SimulatedContainer[] = [];
  /** Versions in the store that ENV_FROM names, and what the release was made of that it serves. */
  store: Readonly<Record<string, string>> = {};
  environment: MadeEnvironment | undefined;
  /** Who has which part of its requests. */
  readonly weights = simulatedWeights();
  /** What its edge has counted of the slot that serves, and of the one before it. */
  served: ServedByEdge | undefined;
  /** What somebody has changed on it by hand. */
  changedFiles: readonly string[] = [];
  environmentChanged = false;
  /** What its compose file brings along, started with every release. */
  others: readonly SimulatedContainer[] = [];
  /** Taken one a script that gets past lock and fence; what is missing succeeds. */
  readonly behaviours: Behaviour[] = [];
  /** Of its role, as its agent has them: a key, and the token beside it. */
  role: readonly [key: string, token: string] = ["", ""];
  /** Actions in the order in which they came, such as `deploy 3`. */
  readonly seen: string[] = [];
  /** Called when a script has arrived: one that deploys, one that goes back, one that only looks. */
  onDeploy: (() => void) | undefined;
  onRestore: (() => void) | undefined;
  onStatus: (() => unknown) | undefined;
  /** What a command comes to, once it has a container to run in. */
  onExec: (command: readonly string[]) => ExecEnd | Promise<ExecEnd> = () => ({});
  /** What its application answers. */
  onAsk: (path: string, headers: Readonly<Record<string, string>>) => Reply = () => ({});
  /** Resolves when it has sampled what its containers take. */
  onStats: ((kill: AbortSignal) => Promise<unknown>) | undefined;
  /** What its containers say, and its script has written. */
  readonly logs = simulatedLogs();
  /** Called when it is asked for a log. */
  onLogs: (() => unknown) | undefined;
  /** Changes to the lines that it prints. */
  change: (line: object) => object = () => ({});
  #fence = 0;
  /** Last words by fence: the same order again gets the same answer. */
  readonly #answers = new Map<number, HostReply>();
  /** What there was before each deployment, written down once. */
  readonly #before = new Map<number, Served>();
  /** The environment that each release has had last, by its bundle. */
  readonly #kept = new Map<string, MadeEnvironment>();
  /** What each deployment brings. */
  readonly #after = new Map<number, Served>();

  /** Digests of bundles that run in slots. */
  readonly #slotted: ReadonlySet<string>;

  constructor(id: string, environment: string, slotted: ReadonlySet<string> = new Set()) {
    this.#slotted = slotted;
    this.id = id;
    this.tags = { "threads-env": environment };
  }

  async run(script: string, kill: AbortSignal): Promise<HostReply> {
    const args: Arguments = Object.fromEntries(
      [...script.matchAll(/^([A-Z_]+)='([^']*)'$/gm)].map((match) => [match[1], match[2]]),
    );
    const command = commandIn(script);
    if (command !== undefined) {
      this.seen.push(`exec ${args["SERVICE"] ?? ""}: ${command.join(" ")}`);
      return answerExec({ ...args, command }, { host: this, kill });
    }
    if (args["ACTION"] === "logs" || args["ACTION"] === "log") {
      this.seen.push(args["ACTION"]);
      const held = this.onLogs?.();
      if (held instanceof Promise) await held;
      return answerLogs({ args, script }, this);
    }
    if (args["ACTION"] === "read-out") {
      this.seen.push(`read out ${args["NUMBER"] ?? ""} ${args["OF"] ?? ""}`);
      return { stdout: (this.logs.deployments.get(Number(args["NUMBER"])) ?? []).map((line) => `${line}\n`).join("") };
    }
    if (args["ACTION"] === "stats") {
      this.seen.push("stats");
      return answerStats(args["NONCE"], this, kill);
    }
    if (args["ACTION"] === "ask") {
      this.seen.push("ask");
      return answerAsk({ args, script }, this);
    }
    // Asked beside its work, by who reads what is told.
    if (script.includes('"action":"step"')) {
      const line = { threads: 1, action: "step", app: args["APP"], nonce: args["NONCE"], step: this.log.step };
      return { stdout: `${JSON.stringify(line)}\n` };
    }
    if (args["ACTION"] === undefined) {
      this.seen.push("status");
      const held = this.onStatus?.();
      if (held instanceof Promise) await held;
      const number = Math.floor(this.#fence / 10);
      return this.#say(args, { action: "status", ok: true, number, busy: this.busy, ...this.log });
    }
    const extra = `${args["MIGRATE"] ? " migrate" : ""}${args["ABSENT"] ? ` without ${args["ABSENT"]}` : ""}`;
    const share = args["ACTION"] === "weigh" ? ` ${args["WEIGHT"] ?? ""}%` : "";
    this.seen.push(`${args["ACTION"]} ${Number(args["NUMBER"])}${share}${extra}`);
    if (this.busy)
      return this.#fail(args, hostCodes.busy.exit, "another deployment is at work on this host", "unknown");
    this.busy = true;
    try {
      return await this.#accept(args, kill);
    } finally {
      this.busy = false;
    }
  }

  async #accept(args: Arguments, kill: AbortSignal): Promise<HostReply> {
    const number = Number(args["NUMBER"]);
    const fence = number * 10 + (phases[args["ACTION"] ?? ""] ?? 1);
    if (fence < this.#fence) return this.#fail(args, hostCodes.superseded.exit, "a newer one has been here", "unknown");
    const answer = fence === this.#fence ? this.#answers.get(fence) : undefined;
    if (answer !== undefined) return answer;
    const { record } = this.weights;
    const isLate = record?.number === number && record.step > Number(args["STEP"]);
    if (args["ACTION"] === "weigh" && isLate)
      return this.#fail(args, hostCodes.superseded.exit, "a later step has been here", "unknown");
    this.#fence = fence;
    if (!this.#before.has(number))
      this.#before.set(number, {
        current: this.current,
        containers: [...this.containers],
        environment: this.environment,
      });
    if (args["ACTION"] === "restore") this.onRestore?.();
    else this.onDeploy?.();
    if (args["ACTION"] === "restore" || record?.bundle !== bundleIn(args)) leaveWeights(this.weights);
    // Before a deployment has touched anything it knows what it serves, docker or not.
    if (!this.docker)
      return this.#fail(
        args,
        hostCodes.notReady.exit,
        "the Docker daemon does not answer",
        args["ACTION"] === "restore" ? "unknown" : "old",
      );
    const reply = await this.#carryOut(args, this.behaviours.shift() ?? {}, kill);
    if (reply.stdout?.includes('"ok":true') === true && args["ACTION"] !== "weigh") this.#answers.set(fence, reply);
    return reply;
  }

  async #carryOut(args: Arguments, behaviour: Behaviour, kill: AbortSignal): Promise<HostReply> {
    const reached = reachedBy[args["ACTION"] ?? ""] ?? "old";
    if ("code" in behaviour) {
      this.#serve(args, behaviour.serves);
      const { code, message = "no luck", log: stderr } = behaviour;
      return { ...this.#fail(args, code, message), ...(stderr === undefined ? {} : { stderr }) };
    }
    if ("lies" in behaviour) {
      this.#serve(args, behaviour.lies);
      return this.#say(args, { ok: true, now: behaviour.lies });
    }
    if ("got" in behaviour) {
      if (behaviour.got !== "nowhere") this.#serve(args, behaviour.got === "done" ? reached : "unknown");
      return { status: behaviour.status, exitCode: 137 };
    }
    if ("until" in behaviour) {
      this.#serve(args, "unknown");
      await Promise.race([behaviour.until, new Promise((resolve) => kill.addEventListener("abort", resolve))]);
      if (kill.aborted) return {};
    }
    this.#serve(args, reached);
    if ("garbage" in behaviour) return { stdout: behaviour.garbage };
    const done = { ok: true, now: reached };
    if ("word" in behaviour) return { ...this.#say(args, done), status: behaviour.status };
    const { warnings = [], without }: Success = "until" in behaviour ? {} : behaviour;
    this.containers = this.containers.filter(({ service }) => service !== without);
    return this.#say(args, { ...done, warnings });
  }

  /** Brings the host into this state; the record changes last, so half a way is containers of the one and the other. */
  #serve(args: Arguments, now: Now): void {
    const number = Number(args["NUMBER"]);
    const before = this.#before.get(number) ?? nothing;
    if (args["ACTION"] === "weigh") return this.#weigh(args, now);
    if (args["ACTION"] === "deploy") this.#after.set(number, this.#release(args));
    const after = this.#after.get(number) ?? before;
    if (now === "unknown") {
      this.containers = [...after.containers.slice(0, 1), ...before.containers.slice(1)];
      return;
    }
    const { current, containers, environment } = now === "new" ? after : before;
    leaveWeights(this.weights);
    this.current = current;
    this.environment = environment;
    this.containers = containers.map((one) => ({ ...one }));
  }

  /** What serves stays on record. Half way, the host has written down what its edge was not told. */
  #weigh(args: Arguments, now: Now): void {
    if (this.current?.slot == null) throw new Error(`${this.id} has no slot beside which a release could answer`);
    if (now === "old") return leaveWeights(this.weights);
    const [step, weight] = [Number(args["STEP"]), Number(args["WEIGHT"])];
    const revision = args["REVISION"] ?? "";
    weigh(this.weights, { number: Number(args["NUMBER"]), step, weight, revision, bundle: bundleIn(args) });
    if (now === "unknown") this.weights.sends = 0;
  }

  #release(args: Arguments): Served {
    const absent = (args["ABSENT"] ?? "").split(" ");
    const released = (args["IMAGES"] ?? "")
      .split(" ")
      .map((pair) => pair.split("="))
      .filter(([service = ""]) => !absent.includes(service))
      .map(([service = "", reference = ""]) => ({
        service,
        digest: reference.slice(reference.indexOf("@") + 1),
        state: "running",
        health: "healthy",
      }));
    const bundle = bundleIn(args);
    const number = Number(args["NUMBER"]);
    const slot = this.#slotted.has(bundle) ? ("blue" as const) : null;
    const current = { number, revision: args["REVISION"] ?? "", bundle, slot, at: "2026-11-22T10:00:00Z" };
    return { current, containers: [...released, ...this.others], environment: this.#made(args, bundle) };
  }

  /** As env-from.sh has it: a release that is gone back to has the one that it had. */
  #made({ ENV_FROM: from = "", AS_IT_WAS: asItWas }: Arguments, bundle: string): MadeEnvironment | undefined {
    const kept = this.#kept.get(bundle);
    if (asItWas === "1" && kept !== undefined) return kept;
    if (from === "") return undefined;
    const made = { from, versions: { ...this.store } };
    this.#kept.set(bundle, made);
    return made;
  }

  /** What it serves, read from it: half of something is neither the one nor the other. */
  #now(number: number): Now {
    if (!this.docker) return "unknown";
    if (this.weights.record !== undefined) return this.weights.sends === 0 ? "unknown" : "both";
    const is = (other: Served = nothing): boolean =>
      this.current === other.current &&
      String(this.containers.map(digestOf)) === String(other.containers.map(digestOf));
    if (is(this.#before.get(number))) return "old";
    return is(this.#after.get(number)) ? "new" : "unknown";
  }

  #fail(args: Arguments, code: number, message: string, now = this.#now(Number(args["NUMBER"]))): HostReply {
    const reply = this.#say(args, { ok: false, code, message, now });
    return { ...reply, exitCode: code, stderr: "the log\nsays why" };
  }

  #say(args: Arguments, own: object): HostReply {
    const number = Number(args["NUMBER"]);
    const did = args["ACTION"] === undefined ? {} : { action: args["ACTION"], number, now: this.#now(number) };
    const line = {
      threads: 1,
      nonce: args["NONCE"],
      docker: this.docker,
      warnings: [],
      ...did,
      ...own,
      current: this.current ?? null,
      weighed: args["ACTION"] === undefined ? tellWeights(this.weights) : null,
      served: this.served ?? null,
      environment: this.environment ?? null,
      changedFiles: this.changedFiles,
      environmentChanged: this.environmentChanged,
      services: this.current === undefined ? null : this.services(),
      containers: this.docker ? this.containers.map(shown) : null,
    };
    return { stdout: `${JSON.stringify({ ...line, ...this.change(line) })}\n` };
  }

  /** Of the current release's compose file. */
  services(): string[] {
    return [...new Set([...services, ...this.others.map(({ service }) => service)])];
  }
}

const phases: Readonly<Record<string, number>> = { weigh: 0, deploy: 1, restore: 2 };
const reachedBy: Readonly<Record<string, Now>> = { weigh: "both", deploy: "new", restore: "old" };
const bundleIn = (args: Arguments): string => (args["BUNDLE"] ?? "").replace(/^.*@/, "");
const nothing: Served = { current: undefined, containers: [] };
const digestOf = ({ digest }: SimulatedContainer): string => digest;
const services = ["web", "celery", "celery-beat", "nginx"];

function shown({ service, digest, state, health, exitCode, restarts = 0 }: SimulatedContainer, index: number): object {
  return {
    service,
    oneoff: false,
    id: `c${index}`,
    name: `threads-${service}-1`,
    reference: `r/threads/${service}@${digest}`,
    digests: [`r/threads/${service}@${digest}`],
    state,
    exitCode: exitCode ?? (state === "running" ? 0 : 137),
    health,
    restarts,
    startedAt: "2026-11-22T10:00:00.123456789Z",
  };
}
