import { hostRoot } from "./host-scripts.ts";
import type { HostScript } from "./render.ts";

/** Of a log that was written before it is read out: so much is in memory at a time. */
const mostBytes = 1_000_000;

export interface ReadOutScript {
  readonly app: string;
  readonly nonce: string;
  /** The host's own environment file: none of its values is shown. */
  readonly envFile: string;
  readonly number: number;
  readonly action: "deploy" | "weigh" | "restore";
  /** It ends by itself after this long, whatever the script is at that it reads out. */
  readonly limitMs: number;
  /** Seconds between two looks, and after which a script that was not seen at work is taken for one that has ended. */
  readonly pause?: number;
  readonly patience?: number;
  readonly root?: string;
}

/** The script that prints the host's own log of a deployment while that is written, for whoever takes its output elsewhere. */
export function readOutScript(options: ReadOutScript): HostScript {
  const { app, nonce, envFile, number, action, limitMs, pause = 1, patience = 60, root = hostRoot } = options;
  const assignments = {
    ACTION: "read-out",
    OF: action,
    APP: app,
    NUMBER: number,
    NONCE: nonce,
    ENV_FILE: envFile,
    LIMIT: Math.ceil(limitMs / 1000),
    MOST_BYTES: mostBytes,
    PAUSE: pause,
    PATIENCE: patience,
    ROOT: root,
  };
  return { name: "readOut", assignments };
}
