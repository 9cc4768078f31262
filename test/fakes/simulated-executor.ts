import type { HostExecutor, ManagedHost, ShellEnd } from "../../src/lib/sandbox/server/ssm/hosts.ts";
import type { SimulatedHost } from "./simulated-host.ts";

/** Simulated hosts for the sandbox's SSM: they get the script that its agent brings, and nothing of a shell. */
export function simulatedExecutor(hosts: () => readonly SimulatedHost[]): HostExecutor {
  const ended = new Map<string, ShellEnd>();
  const kills = new Map<string, AbortController>();
  return {
    hosts: () => Promise.resolve(hosts().map(managed)),
    run: async ({ instanceId }, { words }) => {
      const host = hosts().find(({ id }) => id === instanceId);
      const [folder = "", , , , , , script, ...variables] = words;
      const kill = kills.get(folder) ?? new AbortController();
      kills.set(folder, kill);
      if (host === undefined) throw new Error(`there is no host ${instanceId}`);
      // As agent.ts asks: seven words begin a script, and what follows them is in its environment, two look at it, one kills it;
      // four ask for what it has printed, as log-output.ts does.
      if (script !== undefined) {
        const {
          exitCode = 0,
          stdout = "",
          stderr = "",
        } = await host.run(withVariables(script, variables), kill.signal);
        ended.set(folder, { exitCode: 0, stdout: `${exitCode}\n${stdout}`, stderr });
      } else if (words.length === 4) return news(host, ended.get(folder), words);
      else if (words.length === 1) kill.abort();
      else return ended.get(folder) ?? { exitCode: 76, stdout: "", stderr: "" };
      return { exitCode: 0, stdout: "", stderr: "" };
    },
    restart: () => Promise.reject(new Error("a simulated host does not reboot")),
  };
}

function news({ role }: SimulatedHost, end: ShellEnd | undefined, [, out, error]: readonly string[]): ShellEnd {
  const printed = end?.stdout.slice(end.stdout.indexOf("\n") + 1) ?? "";
  const texts = [
    [printed, out],
    [end?.stderr ?? "", error],
  ].map(([text = "", from]) => Buffer.from(text).subarray(Number(from)).toString("base64"));
  return { exitCode: 0, stdout: [...role, ...texts, ""].join("\n"), stderr: "" };
}

/** A document's parameters, as the assignments that a host is sent otherwise: `SSM_HealthPath=/` is `HEALTH_PATH='/'`. */
function withVariables(script: string, variables: readonly string[]): string {
  const [shebang = "", ...lines] = script.split("\n");
  const own = variables.map((variable) => {
    const [, name = "", value = ""] = /^SSM_(\w+)=([^]*)$/.exec(variable) ?? [];
    const key = name.replaceAll(/(?<=.)[A-Z]/g, "_$&").toUpperCase();
    if (!lines.includes(`${key}=()`)) return `${key}='${value}'`;
    const words = value.split(" ").filter(Boolean);
    return `${key}=(${words.map((word) => `'${decodeURIComponent(word.slice(1))}'`).join(" ")})`;
  });
  const others = lines.filter((line) => !/^[A-Z_]+=(\(\)|\$\{SSM_)/.test(line));
  return [shebang, ...own, ...others].join("\n");
}

function managed({ id, tags, online }: SimulatedHost): ManagedHost {
  return {
    instanceId: id,
    reference: id,
    running: online,
    computerName: id,
    ipAddress: "10.0.0.1",
    registeredAt: 0,
    tags,
    agentDirectory: `/${id}`,
  };
}
