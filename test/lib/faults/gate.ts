import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { send } from "../../fakes/in-process-http.ts";

/**
 * How a call goes wrong. `killed`: it takes effect, and the process that made it is gone before it hears of it. `delayed`: it
 * is answered after everything else that was asked meanwhile.
 */
export type Kind = "lost-reply" | "throttled" | "expired" | "reset" | "error-500" | "error-503" | "killed" | "delayed";

export interface Fault {
  /** As in `calls`. */
  readonly call: string;
  /** One after another, where there are several. */
  readonly kind: Kind | readonly Kind[];
  /** The call and its repetitions: so many of them meet the fault. */
  readonly times: number;
}

/** A door before the sandbox that names every call, lets one of them go wrong, and looks behind after each that may have changed something. */
export interface Gate extends AsyncDisposable {
  readonly url: string;
  readonly host: string;
  /** For clients that need no socket. */
  readonly listener: RequestListener;
  /** Every call since `open`, in the order of arrival, e.g. `PutImage threads/web:SHA #1`; an SDK's own repetitions are not named again. */
  readonly calls: readonly string[];
  /** Those of them that may have changed something, repetitions included. */
  readonly writes: readonly string[];
  /** Number of requests, repetitions included. */
  readonly requests: number;
  /** Dependent round trips so far, where `counting`: calls that came without an answer in between are one. */
  readonly rounds: number;
  /** Whether the fault was met, the whole of it where there are several kinds. */
  readonly met: boolean;
  /** Begins anew, as for a new process. */
  open(how?: {
    readonly fault?: Fault | undefined;
    readonly killed?: () => void;
    /** Holds every answer back until no more calls come. */
    readonly counting?: boolean;
  }): void;
  /** Awaited after every call that may have changed something, before its answer is given. */
  afterChange: (call: string) => Promise<void>;
}

interface State {
  fault: Fault | undefined;
  met: number;
  dead: boolean;
  requests: number;
  rounds: number;
  counting: boolean;
  calls: string[];
  writes: string[];
  /** What commands are about, by their ids. */
  labels: Map<string, string>;
  killed: () => void;
}

interface Call {
  readonly name: string;
  readonly body: Buffer;
  readonly protocol: "json" | "query" | "registry";
  readonly changes: boolean;
  readonly repeated: boolean;
}

