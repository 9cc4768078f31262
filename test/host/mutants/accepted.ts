/** A change that no test can notice, or need notice, and why. */
interface Accepted {
  readonly part: string;
  /** The line, trimmed. */
  readonly was: string;
  /** All changes of that line, where it is left out. */
  readonly becomes?: string;
  readonly why: string;
}

export const accepted: readonly Accepted[] = [
  {
    part: "preflight.sh",
    was: "((room >= free)) || free=$((room > 0 ? room : 0))",
    becomes: "((room >= free)) || free=$((room >= 0 ? room : 0))",
    why: "0 is 0 either way",
  },
  {
    part: "preflight.sh",
    was: "exec {told}<&-",
    becomes: ":",
    why: "the open end of a pipe that has ended hurts nobody",
  },
];
