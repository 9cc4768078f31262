import type { Config } from "../config/config.ts";
import { asOnHosts } from "../fleet/as-on-hosts.ts";
import type { Member } from "../fleet/target.ts";
import type { Way } from "../fleet/way.ts";
import { httpGetOver } from "../probe/http-get.ts";
import { tunnel } from "../probe/tunnel.ts";
import { hostExchange } from "./host-exchange.ts";

/** One request, on the host. */
const limitMs = 15_000;
/** The same with the commands that carry it there and back, piece by piece. */
const carriedMs = 180_000;

/** Each host asks its own application through the port that everybody asks: nothing needs to reach it but SSM. */
export function hostWays(
  { app, runtime }: Pick<Config, "app" | "runtime">,
  environment: string,
  ports: Parameters<typeof hostExchange>[1],
): (host: Member) => Way {
  return (host) => {
    const asking = hostExchange({ app, environment, host, port: runtime.port, limitMs }, ports);
    const get = httpGetOver((either) => tunnel(asking.exchange, either));
    return {
      base: baseOf(runtime),
      get: (url, options) => get(url, { ...options, timeoutMs: carriedMs }),
      limitMs: carriedMs,
      asked: (check) => asOnHosts(check, runtime),
      silence: () => asking.silence(),
    };
  };
}

/** As people ask it who know its name; the port of its URL is that of the host. */
function baseOf({ host, port }: Config["runtime"]): string {
  return `http://${host ?? "localhost"}${port === 80 ? "" : `:${port}`}`;
}
