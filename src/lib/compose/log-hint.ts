/** What a container's log says where its cause is known and not in its own service. */
const hints: readonly { readonly says: RegExp; readonly hint: (word: string, service: string) => string }[] = [
  {
    // nginx, at its start.
    says: /host not found in upstream "?([\w.-]+)/,
    hint: (host, service) =>
      `nginx looks ${host} up when it starts, and it was not there yet: let ${service} depend on it (depends_on)`,
  },
  {
    // nginx, asked later.
    says: /\((?:110: (?:Connection|Operation) timed out|111: Connection refused|113: (?:Host is unreachable|No route to host))\) while connecting to upstream.*?upstream: "\w+:\/\/([^/"]+)/,
    hint: (address, service) =>
      `${service} gets no answer from ${address}: nginx keeps the address that a name had when it started; if what is behind it has been started anew since, restart ${service}, or let it look the name up again (resolver, and a variable in proxy_pass)`,
  },
  {
    says: /exec format error/i,
    hint: (_, service) => `the image of ${service} is for another processor: build it for this one (platform)`,
  },
];

/** @param log its last lines. @returns a sentence, where its words give the reason away */
export function logHint(service: string, log: readonly string[]): string | undefined {
  const text = log.join("\n");
  for (const { says, hint } of hints) {
    const found = says.exec(text);
    if (found !== null) return hint(found[1] ?? "", service);
  }
  return undefined;
}

/** Words of programs and libraries for something that does not listen, or has no address yet. */
const absent =
  /connection refused|ECONNREFUSED|could not (?:connect|translate host name)|no such host|name or service not known|temporary failure in name resolution|EAI_AGAIN|ENOTFOUND|the database system is starting up/i;

/** One that ended since something it needs was not ready, and was started again: there is a setting for that. */
export function orderHint(service: string, restarts: number, log: readonly string[]): string | undefined {
  if (restarts === 0 || !absent.test(log.join("\n"))) return undefined;
  return `if ${service} only came before what it needs, let it wait: depends_on: { NAME: { condition: service_healthy } }`;
}
