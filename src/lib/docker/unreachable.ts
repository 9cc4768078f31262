/** A server that an image was to come from or to go to, and did not answer. */
export interface Unreachable {
  readonly host: string;
  /** The network's own words: `dial tcp: lookup registry.example.com: no such host`. */
  readonly why: string;
  /** What shows the same without docker. */
  readonly next: string;
}

/** The network's words, as Go's libraries have them. Certificates and rights are another matter: there, a server has answered. */
const network = /\btcp\b|timeout|timed out|deadline exceeded|no such host|request canceled|EOF$/i;

/**
 * A registry that docker asked in vain, from its words for a request that failed: `Get "https://…": dial tcp …`. The words
 * alone say nothing: a log driver, a program in a build and the daemon's own address fail in the same ones.
 * @param said what docker printed, after its trouble with its own daemon has been looked for
 */
export function unreachableRegistry(said: string): Unreachable | undefined {
  const [, url, why] = /\b(?:Get|Head|Post|Put|Patch) \\?"(https?:\/\/[^"\\]+)\\?": ([^\n]+)/.exec(said) ?? [];
  if (url === undefined || why === undefined || !network.test(why) || !URL.canParse(url)) return undefined;
  const { host, origin } = new URL(url);
  return { host, why, next: `curl -I ${origin}/v2/` };
}
