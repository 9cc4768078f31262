import { createHash } from "node:crypto";
import type { Config } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";

/** How many hosts an environment has. */
export interface HostCount {
  readonly env: string;
  readonly count: number;
}

const mostHosts = 9;

/** What threads.yml asks for: each environment that has hosts, with as many as it must have at least. */
export function hostsOf({ environments }: Pick<Config, "environments">): HostCount[] {
  return Object.values(environments).flatMap(({ name, hosts }) =>
    hosts === undefined ? [] : [{ env: name, count: hosts.minimum }],
  );
}

/**
 * `staging=1,prod=2` as counts, in the order given.
 * @param known environments of threads.yml that have hosts
 * @throws ThreadsError usage
 */
export function parseHosts(text: string, known: readonly string[]): HostCount[] {
  const badHosts = refuse(known);
  const counts = text.split(",").map((part): HostCount => {
    const [, env, count] = /^([a-z][a-z0-9-]{0,30})=(\d{1,2})$/.exec(part.trim()) ?? [];
    if (env === undefined || count === undefined) throw badHosts(`"${part}" is not ENVIRONMENT=COUNT`);
    return { env, count: Number(count) };
  });
  const stranger = counts.find(({ env }) => !known.includes(env));
  if (stranger !== undefined)
    throw badHosts(`threads.yml has no environment ${stranger.env} with hosts, only ${known.join(", ") || "none"}`);
  const twice = counts.find(({ env }, at) => counts.findIndex((other) => other.env === env) !== at);
  if (twice !== undefined) throw badHosts(`${twice.env} is given twice`);
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  if (total < 1 || total > mostHosts) throw badHosts(`${total} hosts: one to ${mostHosts} are possible`);
  return counts.filter(({ count }) => count > 0);
}

function refuse(known: readonly string[]): (why: string) => ThreadsError {
  const next =
    known.length === 0
      ? "threads sandbox up"
      : `threads sandbox up --hosts ${known.map((env) => `${env}=1`).join(",")}`;
  return (why) => new ThreadsError("SANDBOX_HOSTS", { message: `--hosts: ${why}`, next: [next] });
}

/** Short name of a checkout's sandbox: eight hex digits of its absolute root path, so that two checkouts never meet. */
export function sandboxId(root: string): string {
  return hex(root).slice(0, 8);
}

/** The id of a host in the shape of EC2's: `i-` and 17 hex digits; the same for the same place in the same sandbox. */
export function hostId(id: string, name: string): string {
  return `i-${hex(`${id}/${name}`).slice(0, 17)}`;
}

/** First port to try for a sandbox: below the range from which systems take ports for outgoing connections. */
export function firstPort(id: string): number {
  return 20_000 + (Number.parseInt(hex(id).slice(0, 6), 16) % 1_000) * 10;
}

/** Every Docker object of a sandbox begins with this. */
export function objectName(id: string, part: string): string {
  return `threads-${id}-${part}`;
}

/** A name as PostgreSQL takes it unquoted. */
export function databaseName(app: string, env: string): string {
  return `${app}_${env}`.toLowerCase().replaceAll(/[^a-z0-9_]/g, "_");
}

function hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
