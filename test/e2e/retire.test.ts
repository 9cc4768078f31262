import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

// What retire.sh reads of containers, from a real docker and a real kernel: its templates, and who hears which signal.

const app = `retire-${process.pid}`;
const docker = (...args: string[]): string => execFileSync("docker", args, { encoding: "utf8" }).trim();
const part = (name: string): string => readFileSync(new URL(`../../src/lib/script/${name}`, import.meta.url), "utf8");

const ours = ["--filter", `label=com.docker.compose.project=${app}-blue`];

/** Programs that are their containers' PID 1, and how many containers each has. */
const services: Readonly<Record<string, { readonly args: readonly string[]; readonly count: number }>> = {
  deaf: { args: ["debian:trixie-slim", "sleep", "600"], count: 2 },
  shell: { args: ["debian:trixie-slim", "sh", "-c", "sleep 600; true"], count: 1 },
  slow: {
    args: ["debian:trixie-slim", "bash", "-c", "trap : TERM; echo ready; while :; do sleep 600 & wait; done"],
    count: 1,
  },
  tidy: { args: ["--init", "debian:trixie-slim", "sleep", "600"], count: 1 },
};

beforeAll(async () => {
  for (const [service, { args, count }] of Object.entries(services))
    for (let n = 0; n < count; n += 1) {
      const labels = { service, project: `${app}-blue`, "config-hash": "x", oneoff: "False" };
      const told = Object.entries(labels).flatMap(([key, value]) => ["--label", `com.docker.compose.${key}=${value}`]);
      docker("run", "-d", "--network", "none", "--stop-timeout", "1", ...told, ...args);
    }
  const [slow] = docker("ps", "-q", "--filter", "label=com.docker.compose.service=slow", ...ours).split("\n");
  // Its handler is there once it says so.
  await vi.waitUntil(() => docker("logs", slow ?? "").includes("ready"), { timeout: 120_000 });
});
afterAll(() => {
  const left = docker("ps", "-aq", ...ours).split("\n");
  docker("rm", "-f", ...left);
});

test("what was killed is told with the cause, and what has ended by itself is not", () => {
  const script = [
    "set -euo pipefail",
    'TASKS_AWK="{ }" SINGLETONS="" singletons_told="" projects=()',
    'warn() { printf "%s\\n" "$1"; }',
    'moment() { date -d "$1" +%FT%T.%N; }',
    ...["common.sh", "start-stop.sh", "retire.sh"].map(part),
    "note_hearing blue",
    "told=$(moment now)",
    `docker stop $(docker ps -q --filter label=com.docker.compose.project=${app}-blue) >/dev/null`,
    'tell_ends blue "$told"',
  ].join("\n");
  const env = { ...process.env, APP: app, ROOT: "/nonexistent", LC_ALL: "C", TZ: "UTC" };
  const said = execFileSync("bash", ["-c", script], { encoding: "utf8", env });
  const killed = "did not end in its stop_grace_period of 1 s and was killed; ";
  expect(said.trim().split("\n").toSorted()).toEqual([
    expect.stringContaining(`deaf (2 containers) ${killed}its PID 1 (sleep) does not listen for SIGTERM, and`),
    expect.stringContaining(`shell ${killed}its PID 1 is a shell (sh), which hands no SIGTERM on`),
    `slow ${killed}it listens for SIGTERM and needed longer than that`,
  ]);
});
