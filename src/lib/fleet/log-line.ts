/** A line of text, without values of the environment. */
export interface LogLine {
  /** When docker got it, ISO 8601 to the nanosecond, by the host's clock; null in a deployment's log. */
  readonly loggedAt: string | null;
  /** The host's name. */
  readonly host: string;
  readonly service: string | null;
  /** Name of the container. */
  readonly container: string | null;
  readonly text: string;
}
