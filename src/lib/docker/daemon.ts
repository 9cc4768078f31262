/** What may stand before the client's own words: which of its parts speaks, and about what. */
const speaker = "^(?:(?:error|docker|unable to get image '[^']*'): )?";
/** Only from the beginning of a line: registries, and programs that a build runs, use some of these words too. */
const says = (words: string): RegExp => new RegExp(`${speaker}(?:${words})`, "i");
const forbidden = says("(?:got )?permission denied while trying to connect to the docker (?:daemon|api)");
const silent = says(
  'cannot connect to the docker daemon|error during connect: |failed to connect to the docker api|failed to initialize: unable to resolve docker endpoint|current context "[^"]*" is not found',
);

const noContext = /^(?:.*: )?(?:current )?context "([^"]*)"(?: is not found|: context not found)/i;

/** The context that docker was told to use and does not have; undefined where it says nothing like that. */
export function missingContext(lines: readonly string[]): string | undefined {
  return lines
    .map((line) => (silent.test(line) ? noContext.exec(line)?.[1] : undefined))
    .find((name) => name !== undefined);
}

/**
 * Why docker's client cannot talk to its daemon.
 * @param lines what docker printed on stderr @returns undefined where the client says nothing about its daemon
 */
export function daemonTrouble(lines: readonly string[]): "forbidden" | "silent" | undefined {
  for (const line of lines) {
    if (forbidden.test(line)) return "forbidden";
    if (silent.test(line)) return "silent";
  }
  return undefined;
}
