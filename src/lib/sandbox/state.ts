import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ThreadsError } from "../errors/threads-error.ts";
import { sandboxId } from "./layout.ts";

/** What a sandbox has to remember between `down` and `up`; its secrets are random, local and worth nothing elsewhere. */
export interface SandboxState {
  readonly schema: 1;
  readonly id: string;
  /** The checkout it was made for: a copied folder must not share Docker objects with its original. */
  readonly root: string;
  readonly region: string;
  readonly account: string;
  /** Part of every image reference, so it never changes. */
  readonly port: number;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly postgresPassword: string;
  readonly environments: Readonly<Record<string, EnvironmentState>>;
  readonly hosts: readonly HostState[];
  readonly machines: readonly MachineState[];
  readonly targetGroups: readonly TargetGroupState[];
  /** PostgreSQL has initialised its volume and has every database; until then that volume may be half made. */
  readonly databasesMade?: true;
  /** Fingerprint of the containers that the last complete `up` left running; absent while one is under way. */
  readonly ready?: string;
}

export interface EnvironmentState {
  /** Number of its Redis database, 0 to 15. */
  readonly redisDatabase: number;
  readonly databasePassword: string;
  readonly secretKey: string;
}

export interface HostState {
  readonly id: string;
  readonly env: string;
  /** `prod-1`. */
  readonly name: string;
  /** Port on 127.0.0.1 that leads to its `runtime.port`. */
  readonly httpPort: number;
  readonly registeredAt: string;
}

/** What the tasks of a cluster of ECS run on. */
export interface MachineState {
  /** In the shape of EC2's, as that of a host. */
  readonly id: string;
  /** `ecs.shop`. */
  readonly name: string;
  readonly cluster: string;
  /** That run in the cluster. */
  readonly environments: readonly string[];
  /** By which it pulls images. */
  readonly role: string;
  /** Shown as a container instance: some environment has the launch type EC2. */
  readonly isInstance: boolean;
}

/** A target group that threads.yml names. */
export interface TargetGroupState {
  readonly arn: string;
  readonly environment: string;
  /** Of ECS: `shop-cloud-web`. */
  readonly service: string;
  /** On 127.0.0.1, where the load balancer takes its requests. */
  readonly port: number;
  /** Of a service that shifts requests: the group beside it, and the listener rules before the two. */
  readonly shift?: ShiftState;
}

export interface ShiftState {
  /** ARNs. */
  readonly alternate: string;
  readonly production: string;
  readonly test?: string;
  /** On 127.0.0.1, where requests of those who test are taken. */
  readonly testPort?: number;
}

/** `<root>/.threads/sandbox`. */
export function stateFolder(root: string): string {
  return join(root, ".threads", "sandbox");
}

/** Makes the folder; git is told to pass over it, so that a checkout stays as clean as it was. */
export function makeStateFolder(root: string): void {
  mkdirSync(stateFolder(root), { recursive: true, mode: 0o700 });
  hideStateFolders(root);
}

/** Git is told to pass over `<root>/.threads`. */
export function hideStateFolders(root: string): void {
  const ignore = ignoreFile(root);
  mkdirSync(dirname(ignore), { recursive: true, mode: 0o700 });
  if (!existsSync(ignore)) writeFileSync(ignore, "*\n");
}

function ignoreFile(root: string): string {
  return join(dirname(stateFolder(root)), ".gitignore");
}

/** Removes the folder where nothing is in it: a checkout that has no sandbox keeps none. */
export function removeEmptyStateFolder(root: string): void {
  const folder = stateFolder(root);
  if (existsSync(folder) && readdirSync(folder).length > 0) return;
  rmSync(folder, { recursive: true, force: true });
  const above = dirname(folder);
  if (existsSync(above) && readdirSync(above).every((name) => name === ".gitignore"))
    rmSync(above, { recursive: true });
}

/**
 * The state of this checkout's sandbox, or undefined where it has none (one that was made for another path counts as none).
 * @throws ThreadsError refused, for a file that is not ours to understand
 */
export function readState(root: string): SandboxState | undefined {
  const file = join(stateFolder(root), "sandbox.json");
  if (!existsSync(file)) return undefined;
  const state = parse(file);
  if (state?.schema !== 1 || typeof state.port !== "number")
    throw new ThreadsError("SANDBOX_STATE", {
      message: `${file} cannot be read by this version`,
      next: ["threads sandbox down --purge", "threads sandbox up"],
    });
  // One of before there were any has none.
  return state.root === root ? { machines: [], targetGroups: [], ...state } : undefined;
}

function parse(file: string): Saved | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Saved;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // That it may not be read says nothing of what is in it.
    if (code === "EACCES" || code === "EPERM") throw error;
    return undefined;
  }
}

type Later = "machines" | "targetGroups";
type Saved = Omit<SandboxState, Later> & Partial<Pick<SandboxState, Later>>;

/** Replaces the file in one step: a reader, or a crash, sees the old state or the new one. */
export function writeState(state: SandboxState): void {
  const folder = stateFolder(state.root);
  makeStateFolder(state.root);
  const temporary = join(folder, "sandbox.json.new");
  writeFileSync(temporary, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, join(folder, "sandbox.json"));
}

/** Forgets the sandbox. */
export function removeState(root: string): void {
  rmSync(stateFolder(root), { recursive: true, force: true });
}

/** A sandbox that has not been started yet, with credentials of its own. */
export function newState(given: { root: string; region: string; account: string; port: number }): SandboxState {
  return {
    schema: 1,
    id: sandboxId(given.root),
    ...given,
    // AWS's shapes (20 and 40 characters), because tools check them.
    accessKeyId: `AKIA${randomBytes(8).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString("hex"),
    postgresPassword: randomBytes(16).toString("hex"),
    environments: {},
    hosts: [],
    machines: [],
    targetGroups: [],
  };
}

/** An environment's secrets, made when it is first asked for. */
export function newEnvironment(redisDatabase: number): EnvironmentState {
  return {
    redisDatabase,
    databasePassword: randomBytes(16).toString("hex"),
    secretKey: randomBytes(32).toString("base64url"),
  };
}
