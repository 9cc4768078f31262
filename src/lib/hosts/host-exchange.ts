import { randomBytes } from "node:crypto";
import type { Clock } from "../clock/clock.ts";
import { inParts } from "../aws/in-parts.ts";
import type { AskedMember, AskMember } from "../fleet/target.ts";
import type { Remote } from "../remote/remote.ts";
import { type AskEnd, type AskReport, parseAskReport, unpackReplies } from "../script/ask-report.ts";
import { askScript, mostRequests } from "../script/ask-script.ts";
import { askHosts, silenceOf } from "./ask-hosts.ts";

/** A host, asked by itself: for whoever cannot reach its port. */
export interface AskedHost extends AskedMember {
  readonly app: string;
}

interface ExchangePorts {
  readonly remote: Pick<Remote, "send" | "wait">;
  readonly clock: Pick<Clock, "sleep">;
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly request: Buffer;
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests of one moment go with one command: a command takes a second, whatever is in it. */
const gatherMs = 20;
/** Beside the requests themselves: the agent, and docker under load. */
const graceMs = 30_000;

/** Opens the way to a host's own port. Nothing is asked yet. */
export function hostExchange(asked: AskedHost, ports: ExchangePorts): ReturnType<AskMember> {
  const waiting: Waiting[] = [];
  let gathering = false;
  let ended: Error | undefined;
  const gather = async (): Promise<void> => {
    gathering = true;
    await ports.clock.sleep(gatherMs, ports.signal).catch(() => undefined);
    gathering = false;
    await Promise.all(
      inParts(waiting.splice(0), mostRequests).map(async (group) => {
        try {
          hand(group, await answersOf(group, asked, ports), asked);
        } catch (error) {
          if (error instanceof Error) ended ??= error;
          for (const { reject } of group) reject(error);
        }
      }),
    );
  };
  return {
    silence: () => {
      if (ended !== undefined && !(ended instanceof Silence)) throw ended;
      return ended?.message;
    },
    exchange: (request) => {
      const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
      waiting.push({ request, resolve, reject });
      if (!gathering) void gather();
      return promise;
    },
  };
}

/** The host itself has not answered, so nothing is known of its application. */
class Silence extends Error {}

interface Answers {
  readonly replies: AskReport["replies"];
  readonly bodies: readonly Buffer[];
}

/** One command, and one more for each piece that SSM had no room for. */
async function answersOf(group: readonly Waiting[], asked: AskedHost, ports: ExchangePorts): Promise<Answers> {
  const key = randomBytes(8).toString("hex");
  const requests = group.map(({ request }) => request);
  const first = await ask({ requests, key, offset: 0 }, asked, ports);
  let packed = first.piece;
  while (packed.length < first.size) {
    const { piece } = await ask({ requests: [], key, offset: packed.length }, asked, ports);
    if (piece === "") throw new Silence("no answer: a piece of it was lost on the way");
    packed += piece;
  }
  return { replies: first.replies, bodies: unpackReplies(packed, first.replies) };
}

async function ask(
  piece: { readonly requests: readonly Buffer[]; readonly key: string; readonly offset: number },
  { app, environment, host, port, limitMs }: AskedHost,
  { remote, signal }: ExchangePorts,
): Promise<AskReport> {
  const nonce = randomBytes(8).toString("hex");
  const question = {
    script: askScript({ app, nonce, port, limitMs, ...piece }),
    label: `${app} ${environment} ask ${nonce}`,
    environment,
    executionMs: limitMs + graceMs,
    doing: "asking hosts what their application answers",
  };
  const [run] = await askHosts(question, [host], { remote, signal });
  const report = run && parseAskReport(run.stdout, nonce);
  if (report === undefined) throw new Silence(silenceOf(run));
  if (report.end === "lacking") throw new Silence(report.message);
  if (report.end === "gone") throw new Silence("no answer: a piece of it was lost on the way");
  return report;
}

function hand(group: readonly Waiting[], { replies, bodies }: Answers, { port, limitMs }: AskedHost): void {
  const why: Readonly<Record<Exclude<AskEnd, "answered">, string>> = {
    refused: `nothing listens on port ${port} of the host`,
    late: `no complete answer within ${limitMs / 1000} s`,
    long: "it answers with more than is read",
    broken: "the connection broke off",
  };
  group.forEach(({ resolve, reject }, index) => {
    const end = replies[index]?.end ?? "broken";
    const body = bodies[index] ?? Buffer.alloc(0);
    if (end !== "answered") reject(new Error(why[end]));
    else if (body.length === 0) reject(new Error("the connection was closed without an answer"));
    else resolve(body);
  });
}
