import type { FakeHost, HostReply } from "./ssm-protocol.ts";

interface Current {
  readonly number: number;
  readonly revision: string;
  readonly bundle: string;
  readonly at: string;
}

export interface SimulatedContainer {
  service: string;
  digest: string;
  state: string;
  health: string;
}

/** What a host is to do with a deployment instead of succeeding. */
export type Behaviour =
  | { readonly code: number; readonly message?: string }
  | { readonly status: string; readonly done?: boolean }
  | { readonly hang: true }
  | { readonly garbage: string };

/**
 * A host that understands the arguments of our scripts and answers as they do, without running them: the scripts
 * themselves are tested in test/lib/script and on real hosts in test/e2e.
 */
export class SimulatedHost implements FakeHost {
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
  online = true;
  busy = false;
  current: Current | undefined;
  containers: SimulatedContainer[] = [];
  /** Taken one a deployment; what is missing succeeds. */
  readonly behaviours: Behaviour[] = [];
  /** Actions in the order in which they came, such as `deploy 3`. */
  readonly seen: string[] = [];
  /** Called when a deployment has arrived. */
  onDeploy: (() => void) | undefined;
  #fence = 0;
  readonly #before = new Map<number, { current: Current | undefined; containers: SimulatedContainer[] }>();

  constructor(id: string, environment: string) {
    this.id = id;
    this.tags = { "threads-env": environment };
  }

  async run(script: string, kill: AbortSignal): Promise<HostReply> {
    const args = Object.fromEntries(
      [...script.matchAll(/^([A-Z_]+)='([^']*)'$/gm)].map((match) => [match[1], match[2]]),
    );
    if (args["ACTION"] === undefined) {
      this.seen.push("status");
      return this.#say({ action: "status", nonce: args["NONCE"], ok: true, number: Math.floor(this.#fence / 10) });
    }
    const number = Number(args["NUMBER"]);
    this.seen.push(
      `${args["ACTION"]} ${number}${args["MIGRATE"] ? " migrate" : ""}${args["ABSENT"] ? ` without ${args["ABSENT"]}` : ""}`,
    );
    return args["ACTION"] === "restore" ? this.#restore(number, args) : this.#deploy(number, args, kill);
  }

  async #deploy(number: number, args: Record<string, string | undefined>, kill: AbortSignal): Promise<HostReply> {
    if (number * 10 + 1 < this.#fence) return this.#fail(11, "a newer one has been here", number, args);
    this.#fence = number * 10 + 1;
    this.#before.set(number, { current: this.current, containers: this.containers });
    const behaviour = this.behaviours.shift();
    this.onDeploy?.();
    if (behaviour !== undefined && "hang" in behaviour) {
      await new Promise<void>((resolve) => kill.addEventListener("abort", () => resolve()));
      return {};
    }
    if (behaviour !== undefined && "code" in behaviour)
      return this.#fail(behaviour.code, behaviour.message ?? "no luck", number, args);
    if (behaviour === undefined || "garbage" in behaviour || behaviour.done === true) this.#switch(number, args);
    if (behaviour !== undefined && "garbage" in behaviour) return { stdout: behaviour.garbage };
    if (behaviour !== undefined) return { status: behaviour.status, exitCode: 137 };
    return this.#say({ action: "deploy", number, nonce: args["NONCE"], ok: true });
  }

  #switch(number: number, args: Record<string, string | undefined>): void {
    const absent = (args["ABSENT"] ?? "").split(" ");
    this.containers = (args["IMAGES"] ?? "")
      .split(" ")
      .map((pair) => pair.split("="))
      .filter(([service = ""]) => !absent.includes(service))
      .map(([service = "", reference = ""]) => ({
        service,
        digest: reference.slice(reference.indexOf("@") + 1),
        state: "running",
        health: "healthy",
      }));
    const bundle = (args["BUNDLE"] ?? "").replace(/^.*@/, "");
    this.current = { number, revision: args["REVISION"] ?? "", bundle, at: "2026-11-22T10:00:00Z" };
  }

  #restore(number: number, args: Record<string, string | undefined>): HostReply {
    this.#fence = number * 10 + 2;
    const behaviour = this.behaviours.shift();
    if (behaviour !== undefined && "code" in behaviour) return this.#fail(behaviour.code, "no way back", number, args);
    const before = this.#before.get(number);
    this.current = before?.current;
    this.containers = before?.containers ?? [];
    return this.#say({ action: "restore", number, nonce: args["NONCE"], ok: true });
  }

  #fail(code: number, message: string, number: number, args: Record<string, string | undefined>): HostReply {
    const reply = this.#say({ action: args["ACTION"], number, nonce: args["NONCE"], ok: false, code, message });
    return { ...reply, exitCode: code, stderr: "the log\nsays why" };
  }

  #say(own: object): HostReply {
    const containers = this.containers.map(({ service, digest, state, health }, index) => ({
      service,
      oneoff: false,
      id: `c${index}`,
      name: `threads-${service}-1`,
      reference: `r/threads/${service}@${digest}`,
      digests: [`r/threads/${service}@${digest}`],
      state,
      exitCode: state === "running" ? 0 : 137,
      health,
      restarts: 0,
      startedAt: "2026-11-22T10:00:00.123456789Z",
    }));
    const line = { threads: 1, docker: true, busy: this.busy, ...own, current: this.current ?? null, containers };
    return { stdout: `${JSON.stringify(line)}\n` };
  }
}
