import { connect } from "node:net";
import type { Balancer, Place, TargetGroup } from "./balancer.ts";

/** The load balancer of a sandbox: HAProxy, told through its runtime API. @param where its API listens */
export function haproxy(where: { readonly host: string; readonly port: number }): Balancer {
  return {
    check,
    async send({ backend }, places) {
      const rows = serversIn(await ask(where, `show servers state ${backend}`));
      for (const command of commandsFor(backend, rows, places)) {
        const answer = await ask(where, command);
        if (/^(?:No such|Require|Invalid|Unknown|Permission|Bad)/.test(answer))
          throw new Error(`the load balancer refuses "${command}": ${answer}`);
      }
    },
    async split({ key }, percent) {
      const answer = await ask(where, `set map ${sharesFile} ${key} ${Math.round(percent * 10)}`);
      if (answer !== "") throw new Error(`the load balancer does not split requests of ${key}: ${answer}`);
    },
  };
}

/** Where the load balancer keeps how many of a thousand requests of a rule its second target group gets. */
export const sharesFile = "/tmp/shares.map";

/** As an Application Load Balancer asks: with the target's own address as Host, and for the status 200. */
async function check({ path, timeoutSeconds }: TargetGroup, address: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    const headers = { "user-agent": "ELB-HealthChecker/2.0", connection: "close" };
    const { status, body } = await fetch(`http://${address}${path}`, { headers, redirect: "manual", signal });
    await body?.cancel();
    return status === 200;
  } catch {
    return false;
  }
}

/** One of the places that a backend has room for. */
export interface Server {
  readonly name: string;
  readonly address: string;
  readonly state: "ready" | "drain" | "maint";
}

/** What `show servers state` prints (HAProxy management guide, 9.3): admin states are bits, 1 is maintenance and 8 draining. */
export function serversIn(printed: string): readonly Server[] {
  const [, head = "", ...lines] = printed.split("\n");
  const columns = head.replace(/^# /, "").split(" ");
  const cell = (words: readonly string[], column: string): string => words[columns.indexOf(column)] ?? "";
  return lines
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const words = line.split(" ");
      const admin = Number(cell(words, "srv_admin_state"));
      return {
        name: cell(words, "srv_name"),
        address: `${cell(words, "srv_addr")}:${cell(words, "srv_port")}`,
        state: (admin & 1) > 0 ? "maint" : (admin & 8) > 0 ? "drain" : "ready",
      };
    });
}

/** Who is new comes before who goes, so that there is always somebody. Pure. */
export function commandsFor(backend: string, servers: readonly Server[], places: readonly Place[]): readonly string[] {
  const used = servers.filter(({ state }) => state !== "maint");
  const free = servers.filter(({ state }) => state === "maint");
  const known = new Set<string>();
  const wanted = places.toSorted((one, other) => Number(other.takes) - Number(one.takes));
  const kept = wanted.flatMap(({ address, takes }) => {
    const state = takes ? "ready" : "drain";
    const there = used.find((one) => one.address === address);
    if (there !== undefined) {
      known.add(there.name);
      return there.state === state ? [] : [`set server ${backend}/${there.name} state ${state}`];
    }
    const place = free.shift();
    if (place === undefined) throw new Error(`the load balancer has no room for one more target of ${backend}`);
    const [ip = "", port = ""] = address.split(":");
    const server = `${backend}/${place.name}`;
    return [`set server ${server} addr ${ip} port ${port}`, `set server ${server} state ${state}`];
  });
  const gone = used.filter(({ name }) => !known.has(name));
  return [...kept, ...gone.map(({ name }) => `set server ${backend}/${name} state maint`)];
}

const patience = 3_000;

function ask({ host, port }: { readonly host: string; readonly port: number }, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let answer = "";
    socket.setTimeout(patience, () => socket.destroy(new Error("the load balancer does not answer")));
    socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
    socket.once("error", reject).once("end", () => resolve(answer.trim()));
    socket.end(`${command}\n`);
  });
}
