import type { HostExecutor, ManagedHost } from "./hosts.ts";

/** One run of a script on one host. */
export interface ScriptOrder {
  readonly commandId: string;
  /** The text of _script.sh. */
  readonly script: string;
  readonly workingDirectory: string;
  /** Seconds, after the agent's own clamping. */
  readonly timeoutSeconds: number;
  readonly region: string;
  /** Parameters that the script finds in its environment, `NAME=value` each. */
  readonly variables: readonly string[];
}

/** What the agent's files on the host say about an order. */
export type AgentState =
  | { readonly kind: "finished"; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: "running" }
  /** Never started here, or stopped half-way by a reboot. */
  | { readonly kind: "absent" };

/** As many bytes as 24,000 characters can have in UTF-8, and one character more to see that there was more. */
const collectedBytes = 24_001 * 4;

/**
 * The document worker. Facts (amazon-ssm-agent 3.3, observed): the script stays on disk as _script.sh (0700) beside stdout and stderr
 * (0600) and runs as `sh -c PATH`, so a shebang counts; clean environment with HOME=/root; working directory / unless absolute; no standard input; on
 * expiry SIGKILL for the process group, which setsid children survive; the step ends only when nobody holds its output any more.
 * The lock says "still running" for exactly as long as the worker lives, a power loss included.
 */
const worker = `
umask 077
dir=$1 limit=$2 cwd=$3 instance=$4 region=$5 command=$6
mkdir -p "$dir" || exit 70
exec 9>"$dir/lock"
flock -n 9 || exit 71
rm -f "$dir/result" "$dir/group"
printf '%s' "$7" >"$dir/_script.sh" && chmod 0700 "$dir/_script.sh" || exit 70
shift 7
: >>"$dir/stdout"
: >>"$dir/stderr"
platform=$(. /etc/os-release 2>/dev/null; printf '%s' "\${NAME:-Linux}")
version=$(. /etc/os-release 2>/dev/null; printf '%s' "\${VERSION_ID:-}")
case $cwd in /*) ;; *) cwd=/ ;; esac
if [ -e "$dir/cancelled" ]; then
  echo 137 >"$dir/code"
elif ! [ -d "$cwd" ]; then
  echo 'fork/exec /usr/bin/sh: no such file or directory' >>"$dir/stderr"
  echo 1 >"$dir/code"
else
  {
    {
      cd "$cwd" && umask 0022 && env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
        AWS_SSM_INSTANCE_ID="$instance" AWS_SSM_REGION_NAME="$region" AWS_SSM_PLATFORM_NAME="$platform" \\
        AWS_SSM_PLATFORM_VERSION="$version" SSM_COMMAND_ID="$command" "$@" \\
        timeout -s KILL "$limit" sh -c '
          (umask 077 && echo "$PPID" >"$0/group")
          if [ -e "$0/cancelled" ]; then kill -KILL "-$PPID"; fi
          exec sh -c "$0/_script.sh"' "$dir" </dev/null 2>&1 >&3 3>&- 9>&-
      code=$?
      umask 077
      echo "$code" >"$dir/code"
    } | cat >>"$dir/stderr"
  } 3>&1 | cat >>"$dir/stdout"
fi
rm -f "$dir/group"
mv "$dir/code" "$dir/result"
`;

/** Exit 0: finished, the code is the first line of stdout, the heads of both streams follow. 75: running. 76: neither. */
const look = `
dir=$1
if [ -s "$dir/result" ]; then
  cat "$dir/result"
  head -c "$2" "$dir/stdout"
  head -c "$2" "$dir/stderr" >&2
  exit 0
fi
if [ -e "$dir/lock" ] && ! flock -n "$dir/lock" true; then exit 75; fi
exit 76
`;

/** SIGKILL for the script's process group; a worker that has not started its script yet finds the mark. */
const kill = `
dir=$1
mkdir -p "$dir" && : >"$dir/cancelled"
group=$(cat "$dir/group" 2>/dev/null) || exit 0
case $group in '' | *[!0-9]*) exit 0 ;; esac
kill -KILL "-$group" 2>/dev/null || true
`;

/**
 * Runs the script from its top; resolves when the worker has ended, however that came about, or with the reason why it could not begin.
 * Output is appended to that of an earlier run.
 */
export async function startScript(
  executor: HostExecutor,
  host: ManagedHost,
  order: ScriptOrder,
): Promise<string | undefined> {
  const { timeoutSeconds, workingDirectory, region, commandId, script, variables } = order;
  const words = [workingDirectory, host.instanceId, region, commandId, script, ...variables];
  const end = await executor.run(host, {
    program: worker,
    words: [orderDirectory(host, commandId), String(timeoutSeconds), ...words],
  });
  return end.exitCode === 70 ? `the agent on ${host.instanceId} cannot write its files: ${end.stderr}` : undefined;
}

/** Reads the outcome from the host's disk. Rejects when the host cannot be reached. */
export async function lookAtScript(executor: HostExecutor, host: ManagedHost, commandId: string): Promise<AgentState> {
  const words = [orderDirectory(host, commandId), String(collectedBytes)];
  const end = await executor.run(host, { program: look, words });
  if (end.exitCode === 75) return { kind: "running" };
  if (end.exitCode === 76) return { kind: "absent" };
  if (end.exitCode !== 0) throw new Error(`the agent on ${host.instanceId} does not answer (${end.exitCode})`);
  const line = end.stdout.indexOf("\n");
  const exitCode = Number(end.stdout.slice(0, line));
  return { kind: "finished", exitCode, stdout: end.stdout.slice(line + 1), stderr: end.stderr };
}

/** Kills the script's process group on the host. What left the group (setsid, containers) goes on, as on a real host. */
export async function killScript(executor: HostExecutor, host: ManagedHost, commandId: string): Promise<void> {
  await executor.run(host, { program: kill, words: [orderDirectory(host, commandId)] });
}

/** Where the agent keeps what belongs to a command. */
export function orderDirectory(host: ManagedHost, commandId: string): string {
  return `${host.agentDirectory}/document/orchestration/${commandId}/awsrunShellScript/0.awsrunShellScript`;
}
