import { execScript } from "../docker/commands.ts";
import type { Processes } from "../process/processes.ts";
import { quote } from "../script/shell-words.ts";
import { notReady } from "./engine.ts";
import { databaseName, objectName } from "./layout.ts";
import type { EnvironmentState, SandboxState } from "./state.ts";

interface ReadinessPorts {
  readonly processes: Processes;
  readonly signal: AbortSignal;
}

/** Tenths of a second that a script in a container waits before it gives up. */
const patience = 1_200;
const gaveUp = 69;

/** Waits inside the container: one process here instead of one for each look. */
function waitFor(condition: string): string {
  return `n=0; until ${condition}; do n=$((n+1)); [ $n -lt ${patience} ] || exit ${gaveUp}; sleep 0.1; done`;
}

/**
 * Writes the environment file, and again where `sandbox.env` says something else now; one that was changed on the host
 * belongs to the host.
 */
export function environmentScript(path: string): string {
  return [
    `set -e; file=${quote(path)}; umask 077; ours="$file.sandbox"`,
    'mkdir -p -m 0755 "${file%/*}"; cat >"$file.new"',
    'if [ ! -e "$file" ] || { [ -e "$ours" ] && cmp -s "$file" "$ours"; }; then',
    '  cp "$file.new" "$ours"; mv "$file.new" "$file"; else rm "$file.new"; fi',
  ].join("\n");
}

const engineScript = waitFor(
  "curl -fsS --max-time 4 --unix-socket /run/docker.sock http://docker/_ping >/dev/null 2>&1",
);
const engineAnswers = "its Docker engine";

/** psql over the socket, where the image trusts the superuser; `-h 127.0.0.1` first, because the server that initialises has no TCP. */
const databaseScript = [
  waitFor("pg_isready -q -h 127.0.0.1 -U postgres"),
  "exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres --dbname postgres --output /dev/null",
].join("\n");

/** A role and a database for each environment; may run any number of times. Names are plain words, passwords hexadecimal. */
export function databaseSql(app: string, environments: Readonly<Record<string, EnvironmentState>>): string {
  return Object.entries(environments)
    .map(([env, { databasePassword }]) => {
      const name = databaseName(app, env);
      return [
        `SELECT 'CREATE ROLE "${name}" LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') \\gexec`,
        `ALTER ROLE "${name}" PASSWORD '${databasePassword}';`,
        `SELECT 'CREATE DATABASE "${name}" OWNER "${name}"' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${name}') \\gexec`,
        "",
      ].join("\n");
    })
    .join("");
}

/**
 * Waits for a host's engine and gives the host its environment file.
 * @throws ThreadsError refused, with the end of its log
 */
export async function hostReady(
  host: { readonly container: string; readonly file: { readonly path: string; readonly text: string } },
  ports: ReadinessPorts,
): Promise<void> {
  await runScript(
    {
      container: host.container,
      script: `${environmentScript(host.file.path)}\n${engineScript}`,
      input: host.file.text,
      what: engineAnswers,
    },
    ports,
  );
}

/** Waits for the engine on which tasks run. @throws ThreadsError refused, with the end of its log */
export async function machineReady(container: string, ports: ReadinessPorts): Promise<void> {
  await runScript({ container, script: engineScript, input: "", what: engineAnswers }, ports);
}

/** Waits for PostgreSQL and makes each environment's database. @throws ThreadsError refused, with the end of its log */
export async function databasesReady(app: string, state: SandboxState, ports: ReadinessPorts): Promise<void> {
  const input = databaseSql(app, state.environments);
  await runScript(
    { container: objectName(state.id, "postgres"), script: databaseScript, input, what: "PostgreSQL" },
    ports,
  );
}

/** Waits for Redis. @throws ThreadsError refused, with the end of its log */
export async function redisReady(state: SandboxState, ports: ReadinessPorts): Promise<void> {
  const script = waitFor("redis-cli ping >/dev/null 2>&1");
  await runScript({ container: objectName(state.id, "redis"), script, input: "", what: "Redis" }, ports);
}

interface Script {
  readonly container: string;
  readonly script: string;
  readonly input: string;
  /** What it waits for, for the failure's sentence. */
  readonly what: string;
}

async function runScript({ container, script, input, what }: Script, ports: ReadinessPorts): Promise<void> {
  const { exitCode, stderr } = await ports.processes.run(execScript(container, script), {
    input,
    signal: ports.signal,
    allowFailure: true,
  });
  if (exitCode === 0) return;
  const why =
    exitCode === gaveUp
      ? `did not answer within ${patience / 10} s`
      : `could not be prepared: ${stderr.trim().split("\n").at(-1) ?? ""}`;
  throw await notReady(container, `${container}: ${what} ${why}`, ports.processes);
}
