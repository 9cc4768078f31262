import { gunzipSync } from "node:zlib";

/** How one request ended. refused: nobody listens. late: not within its time. long: more than is read. broken: midway. */
export type AskEnd = "answered" | "refused" | "late" | "long" | "broken";

export interface AskReport {
  /** lacking: a program or room for replies, see `message`. gone: nobody has kept the rest of that answer. */
  readonly end: "asked" | "lacking" | "gone";
  readonly message: string;
  /** Characters of the whole packed answer. */
  readonly size: number;
  /** In the order of the requests; empty where only a piece was asked for. */
  readonly replies: readonly { readonly end: AskEnd; readonly bytes: number }[];
  /** Base64, from the offset that was asked for. */
  readonly piece: string;
}

const ends: readonly string[] = ["asked", "lacking", "gone"] satisfies AskReport["end"][];

/** @returns undefined where it is not the whole answer to this very question: the script was killed, or its output cut off */
export function parseAskReport(stdout: string, nonce: string): AskReport | undefined {
  const [line = "", piece] = stdout.split("\n");
  if (!line.startsWith('{"threads":1,"action":"ask",') || piece === undefined) return undefined;
  try {
    const raw = JSON.parse(line) as Omit<AskReport, "piece"> & { readonly nonce?: string };
    if (raw.nonce !== nonce || !ends.includes(raw.end)) return undefined;
    const { end, message, size, replies } = raw;
    return { end, message, size, replies, piece };
  } catch {
    return undefined;
  }
}

/** Far above what so many replies of a host can be together. */
const mostBytes = 512 * 1024 * 1024;

/** The replies of a whole packed answer, one after the other. @throws where it is not what the report speaks of */
export function unpackReplies(packed: string, replies: AskReport["replies"]): readonly Buffer[] {
  const all = gunzipSync(Buffer.from(packed, "base64"), { maxOutputLength: mostBytes });
  let at = 0;
  const found = replies.map(({ bytes }) => all.subarray(at, (at += bytes)));
  if (at !== all.length) throw new RangeError(`the replies have ${at} bytes by the report, and ${all.length} came`);
  return found;
}
