import { inspect } from "node:util";

const shown = "[redacted]";

/** A value that never prints itself: not in templates, JSON, `console.log` or error dumps. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The bare value: call it only where it is handed to a process's stdin or a request. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
