import { Duplex } from "node:stream";

/** Stream of a frame, and what it holds. */
interface Frame {
  readonly isError: boolean;
  readonly payload: Buffer;
}

/**
 * Splits the engine's attach stream: frames of an 8-byte header (stream 1 = stdout, 2 = stderr; big-endian length) and a payload
 * (Docker Engine API, "Attach to a container", stream format).
 * @returns the frames that are whole, and what is left of `raw`
 */
function framesOf(raw: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  while (at + 8 <= raw.length && at + 8 + raw.readUInt32BE(at + 4) <= raw.length) {
    const end = at + 8 + raw.readUInt32BE(at + 4);
    frames.push({ isError: raw[at] === 2, payload: raw.subarray(at + 8, end) });
    at = end;
  }
  return { frames, rest: raw.subarray(at) };
}

/** All that a process has said. A frame that was cut off is kept as far as it came. */
export function demultiplex(raw: Buffer): { readonly stdout: string; readonly stderr: string } {
  const { frames, rest } = framesOf(raw);
  const cut = rest.length > 8 ? [{ isError: rest[0] === 2, payload: rest.subarray(8) }] : [];
  const textOf = (isError: boolean): string =>
    Buffer.concat([...frames, ...cut].flatMap((one) => (one.isError === isError ? [one.payload] : []))).toString(
      "utf8",
    );
  return { stdout: textOf(false), stderr: textOf(true) };
}

/** A process as a stream: what is written is its input, what is read its output; what it says of an error ends the stream. */
export function attached(socket: Duplex): Duplex {
  let [rest, errors] = [Buffer.alloc(0), ""];
  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, encoding, done) => void socket.write(chunk, encoding, done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on("data", (chunk: Buffer) => {
    const found = framesOf(Buffer.concat([rest, chunk]));
    rest = Buffer.from(found.rest);
    for (const { isError, payload } of found.frames) {
      if (isError) errors += payload.toString("utf8");
      else if (!stream.push(payload)) socket.pause();
    }
  });
  const end = (error?: Error): void => {
    stream.push(null);
    stream.destroy(error ?? (errors === "" ? undefined : new Error(errors.trim())));
  };
  socket.on("error", end).on("close", () => end());
  return stream;
}
