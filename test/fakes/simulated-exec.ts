import type { SimulatedHost } from "./simulated-host.ts";
import type { HostReply } from "./ssm-protocol.ts";

/** How a command ends in its container, or what SSM says of it instead. */
export type ExecEnd =
  | { readonly code?: number; readonly stdout?: string; readonly stderr?: string; readonly end?: "timed-out" }
  | { readonly status: string };

/** The words of the command that exec.sh is to run; undefined of every other script. */
export function commandIn(script: string): readonly string[] | undefined {
  const [, words] = /^COMMAND=\((.*)\)$/m.exec(script) ?? [];
  return words === undefined ? undefined : [...words.matchAll(/'([^']*)'/g)].map(([, word = ""]) => word);
}

interface Order {
  readonly SERVICE?: string | undefined;
  readonly NONCE?: string | undefined;
  readonly command: readonly string[];
}

/** Answers as exec.sh does; a command that is killed says nothing. */
export async function answerExec(
  { SERVICE: service, NONCE: nonce, command }: Order,
  { host, kill }: { readonly host: SimulatedHost; readonly kill: AbortSignal },
): Promise<HostReply> {
  const say = (facts: object, stdout = "", stderr = ""): HostReply => {
    const nothing = {
      end: "not-running",
      code: 0,
      container: "",
      state: "",
      services: [],
      stdoutBytes: 0,
      stderrBytes: 0,
    };
    const line = { threads: 1, action: "exec", nonce, ...nothing, ...facts };
    return { stdout: `${JSON.stringify(line)}\n${stdout}`, stderr };
  };
  const own = host.containers.filter((one) => one.service === service);
  const one = own.find(({ state }) => state === "running") ?? own[0];
  const container = one === undefined ? "" : `threads-${one.service}-1`;
  if (!host.docker) return say({ end: "no-docker" });
  if (one?.state !== "running") {
    const services = host.current === undefined ? [] : host.services();
    return say({ container, state: one?.state ?? "", code: one === undefined ? 0 : (one.exitCode ?? 137), services });
  }
  const killed = new Promise<"killed">((resolve) => kill.addEventListener("abort", () => resolve("killed")));
  const end = await Promise.race([host.onExec(command), killed]);
  if (end === "killed") return {};
  if ("status" in end) return { status: end.status, exitCode: 137 };
  const { code = 0, stdout = "", stderr = "", end: how = "ran" } = end;
  const bytes = { stdoutBytes: Buffer.byteLength(stdout), stderrBytes: Buffer.byteLength(stderr) };
  const facts = { end: how, code, container, state: "running", ...bytes };
  return say(facts, stdout.slice(0, 23_000), stderr.slice(0, 7_900));
}
