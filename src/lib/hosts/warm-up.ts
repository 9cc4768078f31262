import { requestsOfWarmUp } from "../config/checks-for.ts";
import type { Config } from "../config/config.ts";
import { asked } from "../probe/request-check.ts";
import { asOnHosts } from "../fleet/as-on-hosts.ts";

/** They travel with every order: what is more than this stays cold. */
const mostRequests = 20;
const mostCharacters = 6_000;

/** What a slot is asked before it serves, as it goes over the wire: whoever comes first should not wait for a first answer. */
export function warmUpRequests({ checks, runtime }: Pick<Config, "checks" | "runtime">): Buffer[] {
  const requests: Buffer[] = [];
  let characters = 0;
  for (const check of requestsOfWarmUp({ checks }).slice(0, mostRequests)) {
    const { method, headers, body = "" } = asked(asOnHosts(check, runtime));
    const all = { host: "localhost", accept: "text/html, */*", "user-agent": "threads", ...headers };
    const length = body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const lines = Object.entries({ ...all, ...length, connection: "close" }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    const request = Buffer.from([`${method} ${check.path} HTTP/1.1`, ...lines, "", body].join("\r\n"));
    characters += request.toString("base64").length;
    if (characters > mostCharacters) return requests;
    requests.push(request);
  }
  return requests;
}
