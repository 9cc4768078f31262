import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostExecutor, ManagedHost, ShellEnd } from "../../../../../src/lib/sandbox/server/ssm/hosts.ts";

/** Hosts that are directories of this machine: the agent's own programs run as local processes. */
export interface LocalHosts extends HostExecutor {
  readonly restarts: string[];
  set(instanceId: string, change: Partial<ManagedHost>): void;
  remove(instanceId: string): void;
  /** Power loss: every process of the host dies at once and the host is away. */
  powerOff(instanceId: string): void;
  /** The directory of the agent's files for one command. */
  orderDirectory(instanceId: string, commandId: string): string;
  close(): void;
}

export function localHosts(hosts: Readonly<Record<string, Readonly<Record<string, string>>>>): LocalHosts {
  const root = mkdtempSync(join(tmpdir(), "threads-ssm-hosts-"));
  const known = new Map<string, ManagedHost>();
  const groups = new Map<string, Set<number>>();
  for (const [instanceId, tags] of Object.entries(hosts)) {
    const agentDirectory = join(root, instanceId);
    mkdirSync(agentDirectory);
    known.set(instanceId, {
      instanceId,
      reference: `machine-${instanceId}`,
      running: true,
      computerName: `ip-${instanceId}`,
      ipAddress: "10.0.0.1",
      registeredAt: 1_780_000_000,
      tags,
      agentDirectory,
    });
  }
  const set = (instanceId: string, change: Partial<ManagedHost>): void => {
    const host = known.get(instanceId);
    if (host !== undefined) known.set(instanceId, { ...host, ...change });
  };
  const killAll = (instanceId: string): void => {
    const directory = join(root, instanceId);
    for (const group of [...(groups.get(instanceId) ?? []), ...scriptGroups(directory)]) signalGroup(group);
  };
  const restarts: string[] = [];
  return {
    restarts,
    set,
    remove: (instanceId) => void known.delete(instanceId),
    hosts: () => Promise.resolve([...known.values()]),
    run(host, shell) {
      if (known.get(host.instanceId)?.running !== true) return Promise.reject(new Error("the host is away"));
      const group = groups.get(host.instanceId) ?? new Set();
      groups.set(host.instanceId, group);
      return run(["-c", shell.program, "ssm-agent", ...shell.words], group);
    },
    restart(host) {
      restarts.push(host.instanceId);
      return Promise.resolve();
    },
    powerOff(instanceId) {
      set(instanceId, { running: false });
      killAll(instanceId);
    },
    orderDirectory: (instanceId, commandId) =>
      join(root, instanceId, "document/orchestration", commandId, "awsrunShellScript/0.awsrunShellScript"),
    close() {
      for (const instanceId of Object.keys(hosts)) killAll(instanceId);
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function run(argv: readonly string[], group: Set<number>): Promise<ShellEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", argv, { detached: true, stdio: ["ignore", "pipe", "pipe"], cwd: "/" });
    const pid = child.pid ?? 0;
    group.add(pid);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      group.delete(pid);
      const [stdout, stderr] = [Buffer.concat(out).toString("utf8"), Buffer.concat(err).toString("utf8")];
      if (code === null) reject(new Error("the host went away"));
      else resolve({ exitCode: code, stdout, stderr });
    });
  });
}

function scriptGroups(directory: string): number[] {
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith("/group"));
  return files.map((name) => Number(readFileSync(join(directory, name), "utf8")));
}

function signalGroup(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
