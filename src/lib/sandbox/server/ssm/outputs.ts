/** What GetCommandInvocation gives back of stdout (API reference, and the agent's own limit for both streams). */
const agentLimit = 24_000;
/** What GetCommandInvocation gives back of stderr (API reference). */
const errorLimit = 8_000;
/** CommandPlugins[].Output of ListCommandInvocations (API reference). */
const combinedLimit = 2_500;
const cut = "--output truncated--";

/** The head of a stream as the agent uploads it: the tail, where errors are, is what gets lost. */
export function agentOutput(text: string): string {
  return text.length <= agentLimit ? text : text.slice(0, agentLimit - cut.length) + cut;
}

/** The head of stderr as GetCommandInvocation shows it. */
export function errorContent(text: string): string {
  return text.slice(0, errorLimit);
}

/** Both streams in one field of at most 2,500 characters; each stream has half when they do not fit together. */
export function combinedOutput(stdout: string, stderr: string): string {
  const separator = "\n----------ERROR-------\n";
  const whole = stderr === "" ? stdout : `${stdout}${separator}${stderr}`;
  if (whole.length <= combinedLimit) return whole;
  const half = Math.floor((combinedLimit - separator.length) / 2);
  const out = shorten(stdout, stderr === "" ? combinedLimit : half, "\n---Output truncated---");
  return stderr === "" ? out : `${out}${separator}${shorten(stderr, half, "\n---Error truncated----")}`;
}

function shorten(text: string, limit: number, mark: string): string {
  return text.length <= limit ? text : text.slice(0, limit - mark.length) + mark;
}
