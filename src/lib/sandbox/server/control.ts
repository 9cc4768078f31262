import { type Exchange, readBody, reply } from "./exchange.ts";
import { ServiceError } from "./protocol.ts";
import type { RequestLog } from "./request-log.ts";
import { changeSettings, type Settings, showSettings } from "./settings.ts";
import type { Upstream } from "./upstream.ts";

export interface Control {
  readonly sandboxId: string;
  readonly settings: Settings;
  readonly log: RequestLog;
  readonly upstream: Upstream;
}

const largestChange = 1024 * 1024;

/** The sandbox's own pages, without authentication: `/_sandbox/health`, `/_sandbox/settings` (GET, PUT) and `/_sandbox/log?since=N`. */
export async function answerControl(exchange: Exchange, control: Control): Promise<void> {
  const { request } = exchange;
  const url = new URL(request.url ?? "/", "http://sandbox");
  switch (`${request.method} ${url.pathname}`) {
    case "GET /_sandbox/health":
      return health(exchange, control);
    case "GET /_sandbox/settings":
      return json(exchange, 200, showSettings(control.settings));
    case "PUT /_sandbox/settings":
      return change(exchange, control.settings);
    case "GET /_sandbox/log": {
      const since = Number(url.searchParams.get("since") ?? 0) || 0;
      return json(exchange, 200, { last: control.log.last, entries: control.log.since(since) });
    }
    default:
      return json(exchange, 404, { message: `There is no ${request.method} ${url.pathname}` });
  }
}

async function health(exchange: Exchange, { upstream, sandboxId }: Control): Promise<void> {
  const registry = await upstream.send({ method: "GET", path: "/v2/" }).then(
    ({ status }) => status === 200,
    () => false,
  );
  return json(exchange, registry ? 200 : 503, {
    status: registry ? "ok" : "unavailable",
    sandbox: sandboxId,
    registry,
  });
}

async function change(exchange: Exchange, settings: Settings): Promise<void> {
  try {
    changeSettings(settings, JSON.parse((await readBody(exchange.request, largestChange)).toString("utf8")));
    return json(exchange, 200, showSettings(settings));
  } catch (error) {
    if (error instanceof ServiceError || error instanceof SyntaxError)
      return json(exchange, 400, { message: error.message });
    throw error;
  }
}

function json(exchange: Exchange, status: number, body: unknown): void {
  reply(exchange, { status, headers: { "content-type": "application/json" }, body: `${JSON.stringify(body)}\n` });
}