/** Listens on a free port of the loopback. @param target where it leads, at the moment of a call */
export async function openGate(target: () => RequestListener | undefined): Promise<Gate> {
  const state: State = {
    fault: undefined,
    met: 0,
    dead: false,
    requests: 0,
    rounds: 0,
    counting: false,
    calls: [],
    writes: [],
    labels: new Map(),
    killed: () => undefined,
  };
  const together = rounds(() => (state.rounds += 1));
  const listener: RequestListener = (request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  };
  // An idle connection stays: on a busy machine it would else be closed under a request that is on its way.
  const server = createServer({ keepAliveTimeout: 0 }, listener);
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = general(await read(request, state.labels));
    if (state.dead) return void request.socket.destroy();
    state.requests += 1;
    if (call.changes) state.writes.push(call.name);
    const quiet = state.counting ? together.join() : undefined;
    const kind = meet(state, call);
    if (kind === "reset") return void request.socket.destroy();
    const refusal = kind === "lost-reply" || kind === "killed" || kind === "delayed" ? undefined : kind;
    if (refusal !== undefined) return refuse(response, refusal, call);
    const answer = await forward(request, call.body, target());
    remember(state.labels, call, answer);
    if (kind === "delayed") await stillness(state);
    if (kind === "killed") {
      state.dead = true;
      state.killed();
    }
    if (call.changes) await gate.afterChange(call.name);
    if (kind === "killed" || kind === "lost-reply") return void request.socket.destroy();
    await quiet;
    response.writeHead(answer.statusCode, answer.headers);
    response.end(answer.body);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const gate: Gate = {
    url: `http://${host}`,
    host,
    listener,
    get calls() {
      return state.calls;
    },
    get writes() {
      return state.writes;
    },
    get requests() {
      return state.requests;
    },
    get rounds() {
      return state.rounds;
    },
    get met() {
      const kind = state.fault?.kind;
      return state.met >= (typeof kind === "object" ? kind.length : 1);
    },
    open: ({ fault, killed = () => undefined, counting = false } = {}) =>
      void Object.assign(state, {
        fault,
        met: 0,
        dead: false,
        requests: 0,
        rounds: 0,
        counting,
        calls: [],
        writes: [],
        killed,
      }),
    afterChange: () => Promise.resolve(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return gate;
}

/** Long enough for calls that were made at once to arrive: in small steps, for between any two of them what has arrived is read, however slow the machine is. */
const quiet = { steps: 15, stepMs: 5 };

/** Gathers what comes without a pause, and lets it go all at once. */
function rounds(ended: () => void): { join(): Promise<void> } {
  let waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const after = (steps: number): void => {
    timer = setTimeout(() => (steps === 0 ? release() : after(steps - 1)), quiet.stepMs);
  };
  const release = (): void => {
    ended();
    const all = waiting;
    waiting = [];
    for (const go of all) go();
  };
  return {
    join: () => {
      clearTimeout(timer);
      after(quiet.steps);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}

/** Until nothing is asked any more: who answers late must not hold up what does not wait for that. */
async function stillness(state: Pick<State, "requests">): Promise<void> {
  for (let seen = -1; seen !== state.requests;) {
    seen = state.requests;
    await new Promise((resolve) => setTimeout(resolve, quiet.stepMs));
  }
}

/** Names the call, and says whether and how it goes wrong. */
function meet(state: State, call: Call): Kind | undefined {
  const { fault } = state;
  if (!call.repeated) {
    const seen = state.calls.filter((other) => other.startsWith(`${call.name} #`)).length;
    state.calls.push(`${call.name} #${String(seen + 1)}`);
  }
  if (fault === undefined || state.met >= fault.times || !fault.call.startsWith(`${call.name} #`)) return undefined;
  if (!state.calls.includes(fault.call)) return undefined;
  state.met += 1;
  return typeof fault.kind === "object" ? fault.kind[state.met - 1] : fault.kind;
}

/** The same call has the same name whatever is published. */
function general(call: Call): Call {
  const name = call.name
    .replaceAll(/(?:sha256:)?[0-9a-f]{64}/g, "DIGEST")
    .replaceAll(/[0-9a-f]{40}/g, "SHA")
    .replaceAll(/ [0-9a-f]{16}\b/g, "")
    .replaceAll(/#\d+|\b\d{6}\b/g, "N");
  return { ...call, name };
}

async function read(request: IncomingMessage, labels: ReadonlyMap<string, string>): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const repeated = /attempt=(?!1;)\d/.test(String(request.headers["amz-sdk-request"] ?? ""));
  const target = request.headers["x-amz-target"];
  if (typeof target === "string") {
    const operation = target.split(".")[1] ?? "";
    const name = `${operation} ${subject(JSON.parse(body.toString()) as Input, labels)}`.trim();
    return {
      name,
      body,
      repeated,
      protocol: "json",
      changes: !/^(?:Get|Batch(?:Get|Check)|Describe|List)/.test(operation),
    };
  }
  if (request.url === "/") {
    const name = new URLSearchParams(body.toString()).get("Action") ?? "";
    return { name, body, repeated, protocol: "query", changes: false };
  }
  const path = (request.url ?? "").replace(/\?.*$/, "").replace(/uploads\/.+$/, "uploads/…");
  const method = request.method ?? "";
  return { name: `${method} ${path}`, body, repeated: false, protocol: "registry", changes: !/GET|HEAD/.test(method) };
}

interface Input {
  readonly repositoryName?: string;
  readonly imageTag?: string;
  readonly imageIds?: readonly { readonly imageTag?: string; readonly imageDigest?: string }[];
  readonly Name?: string;
  readonly Path?: string;
  /** Of a command that is sent, and of one that is asked for. */
  readonly Comment?: string;
  readonly CommandId?: string;
  readonly InstanceId?: string;
}

function subject(input: Input, labels: ReadonlyMap<string, string>): string {
  const { repositoryName, imageTag, imageIds, Name, Path, Comment, CommandId, InstanceId } = input;
  if (CommandId !== undefined) return [labels.get(CommandId), InstanceId].filter(Boolean).join(" on ");
  if (Comment !== undefined) return Comment;
  const ids = imageIds?.map((id) => `${id.imageTag ?? ""}@${id.imageDigest ?? ""}`).join(",");
  const tag = imageTag ?? ids;
  return [repositoryName, tag === undefined ? undefined : `:${tag}`, Name ?? Path].filter(Boolean).join("");
}

/** A command's id tells nothing: whoever asks for it asks for what it was sent for. */
function remember(labels: Map<string, string>, { name, body, protocol }: Call, answer: Answer): void {
  if (protocol !== "json" || !name.startsWith("SendCommand") || answer.statusCode !== 200) return;
  const { Command } = JSON.parse(answer.body.toString()) as { Command: { CommandId: string } };
  labels.set(Command.CommandId, (JSON.parse(body.toString()) as { Comment: string }).Comment);
}

type Answer = Awaited<ReturnType<typeof send>>;

function forward(request: IncomingMessage, body: Buffer, target: RequestListener | undefined): Promise<Answer> {
  const { method = "GET", url = "/", headers } = request;
  return send({ method, path: url, headers: headers as Record<string, string>, body }, target);
}

/** Error code and status as the three protocols have them. */
const refusals = {
  throttled: { json: [400, "ThrottlingException"], query: [400, "Throttling"], registry: [429, "TOOMANYREQUESTS"] },
  expired: { json: [400, "ExpiredTokenException"], query: [403, "ExpiredToken"], registry: [403, "DENIED"] },
  "error-500": { json: [500, "ServerException"], query: [500, "InternalFailure"], registry: [500, "UNKNOWN"] },
  "error-503": {
    json: [503, "ServiceUnavailable"],
    query: [503, "ServiceUnavailable"],
    registry: [503, "UNAVAILABLE"],
  },
} as const;

function refuse(response: ServerResponse, kind: keyof typeof refusals, { protocol }: Call): void {
  const [status, code] = refusals[kind][protocol];
  const message =
    kind === "expired" ? "Your authorization token has expired. Reauthenticate and try again." : "made to fail";
  const bodies = {
    json: JSON.stringify({ __type: code, message }),
    query: `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    registry: JSON.stringify({ errors: [{ code, message }] }),
  };
  response.writeHead(status, { "content-type": protocol === "query" ? "text/xml" : "application/x-amz-json-1.1" });
  response.end(bodies[protocol]);
}
