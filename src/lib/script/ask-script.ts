import type { HostScript } from "./render.ts";

export interface AskScript {
  readonly app: string;
  readonly nonce: string;
  /** The port that everybody asks. */
  readonly port: number;
  /** Whole requests, as they go over the wire; each must ask the server to close the connection. */
  readonly requests: readonly Buffer[];
  /** Names the answer: digits and small letters. Pieces of it are asked for under the same. */
  readonly key: string;
  /** Characters of the packed answer that are there already. */
  readonly offset: number;
  /** One request may take so long. */
  readonly limitMs: number;
  /** Characters of one piece. */
  readonly piece?: number;
}

/** SSM hands on 24,000 characters; what is told of each reply needs some of them. */
const mostOfPiece = 21_000;
/** Bytes of one reply; of a longer one nothing is read. */
const longest = 8 * 1024 * 1024;
/** So many requests at most in one script. */
export const mostRequests = 40;

/** The script that asks the application through the host's own port; see ask-report.ts for its answer. */
export function askScript({ app, nonce, port, requests, key, offset, limitMs, piece: given }: AskScript): HostScript {
  const assignments = {
    ACTION: "ask",
    APP: app,
    NONCE: nonce,
    PORT: port,
    REQUESTS: requests.map((request) => request.toString("base64")),
    KEY: key,
    OFFSET: offset,
    LIMIT: Math.ceil(limitMs / 1000),
    PIECE: given ?? mostOfPiece,
    MOST: longest,
  };
  return { name: "ask", assignments };
}
