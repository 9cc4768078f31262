/** What the calls of a process share. */
export interface AwsContact {
  /** AWS has answered this process before, whatever it said. */
  answered: boolean;
  /** Calls that wait for AWS to get better. */
  waiting: number;
  /** Says to a person that a command waits. */
  note(text: string): void;
}

/** For a process that has not called AWS yet. */
export function openContact(note: (text: string) => void = () => undefined): AwsContact {
  return { answered: false, waiting: 0, note };
}
