/** What of a compose file cannot run on a host, and what to do about it. */
export interface Problem {
  /** The service that it is about, where it is about one; it is the subject of the sentence. */
  readonly service?: string;
  readonly says: string;
}

/** `db mounts ./data, which is not committed: …`. */
export function sentence({ service, says }: Problem): string {
  return service === undefined ? says : `${service} ${says}`;
}
