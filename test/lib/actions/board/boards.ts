import type { BoardPorts } from "../../../../src/lib/actions/board/ports.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { EnvironmentStatus } from "../../../../src/lib/fleet/status-result.ts";
import type { GatesResult } from "../../../../src/lib/gates/result.ts";
import type { Deployment } from "../../../../src/lib/ledger/ledger.ts";
import type { PastEvent } from "../../../../src/lib/ledger/timeline-result.ts";
import { aConfig } from "../../../fakes/config.ts";

const by = { user: "ada", host: "laptop" };
const shown = { ...by, runUrl: null, principal: null };
const at = "2026-11-28T10:00:00.000Z";
const began = Date.parse("2026-11-28T12:00:00.000Z");
export const digestOf = (word: string): `sha256:${string}` => `sha256:${word.padEnd(64, "0")}`;
export const revisionOf = (word: string): string => word.padEnd(40, "0");

/** Of an environment that runs the release of a word. */
export function aStatus(environment: string, word: string, change: Partial<EnvironmentStatus> = {}): EnvironmentStatus {
  const release = { number: 7, revision: revisionOf(word), bundle: digestOf(word) };
  return {
    environment,
    outcome: "as-deployed",
    release: { ...release, kind: "deploy", by: shown, startedAt: at },
    latest: null,
    freeze: null,
    hold: null,
    lease: null,
    weighed: null,
    hosts: [
      {
        id: "i-1",
        name: `${environment}-1`,
        url: null,
        verdict: "ok",
        release: { ...release, slot: "blue", recordedAt: at },
        environmentMade: null,
        changedFiles: [],
        environmentChanged: false,
        deployment: null,
        leftOutOf: null,
        busy: false,
        says: "",
        services: [
          {
            service: "web",
            digest: digestOf(word),
            expected: digestOf(word),
            state: "running",
            health: "healthy",
            startedAt: at,
            verdict: "ok",
            says: "",
          },
        ],
      },
    ],
    problems: [],
    next: [],
    advice: [],
    ...change,
  };
}

export function anEvent(change: Partial<PastEvent> = {}): PastEvent {
  return {
    happenedAt: at,
    event: "deploy",
    number: 7,
    revision: revisionOf("aa"),
    result: "succeeded",
    gate: null,
    host: null,
    service: null,
    command: null,
    reason: null,
    principal: null,
    by: shown,
    ...change,
  };
}

function someGates(environment: string, revision: string): GatesResult {
  const gate = { opensBy: null, opensAt: null, policy: null, reason: null, next: [], advice: [] };
  return {
    outcome: "shut",
    environment,
    revision,
    bundle: digestOf("aa"),
    says: "staging runs it",
    gates: [
      { ...gate, gate: "published", state: "passed", says: "4 images are there" },
      { ...gate, gate: "approvals", state: "missing", says: "1 of 2 <people>", opensBy: "any 1 of user/bob" },
      { ...gate, gate: "scan", state: "not-configured", says: "threads.yml does not ask for it" },
    ],
    next: ["threads approve aa -e prod"],
    advice: [],
  };
}

function deployed(word: string): Deployment {
  const intent = {
    schema: 1 as const,
    number: 7,
    kind: "deploy" as const,
    revision: revisionOf(word),
    tree: revisionOf(word),
    bundle: { repository: "bundle", digest: digestOf(word) },
    images: {},
    hosts: ["i-1"],
    by,
    startedAt: at,
    deadline: at,
    nonce: "n",
  };
  const outcome = {
    schema: 1 as const,
    number: 7,
    nonce: "n",
    result: "succeeded" as const,
    hosts: [],
    finishedAt: at,
  };
  return { intent, outcome };
}

export const denied = (what: string): ThreadsError =>
  new ThreadsError("ACCESS_DENIED", { message: `AWS denies access to ${what}`, advice: ["ask who may"] });

/** A world in which each environment runs the release of a word, and every question is counted. */
export class BoardWorld {
  now = began;
  readonly asked: string[] = [];
  /** By environment; undefined where nothing was ever deployed. */
  readonly runs = new Map<string, string | undefined>([
    ["staging", "aa"],
    ["prod", "bb"],
  ]);
  /** By question, why it is not answered. */
  readonly refused = new Map<string, Error>();
  readonly statuses = new Map<string, Partial<EnvironmentStatus>>();
  readonly interrupt = new AbortController();
  config = aConfig({
    environments: {
      dev: {},
      staging: { hosts: { tag: "env=staging" } },
      prod: { hosts: { tag: "env=prod" }, gates: {} },
    },
  });

  ports(): BoardPorts {
    return {
      config: this.config,
      urls: { prod: "https://threads.example" },
      ledger: {
        deploymentLog: async (name) => {
          this.#ask(`log of ${name}`);
          const word = this.runs.get(name);
          const deployments = word === undefined ? [] : [deployed(word)];
          return { deployments, folded: [], unread: 0, unreadable: [], serverTime: this.now };
        },
      },
      status: async (name) => {
        this.#ask(`hosts of ${name}`);
        const word = this.runs.get(name);
        const own = aStatus(name, word ?? "");
        return { ...own, ...(word === undefined && { release: null, hosts: [] }), ...this.statuses.get(name) };
      },
      past: async (environment) => {
        this.#ask(`past of ${environment}`);
        const observedAt = new Date(this.now).toISOString();
        return { outcome: "listed", environment, events: [anEvent()], next: [], advice: [], observedAt };
      },
      gates: async (revision, environment) => {
        this.#ask(`gates of ${revision.replace(/0+$/, "")} to ${environment}`);
        return someGates(environment, revision);
      },
      clock: { now: () => this.now, sleep: (ms, signal) => this.sleep(ms, signal) },
      signal: this.interrupt.signal,
    };
  }

  sleep: BoardPorts["clock"]["sleep"] = () => Promise.resolve();

  /** What was asked since the last time. */
  takeAsked(): string[] {
    return this.asked.splice(0).toSorted();
  }

  #ask(what: string): void {
    this.asked.push(what);
    const why = this.refused.get(what);
    if (why !== undefined) throw why;
  }
}
