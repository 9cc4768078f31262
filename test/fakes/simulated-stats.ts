import type { SimulatedHost } from "./simulated-host.ts";
import type { HostReply } from "./ssm-protocol.ts";

/** Answers as stats.sh does, of two samples: each service takes 12.5 % of a core and 64 MiB. */
export async function answerStats(
  nonce: string | undefined,
  host: SimulatedHost,
  kill: AbortSignal,
): Promise<HostReply> {
  await host.onStats?.(kill);
  if (kill.aborted) return { exitCode: 137 };
  const said = { threads: 1, action: "stats", nonce, message: "", samples: 2, missed: host.docker ? 0 : 2 };
  if (!host.docker)
    return answer({ ...said, end: "no-docker", message: "docker does not tell what containers take", services: [] });
  const services = host.containers.map(({ service }) => ({
    service,
    samples: 2,
    cpu: [12.5, 25],
    memory: [65_536, 65_536],
    points: [
      [1, 0, 65_536],
      [4, 25, 65_536],
    ],
  }));
  return answer({ ...said, end: "sampled", services });
}

function answer(line: object): HostReply {
  return { stdout: `${JSON.stringify(line)}\n` };
}
